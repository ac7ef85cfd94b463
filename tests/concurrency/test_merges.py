"""Two desks merge the same two files, or one gives a number to what the other merges (R-81)."""

import pytest

from patients.models import Merge, Patient
from registration.models import Registration
from tests.concurrency.together import run_together
from tests.factories.patients import PatientFactory
from tests.factories.registration import open_session

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


def test_a_number_given_while_its_file_is_merged_lies_in_the_kept_file_R81(doctor, frontdesk):
    kept, merged, session = PatientFactory(), PatientFactory(), open_session(doctor)
    files = {"kept": str(kept.pk), "merged": str(merged.pk)}

    answers = run_together(
        "tests.concurrency.callers:merge_or_register",
        [
            {"what": what, **files, "session": session.pk, "by": frontdesk.pk}
            for what in ("register", "merge")
        ],
    )

    given = "result" in answers[0]  # else the merge was first, and the desk was told so
    assert "result" in answers[1]
    assert list(Registration.objects.values_list("patient", flat=True)) == [kept.pk] * given
