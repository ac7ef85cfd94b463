"""One pharmacist on duty: who reviewed hands out as well, and signs again for it (R-33)."""

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.site import setting
from prescriptions.models import Prescription


def is_needed(prescription: Prescription, by) -> bool:
    """True when the person at the window is the one who reviewed."""
    return prescription.reviewer_id == by.pk


def require(prescription: Prescription, *, by, witness, signed_again: bool) -> None:
    """RuleBroken unless two people stand for the sheet, or one who has signed twice.

    A `witness` is a second person, who has just confirmed (R-120); oneself is none.
    """
    is_other = witness is not None and witness.pk != by.pk
    if is_other or not is_needed(prescription, by):
        return
    if not setting("dispensing.alone"):
        raise RuleBroken(
            _(
                "Not handed out: you reviewed this prescription yourself, and here another person "
                "hands out. Please ask a colleague."
            ),
            rule="R-33",
        )
    if not signed_again:
        raise RuleBroken(
            _(
                "Not handed out: you reviewed this prescription yourself. Please sign again with "
                "your password."
            ),
            field="password",
            rule="R-33",
        )
    prescription.double_signed_at = timezone.now()
