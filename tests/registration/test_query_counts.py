"""Every list: as many queries for fifty rows as for one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registration.queue import pass_over
from tests.factories.patients import PatientFactory
from tests.factories.registration import (
    called_visit,
    finished_record,
    open_record,
    open_session,
    waiting_visit,
)

MANY = 12  # of each kind: fifty rows in all


def everything(session, doctor, frontdesk):
    """One visit of each kind."""
    waiting_visit(session, frontdesk)
    waiting_visit(session, frontdesk, reason="pregnant")
    pass_over(registration=called_visit(session, frontdesk), by=doctor)
    finished_record(session, frontdesk)


@pytest.fixture
def big_session(doctor):
    return open_session(doctor, quota=1000)


def counts(client, url: str) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        page = client.get(url)
    assert page.status_code == 200
    return [query["sql"][:150] for query in queries]


def same(client, url, more):
    """The number of queries before and after `more` is the same; the second visit of each."""
    counts(client, url)
    before = counts(client, url)
    more()
    counts(client, url)  # a read of new patients is written once
    after = counts(client, url)
    assert len(after) == len(before), "\n".join(after)


def test_the_desk(big_session, doctor, frontdesk, as_):
    everything(big_session, doctor, frontdesk)

    same(
        as_(frontdesk),
        "/registration/",
        lambda: [everything(big_session, doctor, frontdesk) for _ in range(MANY)],
    )


def test_registering(big_session, doctor, frontdesk, as_):
    everything(big_session, doctor, frontdesk)

    same(
        as_(frontdesk),
        f"/registration/new/{PatientFactory().pk}/",
        lambda: [everything(big_session, doctor, frontdesk) for _ in range(MANY)],
    )


@pytest.mark.parametrize("url", ["/registration/queue/", "/registration/queue/rows/"])
def test_the_queue(big_session, doctor, frontdesk, as_, url):
    everything(big_session, doctor, frontdesk)
    open_record(big_session, frontdesk)

    def more():
        for _ in range(MANY):
            everything(big_session, doctor, frontdesk)
            open_record(big_session, frontdesk)

    same(as_(doctor), url, more)


def test_the_consultation_and_the_chart_with_a_long_history(big_session, doctor, frontdesk, as_):
    first = finished_record(big_session, frontdesk)
    record = open_record(big_session, frontdesk, patient=first.patient)
    others = [open_session(doctor, period=period, quota=99) for period in ("pm", "night")]

    def more():
        for session in others:
            for _ in range(5):
                finished_record(session, frontdesk, patient=first.patient)

    same(as_(doctor), f"/registration/consultations/{record.pk}/", more)
    same(as_(doctor), f"/patients/{first.patient.pk}/", more)


def test_the_week(big_session, doctor, other_doctor, frontdesk, as_):
    from tests.factories.registration import ClinicianFactory, WeeklyScheduleFactory

    WeeklyScheduleFactory(clinician=big_session.clinician)

    def more():
        other = ClinicianFactory(user=other_doctor)
        for weekday in range(7):
            WeeklyScheduleFactory(clinician=other, weekday=weekday)

    same(as_(frontdesk), "/registration/schedule/", more)
