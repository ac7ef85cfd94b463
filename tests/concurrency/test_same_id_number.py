"""Two desks open a file for the same person at the same moment (R-81)."""

from datetime import date

import pytest

from patients.models import Patient
from tests.concurrency.together import run_together
from tests.factories.patients import id_number

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER = id_number(date(1958, 3, 16))


def race(by, how: str) -> list[dict]:
    # Two names: a person registered under a slip of the pen, which only the number can tell.
    calls = [
        {"number": NUMBER, "name": name, "by": by.pk, "how": how} for name in ("王秀英", "王秀瑛")
    ]
    return run_together("tests.concurrency.registrars:open_file", calls)


def outcomes(answers: list[dict]) -> list[str]:
    return sorted(answer.get("error", "opened") for answer in answers)


def test_the_check_alone_lets_both_pass_and_only_the_database_stops_one(frontdesk):
    answers = race(frontdesk, "check alone")

    assert outcomes(answers) == ["IntegrityError", "opened"], answers


@pytest.mark.parametrize("how", ["whole", "bare"])
def test_one_file_is_opened_and_the_other_desk_is_told_which_R81(frontdesk, how):
    answers = race(frontdesk, how)

    assert outcomes(answers) == ["NumberTaken", "opened"], answers
    refused = next(answer for answer in answers if "error" in answer)
    assert Patient.objects.get().record_no in refused["text"]


def test_different_people_get_different_numbers(frontdesk):
    calls = [
        {
            "number": id_number(date(1958, 3, 16), n),
            "name": name,
            "by": frontdesk.pk,
            "how": "whole",
        }
        for n, name in enumerate(("王秀英", "李建国", "赵桂珍"))
    ]

    answers = run_together("tests.concurrency.registrars:open_file", calls)

    assert sorted(answer["result"] for answer in answers) == ["P00000001", "P00000002", "P00000003"]
