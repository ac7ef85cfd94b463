"""One code typed into two browsers at the same moment opens one of them."""

import pytest

from security import second_factor
from security.models import SecondFactor
from tests.concurrency.together import run_together
from tests.security.test_second_factor import code_of

pytestmark = pytest.mark.django_db(transaction=True)
BROWSERS = 3


def test_one_code_opens_one_browser(administrator):
    second_factor.begin(by=administrator)
    papers = second_factor.confirm(code=code_of(administrator), by=administrator)
    SecondFactor.objects.update(last_step=0)
    one_time, paper = code_of(administrator), papers[0]

    for verb, code in (("one_time", one_time), ("recovery", paper)):
        call = {"by": administrator.pk, "code": code}
        answers = run_together(f"tests.concurrency.second_steps:{verb}", [call] * BROWSERS)

        assert len([answer for answer in answers if "result" in answer]) == 1, answers
        assert [a["error"] for a in answers if "error" in a] == ["RuleBroken"] * 2, answers


def test_two_tabs_at_the_first_sign_in_show_one_seed(administrator):
    answers = run_together("tests.concurrency.second_steps:begin", [{"by": administrator.pk}] * 2)

    seed = SecondFactor.objects.get().seed
    assert [answer.get("result") for answer in answers] == [seed, seed], answers
