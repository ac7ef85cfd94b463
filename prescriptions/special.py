"""Sheets of narcotics and class-I psychotropics: identity and the day's running number (R-7, R-12).

The window's side of them is in collecting.py, the register in register.py.
"""

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.numbers import next_number
from prescriptions.models import Prescription


def is_special(prescription: Prescription) -> bool:
    """True for a sheet on pale red paper."""
    return prescription.kind == Prescription.Kind.NARCOTIC


def number(prescription: Prescription) -> None:
    """Give a sheet that is handed in its number of the day; one that came back keeps its own.

    Drawn within the caller's transaction: a refused sheet leaves no hole (R-12).
    """
    if not is_special(prescription):
        return
    require_identity(prescription)
    if prescription.special_no is None:
        day = timezone.localdate(prescription.submitted_at)
        prescription.special_on = day
        prescription.special_no = next_number(f"rx.special.{day:%Y%m%d}")


def require_identity(prescription: Prescription) -> None:
    """RuleBroken while the patient's file has no document number (R-7)."""
    if not prescription.patient.id_number:
        raise RuleBroken(
            _(
                "Narcotics and class-I psychotropics need the number of the patient's identity "
                "document. Please have it entered in the patient's file first."
            ),
            rule="R-7",
        )


def head_of(prescription: Prescription) -> dict:
    """What such a sheet's head says besides (R-7, R-12); nothing for other sheets."""
    if not is_special(prescription):
        return {}
    return {
        "id_number": prescription.patient.id_number or "",
        "special_no": prescription.special_no,
        "special_on": prescription.special_on.isoformat() if prescription.special_on else "",
    }
