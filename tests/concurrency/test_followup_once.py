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


@pytest.mark.parametrize(
    ("locked", "recorded", "planned"), [(False, 2, 2), (True, 1, 1)], ids=["no lock", "lock"]
)
def test_of_two_who_record_one_date_one_does(care, nurse, locked, recorded, planned):
    row, other = care.follow_ups.get(), person("nurse2", "吴护士", Role.NURSE)

    answers = run_together(
        "tests.concurrency.followers:record",
        [
            {"row": str(row.pk), "by": who.pk, "systolic": systolic, "locked": locked}
            for who, systolic in ((nurse, "131"), (other, "136"))
        ],
    )

    assert sum("result" in answer for answer in answers) == recorded, answers
    assert care.follow_ups.filter(state=FollowUp.State.PLANNED).count() == planned
    errors = {answer["error"] for answer in answers if "error" in answer}
    assert errors == ({"ChangedMeanwhile"} if locked else set())
