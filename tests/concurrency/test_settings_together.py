"""Two administrators set, tick, close or enter the same at the same moment."""

from datetime import timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
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
def test_of_two_values_of_a_setting_the_last_on_record_stands(administrator, there):
    if there:
        Setting.objects.create(key="queue.priority_age", value="80")
    calls = [
        {"key": "queue.priority_age", "value": value, "by": administrator.pk}
        for value in ("70", "75")
    ]

    said = together("set_value", calls)

    stands = Setting.objects.get(key="queue.priority_age")
    told = on_record(stands, "value")
    assert told[-1] == stands.value and set(told) - {"80"} <= {"70", "75"}, told
    # Whoever is not told "done" is told that somebody was quicker, and wrote nothing.
    assert len(told) - there == said.count("done") and set(said) <= {"done", "AlreadyDone"}, said


@pytest.mark.parametrize("there", [False, True])
def test_a_step_ticked_and_put_off_at_once_is_one_step(administrator, there):
    if there:
        GuideStep.objects.create(code="people", state="later", by=administrator)
    calls = [
        {"code": "people", "state": state, "by": administrator.pk} for state in ("done", "later")
    ]

    said = together("tick", calls)

    assert "done" in said and set(said) <= {"done", "AlreadyDone"}, said
    assert GuideStep.objects.get().state in ("done", "later")


@pytest.mark.parametrize("there", [False, True])
def test_a_day_that_two_close_is_closed_once_by_the_last_on_record(administrator, there):
    day = timezone.localdate() + timedelta(days=30)
    if there:
        Holiday.objects.create(date=day, name="调休", active=False)
    calls = [{"day": str(day), "name": name, "by": administrator.pk} for name in ("元旦", "消毒")]

    said = together("close_day", calls)

    kept = Holiday.objects.get()
    told = on_record(kept, "name")
    assert kept.active and told[-1] == kept.name != "调休", told
    assert len(told) - there == said.count("done") and set(said) <= {"done", "AlreadyDone"}, said


def on_record(row, name: str) -> list[str]:
    """The values that the log tells of this attribute, in their order."""
    of = ContentType.objects.get_for_model(row)
    entries = AuditEntry.objects.filter(object_pk=str(row.pk), content_type=of)
    changes = entries.order_by("pk").values_list("changes", flat=True)
    return [change[name][1] for change in changes if name in change]


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
