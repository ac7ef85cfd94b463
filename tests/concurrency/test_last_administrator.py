"""Two administrators take the role from each other at the same moment (R-142)."""

import pytest

from security.models import User
from security.permissions import Role
from tests.concurrency.together import run_together
from tests.conftest import person

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_of_them_stays_administrator_R142(administrator):
    other = person("admin2", "另一位", Role.ADMINISTRATOR)
    pairs = [(administrator, other), (other, administrator)]
    calls = [{"user": user.pk, "by": by.pk} for user, by in pairs]

    answers = run_together("tests.concurrency.administrators:demote", calls)

    assert sorted(answer.get("error", "done") for answer in answers) == ["RuleBroken", "done"]
    left = User.objects.filter(groups__name=Role.ADMINISTRATOR)
    assert left.count() == 1


def test_two_who_close_each_others_account_leave_one_R142(administrator):
    other = person("admin2", "另一位", Role.ADMINISTRATOR)
    pairs = [(administrator, other), (other, administrator)]
    calls = [{"user": user.pk, "by": by.pk} for user, by in pairs]

    run_together("tests.concurrency.administrators:close", calls)

    left = User.objects.filter(groups__name=Role.ADMINISTRATOR, is_active=True)
    assert left.count() == 1
