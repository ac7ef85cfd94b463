"""When nothing works: what to do on paper until the system is back (R-178)."""

from django.utils.translation import gettext_lazy as _

STEPS = [
    _("A patient in danger comes first: call 120, treat, write later."),
    _(
        "Look whether it is only this PC: try another one. Check power and "
        "network cable, wait a minute, reload the page."
    ),
    _(
        "Front desk: take the printed emergency numbers from the drawer. Write "
        "name, phone, time and allergies on their sheet."
    ),
    _(
        "Doctor: ask about allergies, write record and prescription by hand on "
        "the forms, sign them."
    ),
    _("Pharmacist: review by hand; note drug, lot, amount and time of everything handed out."),
    _(
        "Tell whoever looks after the system when it began and what the screen "
        "said; don't switch the server off."
    ),
    _(
        "When it is back: type in what was given on paper with its original "
        "time, register the handwritten prescriptions, count what was handed "
        "out."
    ),
]
