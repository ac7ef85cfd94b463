"""Two people make or switch on what every visit is charged, at the same moment (R-85)."""

import pytest

from clinic.cashier.models import FeeItem
from tests.concurrency.together import run_together
from tests.factories.cash import fee

pytestmark = pytest.mark.django_db(transaction=True)
REGISTRATION = {"verb": "make", "name": "挂号费", "kind": "registration", "code": "G01"}


def at_once(*calls: dict) -> list[str]:
    answers = run_together("tests.concurrency.price_setters:act", list(calls))
    return sorted(answer.get("result") or answer["error"] for answer in answers)


@pytest.fixture
def stopped(db) -> dict:
    return {"verb": "switch_on", "item": fee("registration", "1.00", active=False).pk}


def test_a_registration_fee_is_made_once(administrator):
    first = REGISTRATION | {"by": administrator.pk}

    assert at_once(first, first | {"code": "G02"}) == ["department", "done"]
    assert FeeItem.objects.filter(active=True).count() == 1


def test_a_fee_is_switched_on_or_another_one_made_not_both(administrator, stopped):
    by = {"by": administrator.pk}

    assert at_once(REGISTRATION | by, stopped | by) == ["department", "done"]
    assert FeeItem.objects.filter(active=True).count() == 1


def test_a_code_is_given_once_and_the_second_is_told_so(administrator):
    first = REGISTRATION | {"by": administrator.pk, "kind": "other"}

    assert at_once(first, first | {"name": "工本费"}) == ["code", "done"]
    assert FeeItem.objects.count() == 1
