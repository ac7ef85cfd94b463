"""Pharmacists and nurses: review, window, treatments, recalls."""

from django.utils.translation import gettext_lazy as _

from clinic.help.topic import Topic

TOPICS = [
    Topic(
        "review_list",
        _("Review"),
        _(
            "Prescriptions that wait, the oldest first; F9 opens the next. The list refreshes by "
            "itself. A reason beside a name tells why the doctor went on against an alert."
        ),
        keys=("F9",),
    ),
    Topic(
        "review",
        _("Review one prescription"),
        _(
            "On the left the sheet, in the middle what a person must judge, on the right the drugs "
            "of the last months. F9 approves and opens the next sheet. Alt R goes to the reason, "
            "Enter there returns the sheet to the doctor; you never change it yourself."
        ),
        keys=(
            "F9",
            "Alt R",
            "Alt N",
        ),
    ),
    Topic(
        "dispense_list",
        _("Dispensing"),
        _(
            "Approved sheets wait here, the oldest first; F9 opens the next. Whoever has to pay "
            "first appears after paying."
        ),
        keys=("F9",),
    ),
    Topic(
        "dispense",
        _("Pick, check, hand out"),
        _(
            "Pick by the list: shelf first, then the lot that expires first, and scan the box if "
            "there is a code. Compare name, drug, amount and usage, and read the usage aloud. F9 "
            "hands out and books the stock; a mistake is sent back to the doctor with a reason."
        ),
        also=(
            "dispense_collector",
            "bag_labels",
        ),
        keys=("F9",),
    ),
    Topic(
        "prescription_return",
        _("Drugs come back"),
        _(
            "Only what may be used again goes back on the shelf; everything else is written off. "
            "Choose the rows and amounts and give the reason. Money is refunded by the cashier."
        ),
        keys=("F9",),
    ),
    Topic(
        "special_register",
        _("Special register"),
        _(
            "Narcotics and class-I psychotropics are written here by themselves when they are "
            "handed out. Empties that came back are noted in the same row. F8 prints the register."
        ),
        also=(
            "special_register_print",
            "prescription_register",
        ),
        keys=("F8",),
    ),
    Topic(
        "treatment_list",
        _("Treatment room"),
        _(
            "F9 opens the next turn: check name and drug, then note start and end. Skin tests are "
            "read after their minutes; two people look at the result. Without a negative skin test "
            "the drug is not given."
        ),
        also=(
            "treatment_turn",
            "treatment_day",
            "bottle_labels",
            "infusion_card",
            "skin_test_list",
        ),
        keys=(
            "F9",
            "Alt Z",
        ),
    ),
    Topic(
        "recall_patients",
        _("Who got this lot"),
        _(
            "Everybody who got the lot, with how much and when. Call them, note what came of it, "
            "and print the list for the report."
        ),
        also=("recall_print",),
        keys=("F8",),
    ),
]
