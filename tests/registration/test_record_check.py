"""Once a week every signed record is compared with what was signed (R-145, R-148)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from registration import record_check
from registration.models import Consultation
from registration.undoing import undo_finish
from security import home_notes
from security.models import AuditEntry
from tests.factories.registration import finished_record, open_record


@pytest.fixture
def record(session, frontdesk):
    return finished_record(session, frontdesk)


def altered(record) -> None:
    """A column changed behind the program's back."""
    record = Consultation.objects.get(pk=record.pk)
    record.complaint = "改过的主诉"
    record.save(update_fields=["complaint"])


def test_records_that_are_whole_open_or_taken_back_raise_no_alarm(
    record, session, frontdesk, doctor
):
    open_record(session, frontdesk)
    undo_finish(consultation=finished_record(session, frontdesk), by=doctor)

    result = record_check.run()

    assert (result.records, result.altered) == (3, [])
    assert record_check.last().outcome == "ok" and record_check.told_administrator() is None


def test_an_altered_record_is_told_on_the_administrators_page_by_its_number_R148(
    record, session, frontdesk, administrator, as_
):
    finished_record(session, frontdesk)
    altered(record)

    record_check.run()

    number, name = record.registration.number, record.patient.name
    page = as_(administrator).get(reverse("security_home")).content.decode()
    assert record_check.last().outcome == "failed"
    assert any(number in note.words and name not in note.words for note in home_notes.notes())
    assert number in page and name not in page


def test_it_runs_by_itself_once_a_week(record, monkeypatch):
    monkeypatch.setattr(record_check, "NIGHT", range(24))

    for _ in range(2):
        record_check.verify_weekly()
    assert AuditEntry.objects.filter(event=record_check.EVENT).count() == 1
    soon = record_check.last()
    monkeypatch.setattr(record_check, "now", lambda: timezone.now() + timedelta(days=7))
    record_check.verify_weekly()

    assert record_check.last().pk != soon.pk


def test_as_many_queries_for_many_records_as_for_one(record, session, frontdesk):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            list(record_check._batches())
        return len(queries)

    before = count()
    for _ in range(3):
        finished_record(session, frontdesk)

    assert count() == before
