"""What the doctor states about the whole sheet: a longer validity, and what a long-term
prescription needs (R-22, R-29)."""

from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry
from prescriptions.models import Prescription, PrescriptionItem
from prescriptions.moves import editable
from prescriptions.rules.durations import ASSESSED, LONG_TERM
from prescriptions.rules.sheet import MOST_EXTENDED

LONGEST = 300


@atomic_retry
def state_terms(
    *,
    prescription: Prescription,
    extra_days: int = 0,
    assessment: str = "",
    patient_agreed: bool = False,
    by,
) -> Prescription:
    """Note by how many days the sheet is valid longer, the assessment, and the patient's yes."""
    prescription = editable(prescription, by)
    if not 0 <= extra_days <= MOST_EXTENDED:
        raise RuleBroken(
            _("A prescription is valid on its day and three more at most."),
            field="extra_days",
            rule="R-22",
        )
    if len(assessment) > LONGEST:
        raise RuleBroken(
            _("Please write the assessment in at most 300 characters."), field="assessment"
        )
    prescription.extra_days = extra_days
    prescription.assessment = assessment or None
    prescription.patient_agreed = patient_agreed
    prescription.version += 1
    prescription.save()
    return prescription


def extra_days_choices() -> list[tuple[int, str]]:
    """What the doctor chooses from."""
    return [
        (0, _("on the day of issue")),
        (1, _("one day longer")),
        (2, _("two days longer")),
        (3, _("three days longer")),
    ]


def is_long_term(items: list[PrescriptionItem]) -> bool:
    """More than two weeks; up to that a course is only long (R-23)."""
    return any(item.days > LONG_TERM for item in items)


def forget_unneeded(prescription: Prescription, items: list[PrescriptionItem]) -> None:
    """An assessment stays only with what it was made for: a supply of more than four weeks."""
    if not any(item.days > ASSESSED for item in items):
        prescription.assessment, prescription.patient_agreed = None, False
