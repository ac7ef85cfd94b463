"""Cashier: bills, receipts, refunds, shifts, fees."""

from django.utils.translation import gettext_lazy as _

from clinic.help.topic import Topic

TOPICS = [
    Topic(
        "cashier",
        _("Charging"),
        _(
            "Type the digits of the queue number or a name and press Enter; F9 opens the first that"
            " waits. Patients appear here as soon as something is to be paid."
        ),
        keys=(
            "F9",
            "Alt Q",
        ),
    ),
    Topic(
        "bill",
        _("A bill"),
        _(
            "Check the lines, choose how it is paid, type what you were given. F9 takes the money "
            "and opens the receipt; the change is shown. In an emergency a payment is put off with "
            "a reason."
        ),
        keys=("F9",),
    ),
    Topic(
        "receipt_show",
        _("Receipts and refunds"),
        _(
            "F8 prints the receipt; F9 goes on to the next bill. Choose the lines to refund and "
            "give the reason; the money goes back the way it came. Drugs that were handed out come "
            "back at the pharmacy first."
        ),
        also=(
            "receipt_paper",
            "receipt_refund",
        ),
        keys=(
            "F8",
            "F9",
        ),
    ),
    Topic(
        "shift",
        _("Shifts and takings"),
        _(
            "Count the drawer and type the amount before you look at the sum of the system. A "
            "difference is written with its reason, never evened out."
        ),
        also=(
            "shift_list",
            "shift_show",
            "shift_close",
            "takings",
        ),
        keys=("F9",),
    ),
    Topic(
        "fee_list",
        _("Fees"),
        _(
            "What is charged for which service, from which day on. A new price begins on a day; "
            "bills of before keep theirs."
        ),
        also=(
            "fee_new",
            "fee_show",
            "fee_import",
            "fee_import_show",
            "fee_import_refused",
        ),
        keys=("F9",),
    ),
]
