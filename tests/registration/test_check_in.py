"""Booked patients who come (R-87, R-91)."""

import datetime

import pytest
from django.utils import timezone

from clinic.core.errors import RuleBroken
from clinic.core.models import Setting
from registration.booking import check_in
from registration.models import Registration
from registration.queue import waiting
from registration.states import VisitState
from tests.factories.registration import waiting_visit


@pytest.fixture
def booked(session, frontdesk):
    Setting.objects.create(key="site.check_in_at_desk", value="no")
    return waiting_visit(session, frontdesk)


def test_check_in_puts_the_patient_into_the_queue_R87(booked, session, frontdesk):
    check_in(registration=booked, by=frontdesk)

    assert waiting(session) == [booked]
    assert Registration.objects.get(pk=booked.pk).checked_in_at is not None


def test_check_in_twice_is_refused(booked, frontdesk):
    first = check_in(registration=booked, by=frontdesk)

    with pytest.raises(RuleBroken):
        check_in(registration=booked, by=frontdesk)

    assert Registration.objects.get(pk=booked.pk).checked_in_at == first.checked_in_at


def test_nobody_is_checked_in_for_another_day(booked, frontdesk):
    booked.day = timezone.localdate() + datetime.timedelta(days=1)
    booked.save()

    with pytest.raises(RuleBroken):
        check_in(registration=booked, by=frontdesk)


def test_the_button_at_the_desk_checks_in(booked, frontdesk, as_):
    client = as_(frontdesk)
    assert f"/registration/{booked.pk}/check-in/" in client.get("/registration/").content.decode()

    response = client.post(f"/registration/{booked.pk}/check-in/")

    assert response.status_code == 302
    assert Registration.objects.get(pk=booked.pk).state == VisitState.WAITING


def test_check_in_by_get_does_nothing(booked, frontdesk, as_):
    assert as_(frontdesk).get(f"/registration/{booked.pk}/check-in/").status_code == 405
