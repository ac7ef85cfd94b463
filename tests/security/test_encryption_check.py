"""Once a week everything sealed is opened by itself, and what does not open is told."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from clinic.core import scheduler
from security import audit, encryption_check
from security.models import AuditEntry
from tests.factories.patients import PatientFactory

pytestmark = pytest.mark.django_db
HOME = "/security/"


def verified(ago: timedelta) -> None:
    data = {"rows": 1, "cells": 1, "faults": 0}
    moment = timezone.now() - ago
    AuditEntry.objects.create(
        event=encryption_check.EVENT, action=3, timestamp=moment, additional_data=data
    )


def runs() -> int:
    return AuditEntry.objects.filter(event=encryption_check.EVENT).count()


@pytest.mark.parametrize(
    ("ago", "is_night", "again"),
    [
        (timedelta(days=6), True, False),
        (timedelta(days=7), False, False),
        (timedelta(days=7), True, True),
        (timedelta(days=8), False, True),
    ],
)
def test_it_runs_in_the_night_of_the_week_or_late_by_day(ago, is_night, again, monkeypatch):
    hours = range(24) if is_night else range(0)
    monkeypatch.setattr(encryption_check, "NIGHT", hours)
    verified(ago)

    encryption_check.verify_weekly()

    assert runs() == 1 + again


def test_the_scheduler_begins_with_it_by_itself():
    PatientFactory()

    done = scheduler.run_due()

    assert "security.encryption" in done
    assert encryption_check.last().additional_data["cells"] > 0


def test_what_does_not_open_is_told_on_the_administrators_home_until_it_does(administrator, as_):
    patient, client = PatientFactory(), as_(administrator)
    encryption_check.verify_weekly()
    assert client.get(HOME).context["unopened"] is None
    with connection.cursor() as cursor:
        cursor.execute("SELECT address FROM patients_patient")
        (good,) = cursor.fetchone()
        cursor.execute("UPDATE patients_patient SET address = %s", [bytes(good)[:-1] + b"x"])

    said = []
    found = encryption_check.run(say=said.append)

    assert found.faults == len(said) == 1
    page = client.get(HOME)
    assert page.context["unopened"].additional_data["faults"] == 1
    assert patient.record_no not in page.content.decode()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE patients_patient SET address = %s", [good])
    encryption_check.run(say=said.append)
    assert client.get(HOME).context["unopened"] is None


def test_sealing_goes_on_while_a_long_run_goes_on(monkeypatch):
    for _patient in range(3):
        PatientFactory()
    monkeypatch.setattr(encryption_check, "SEALED_EVERY", timedelta(0))
    audit.record("print")

    encryption_check.run(say=print, between=encryption_check._Meanwhile(), batch=1)

    assert AuditEntry.objects.filter(event="print", sealed__isnull=False).count() == 1
