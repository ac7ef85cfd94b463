"""Two nurses record one follow-up in the same moment (R-68)."""

from datetime import date

import pytest

from patients.followup import verbs
from patients.models import CareKind, FollowUp
from security.permissions import Role
from tests.concurrency.together import run_together
from tests.conftest import person
from tests.factories.patients import PatientFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def care(nurse):
    patient = PatientFactory(birth_date=date(1980, 3, 16))
    return verbs.open_file(patient=patient, kind=CareKind.HYPERTENSION, by=nurse)


def record_both(care, nurse, *, locked=True) -> list[str]:
    """Two nurses at the care file's first date; what came of each."""
    row, other = care.follow_ups.get(), person("nurse2", "吴护士", Role.NURSE)
    answers = run_together(
        "tests.concurrency.followers:record",
        [
            {"row": str(row.pk), "by": who.pk, "systolic": systolic, "locked": locked}
            for who, systolic in ((nurse, "131"), (other, "136"))
        ],
    )
    return sorted(answer.get("error") or "recorded" for answer in answers)


def test_without_the_lock_one_nurse_overwrites_the_other(care, nurse):
    assert record_both(care, nurse, locked=False) == ["recorded", "recorded"]


def test_of_two_who_record_one_date_one_is_told_R68(care, nurse):
    told = record_both(care, nurse)

    assert told == ["ChangedMeanwhile", "recorded"]
    assert care.follow_ups.filter(state=FollowUp.State.PLANNED).count() == 1
