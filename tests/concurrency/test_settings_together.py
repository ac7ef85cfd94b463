"""Two administrators set, tick, close or enter the same at the same moment."""

from datetime import timedelta

import pytest
from django.utils import timezone

from clinic.core.models import GuideStep, Setting
from registration.models import Holiday
from security.models import AuditEntry, User
from tests.concurrency.together import run_together

pytestmark = pytest.mark.django_db(transaction=True)
SETTERS = "tests.concurrency.setters"


def together(function: str, calls: list[dict]) -> list[str]:
    answers = run_together(f"{SETTERS}:{function}", calls)
    return sorted(answer.get("error") or answer["result"] for answer in answers)


@pytest.mark.parametrize("there", [False, True])
def test_of_two_values_of_a_setting_one_stands_and_both_are_told(administrator, there):
    if there:
        Setting.objects.create(key="site.charges", value="no")
    calls = [{"key": "site.charges", "value": "yes", "by": administrator.pk}] * 2

    assert set(together("set_value", calls)) <= {"done", "AlreadyDone"}

    assert Setting.objects.get(key="site.charges").value == "yes"


@pytest.mark.parametrize("there", [False, True])
def test_a_step_ticked_twice_is_one_step(administrator, there):
    if there:
        GuideStep.objects.create(code="people", state="later", by=administrator)
    calls = [{"code": "people", "state": "done", "by": administrator.pk}] * 2

    assert set(together("tick", calls)) <= {"done", "AlreadyDone"}

    assert GuideStep.objects.get().state == "done"


@pytest.mark.parametrize("there", [False, True])
def test_a_day_that_two_close_is_closed_once(administrator, there):
    day = timezone.localdate() + timedelta(days=30)
    if there:
        Holiday.objects.create(date=day, name="调休", active=False)
    calls = [{"day": str(day), "name": "元旦", "by": administrator.pk}] * 2

    assert set(together("close_day", calls)) <= {"done", "AlreadyDone"}

    kept = Holiday.objects.get()
    assert (kept.name, kept.active) == ("元旦", True)


def test_the_second_of_two_people_of_one_name_is_refused_in_words(administrator):
    calls = [
        {"username": "wang", "full_name": name, "by": administrator.pk} for name in ("王一", "王二")
    ]

    said = together("enter_person", calls)

    assert said[1] == "done" and said[0] in ("AlreadyDone", "RuleBroken"), said
    person = User.objects.get(username="wang")
    assert [group.name for group in person.groups.all()] == ["nurse"]
    made = AuditEntry.objects.filter(event="create", object_pk=str(person.pk))
    assert made.filter(content_type__model="user").count() == 1
