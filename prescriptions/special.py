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
    number, no = prescription.patient.id_number or "", prescription.special_no
    return {
        "id_number": number,
        "special_no": no,
        "special_on": prescription.special_on.isoformat() if prescription.special_on else "",
        # Label and text of what the paper shows besides.
        "extra": [[_("Document number"), number], [_("No. of the day"), str(no or "")]],
    }


def with_agent(head: dict, name: str, relation: str, id_number: str) -> dict:
    """The same head with whoever collects for the patient, the only line that comes later (R-7)."""
    agent = [
        [_("Collected by"), f"{name}（{relation}）"],
        [_("Collector's document number"), id_number],
    ]
    labels = {label for label, _text in agent}
    kept = [line for line in head.get("extra", []) if line[0] not in labels]
    return {**head, "extra": [*kept, *(agent if name else [])]}
