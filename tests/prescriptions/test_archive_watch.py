"""The archive is verified every night, and the administrator is told what is wrong (R-148)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from prescriptions import archive, archive_watch
from security.models import AuditEntry
from tests.factories.prescriptions import dispensed

pytestmark = pytest.mark.django_db


@pytest.fixture
def document(doctor, pharmacist):
    return archive.archive(prescription=dispensed(doctor, pharmacist), by=None)


def changed_behind_our_backs() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE prescriptions_archivedsheet SET digest = 'x'")


def test_a_whole_archive_raises_no_alarm(document):
    entry = archive_watch.run()

    assert (entry.outcome, entry.additional_data["documents"]) == ("ok", 1)
    assert archive_watch.told_administrator() is None


def test_a_changed_document_is_told_on_the_administrators_page_by_its_number_R148(
    document, administrator, as_
):
    changed_behind_our_backs()

    entry = archive_watch.run()

    page = as_(administrator).get(reverse("security_home")).content.decode()
    assert entry.outcome == "failed" and entry.additional_data["first"] == [["changed", 1]]
    assert escape(archive_watch.told_administrator()) in page
    assert document.prescription.patient.name not in page


def test_it_runs_by_itself_once_a_night(document, monkeypatch):
    monkeypatch.setattr(archive_watch, "NIGHT", range(24))

    for _hour in range(2):
        archive_watch.verify_nightly()
    assert AuditEntry.objects.filter(event=archive_watch.EVENT).count() == 1
    first = archive_watch.last()
    monkeypatch.setattr(archive_watch, "now", lambda: timezone.now() + timedelta(hours=23))
    archive_watch.verify_nightly()

    assert archive_watch.last().pk != first.pk


def test_a_machine_that_is_off_at_night_is_verified_by_day(document, monkeypatch):
    monkeypatch.setattr(archive_watch, "NIGHT", range(0))
    archive_watch.verify_nightly()
    first = archive_watch.last()
    monkeypatch.setattr(archive_watch, "now", lambda: timezone.now() + timedelta(hours=49))

    archive_watch.verify_nightly()

    assert archive_watch.last().pk != first.pk
