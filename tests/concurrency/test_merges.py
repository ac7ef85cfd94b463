"""Two desks merge the same two files at the same moment, each into the other (R-81)."""

import pytest

from patients.models import Merge, Patient
from tests.concurrency.together import run_together
from tests.factories.patients import PatientFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_files_merged_into_each_other_leave_one_R81(frontdesk):
    one, other = PatientFactory(), PatientFactory()
    pairs = [(one, other), (other, one)]

    answers = run_together(
        "tests.concurrency.callers:merge_files",
        [{"kept": str(k.pk), "merged": str(m.pk), "by": frontdesk.pk} for k, m in pairs],
    )

    assert sorted(answer.get("error", "merged") for answer in answers) == ["RuleBroken", "merged"]
    assert Merge.objects.count() == 1
    assert Patient.objects.filter(state="active").count() == 1
