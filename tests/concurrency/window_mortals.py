"""The process of test_dispense_killed.py: it hands out and is killed at a given statement."""

from uuid import UUID

from prescriptions import dispensing
from prescriptions.models import Prescription
from security.models import User
from tests.concurrency.mortals import die_at_each


def die_at(sheet: str, by: int, part: dict[str, int]) -> None:
    """For each number asked: hand out and die before that statement; "killed" or "done"."""
    parts = {UUID(item): units for item, units in part.items()}

    def hand_out() -> None:
        prescription, person = Prescription.objects.get(pk=sheet), User.objects.get(pk=by)
        dispensing.dispense(prescription=prescription, parts=parts, by=person)

    die_at_each(hand_out)
