"""The pages of the till, for the inventory."""

from tests.browser.shown import Shown

PAGES = [
    Shown("cashier", "shift"),
    Shown("cashier", "shift_list"),
    Shown("cashier", "shift_show", "shift"),
    Shown("admin", "shift_close", "shift"),
    Shown("cashier", "takings"),
    Shown("cashier", "takings", query="?group=item"),
    Shown("admin", "fee_list"),
    Shown("admin", "fee_new"),
    Shown("admin", "fee_show", "fee_item"),
    Shown("admin", "fee_import"),
    Shown("admin", "fee_import_show", "fees_read"),
]
PARTS = {"fee_import_refused"}
