"""The words above the cashier's pages."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from security.permissions import P


@dataclass(frozen=True)
class Section:
    """One word of the strip, for whoever holds one of the permissions."""

    label: object
    url_name: str
    any_of: tuple[P, ...]
    also: tuple[str, ...] = ()  # other pages that belong under this word

    def is_for(self, user) -> bool:
        return any(user.has_perm(permission) for permission in self.any_of)


SECTIONS = [
    Section(
        _("Take money"),
        "cashier",
        (P.TAKE_MONEY,),
        ("bill", "bill_put_off", "bill_add", "receipt_show", "receipt_refund"),
    ),
    Section(_("My shift"), "shift", (P.TAKE_MONEY,)),
    Section(
        _("Shifts"), "shift_list", (P.TAKE_MONEY, P.READ_TAKINGS), ("shift_show", "shift_close")
    ),
    Section(_("Takings"), "takings", (P.TAKE_MONEY, P.READ_TAKINGS)),
    Section(
        _("Fee items"),
        "fee_list",
        (P.MANAGE_FEES,),
        ("fee_new", "fee_show", "fee_import", "fee_import_show"),
    ),
]

# All of them belong under one word of the rail.
URL_NAMES = tuple(name for section in SECTIONS for name in (section.url_name, *section.also))


def sections(user, here: str) -> list[dict]:
    """The strip's words for this person; `here` is the URL name of the page shown."""
    return [
        {
            "label": section.label,
            "url": reverse(section.url_name),
            "current": here in (section.url_name, *section.also),
        }
        for section in SECTIONS
        if section.is_for(user)
    ]
