"""Deeds and pages of a simulated day against its book: what was lost, doubled or miscounted."""

import datetime
from collections import Counter

import pytest
from django.utils import timezone

from clinic.day import proof_pages
from clinic.day.account import Account
from clinic.day.judging import answered
from clinic.day.proof_deeds import deeds_there_once
from clinic.day.proof_pages import Seen
from clinic.day.report import Measured
from patients.models import Patient
from registration.consultation import start
from registration.queue import call_next
from tests.factories.patients import PatientFactory
from tests.factories.registration import open_session, waiting_visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def since():
    return timezone.now() - datetime.timedelta(seconds=1)


@pytest.fixture
def visit(since, doctor, frontdesk):
    """Of somebody with a file: registered, called, begun."""
    session = open_session(doctor)
    made = waiting_visit(session, frontdesk)
    start(registration=call_next(clinician=session.clinician, by=doctor), by=doctor)
    Patient.objects.update(created_at=since - datetime.timedelta(days=1))
    return made


def deed(verb: str, end: str = "done", **facts) -> dict:
    return {"verb": verb, "who": "somebody", "end": end, "facts": facts}


def faults(since, *deeds: dict) -> list[str]:
    return deeds_there_once(Account(since=since, deeds=list(deeds))).faults


def test_deeds_that_are_there_once_pass(since, visit):
    visit = str(visit.pk)

    found = faults(since, deed("register", visit=visit), deed("start", visit=visit))

    assert found == []


def test_a_deed_that_was_acknowledged_and_is_lost_is_named(since, visit):
    visit = str(visit.pk)

    found = faults(since, deed("start", visit=visit), deed("finish", visit=visit))

    assert found == [f"finish of {visit}: 1 acknowledged, 0 without an answer, 0 there"]


def test_a_deed_without_an_answer_may_be_there_or_not(since, visit):
    visit = str(visit.pk)

    found = faults(
        since,
        deed("register", visit=visit),
        deed("start", "unknown", visit=visit),
        deed("finish", "unknown", visit=visit),
    )

    assert found == []


def test_a_deed_that_is_there_although_nobody_did_it_is_named(since, visit):
    visit = str(visit.pk)
    refused = [deed("start", "refused", visit=visit), deed("start", visit=visit)]

    found = faults(since, *refused, deed("start", visit=visit))

    assert found == [f"start of {visit}: 2 acknowledged, 0 without an answer, 1 there"]


def test_a_file_that_was_opened_twice_by_a_double_click_is_named(since):
    first = PatientFactory(name="王小明")
    PatientFactory(name="王小明")

    found = faults(since, deed("new_file", patient=str(first.pk), name="王小明"))

    assert Patient.objects.count() == 2
    assert found == ["2 files of 王小明 were opened, 1 acknowledged"]


def test_a_page_that_counts_otherwise_than_the_day_is_named(since, visit):
    told = Account(since=since, deeds=[deed("register", visit=str(visit.pk))])
    tickets = {at: Counter() for at in ("", "finished", "pharmacy", "missed")}
    right = Seen(reported={"all": 1}, groups={}, tickets=tickets)

    figures = proof_pages.prove(told, Seen(), right)[0].faults

    assert not [one for one in figures if one.startswith("report all")]
    assert "of daily: the page None, the day 0" in figures


def test_a_slip_that_the_desks_list_shows_twice_or_elsewhere_is_named(since):
    patients = [{"ticket": "A001", "end": "seen", "visit": "x", "number": 1}]
    tickets = {"": Counter(A001=2), "finished": Counter(), "pharmacy": Counter(A001=1)}
    told = Account(since=since, patients=patients)

    found = proof_pages.prove(told, Seen(), Seen(tickets={**tickets, "missed": Counter()}))[1]

    assert found.faults == [
        "A001 stands 2 times on the desk's list",
        "A001 is seen and stands at ['', 'pharmacy']",
    ]


def test_an_answer_of_5xx_or_none_is_named():
    statuses = (200, 304, 503, 0)
    measures = [Measured(0, "desk", "GET desk", status, 1, 1, None) for status in statuses]

    proof = answered(measures)

    assert proof.looked == 4
    assert sorted(proof.faults) == ["GET desk: 1 × 503", "GET desk: 1 × no answer"]
