"""The week at a glance, and the administration behind it (R-99)."""

import pytest
from django.urls import reverse

from registration.models import Clinician, Department, Icd10Code, Room, WeeklySchedule
from tests.factories.registration import WeeklyScheduleFactory


@pytest.fixture
def plan(session):
    return WeeklyScheduleFactory(clinician=session.clinician, weekday=2, quota=17)


def test_the_week_shows_who_when_and_how_many(plan, frontdesk, as_):
    page = as_(frontdesk).get("/registration/schedule/")

    (row,) = page.context["rows"]
    assert [len(day) for day in row["days"]] == [0, 0, 1, 0, 0, 0, 0]
    assert "17" in page.content.decode()


def test_what_is_out_of_use_is_not_shown(plan, frontdesk, as_):
    plan.active = False
    plan.save()

    assert as_(frontdesk).get("/registration/schedule/").context["rows"] == []


def test_only_administrators_are_led_to_the_administration(plan, frontdesk, administrator, as_):
    link = reverse("admin:registration_weeklyschedule_changelist")

    assert link in as_(administrator).get("/registration/schedule/").content.decode()
    assert link not in as_(frontdesk).get("/registration/schedule/").content.decode()


@pytest.mark.parametrize("model", [Department, Room, Clinician, WeeklySchedule, Icd10Code])
def test_the_administrator_keeps_the_lists_and_deletes_nothing(
    plan, bronchitis, administrator, as_, model
):
    client, name = as_(administrator), model._meta.model_name
    row = model.objects.first()

    for view in ("changelist", "add"):
        assert client.get(reverse(f"admin:registration_{name}_{view}")).status_code == 200
    assert (
        client.get(reverse(f"admin:registration_{name}_change", args=[row.pk])).status_code == 200
    )
    gone = client.post(reverse(f"admin:registration_{name}_delete", args=[row.pk]), {"post": "yes"})
    assert gone.status_code == 403 and model.objects.filter(pk=row.pk).exists()
