"""Two desks open a file for one person who has no document at hand, at the same moment (R-81)."""

import pytest

from patients.models import Patient
from tests.concurrency.together import run_together

pytestmark = pytest.mark.django_db(transaction=True)
DESK = "tests.concurrency.registrars:open_without_number"


def at_two_desks(by, *names: str) -> list[dict]:
    return run_together(DESK, [{"name": name, "by": by.pk} for name in names])


def test_one_file_is_opened_and_the_other_desk_is_asked_to_look_R81(frontdesk):
    answers = at_two_desks(frontdesk, "王秀英", "王秀英")

    assert sorted(answer.get("error", "opened") for answer in answers) == [
        "PossibleDuplicate", "opened",
    ], answers  # fmt: skip
    assert Patient.objects.get().record_no == "P00000001"


def test_who_is_refused_leaves_no_hole_in_the_numbers_R57(frontdesk):
    at_two_desks(frontdesk, "王秀英", "王秀英")

    answers = at_two_desks(frontdesk, "李建国", "赵桂珍")

    assert sorted(answer.get("result", "") for answer in answers) == ["P00000002", "P00000003"]
