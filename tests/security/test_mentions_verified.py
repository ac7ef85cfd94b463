"""Who hides a look into somebody's file takes it out of the list by which a patient's entries are
found: the verification compares that list with the log, and it is made anew."""

from collections import Counter as Tally
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from clinic.core.models import Counter
from security import audit, checkpoints, mentions, seals, verdict
from security.models import AuditEntry, AuditMention
from security.verify import Verification

pytestmark = pytest.mark.django_db


@pytest.fixture
def seen(monkeypatch, tmp_path, settings):
    """A patient who is on two noted lists beside another one, and one of nobody's."""
    settings.CLINIC_CHECKPOINT_DIR = str(tmp_path / "checkpoints")
    monkeypatch.setattr("security.mentions.LATE", timedelta(seconds=-1))
    patient, other = uuid4(), uuid4()
    for subjects in ([patient, other], [other, patient], [other, uuid4()]):
        audit.record("read", subjects=subjects)
    seals.seal_all()
    mentions.note_settled()
    return patient


def found() -> list[str]:
    return [fault.kind for fault in Verification(checkpoints=checkpoints.read()).faults()]


def test_what_was_noted_by_the_program_agrees(seen):
    audit.record("read", subjects=[seen, uuid4()])  # not noted yet

    assert found() == []


def taken_out(patient):
    AuditMention.objects.filter(patient=patient).delete()


def one_number_less(patient):
    row = AuditMention.objects.get(patient=patient)
    row.entries = bytes(row.entries)[8:]
    row.save()


def given_to_another(patient):
    AuditMention.objects.filter(patient=patient).update(patient=uuid4())


def noted_twice(patient):
    row = AuditMention.objects.get(patient=patient)
    AuditMention.objects.create(patient=patient, last_id=row.last_id, entries=row.entries)


def never_to_be_noted(_patient):
    newest = audit.record("read", subjects=[uuid4(), uuid4()])
    Counter.objects.filter(name=mentions.NOTED).update(value=newest.pk)


CHANGES = [taken_out, one_number_less, given_to_another, noted_twice, never_to_be_noted]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_is_found_and_mended_out_of_the_log(seen, change):
    before = mentions.entries_of(seen)
    change(seen)
    assert found() == ["mentions"]

    result = verdict.run_whole()
    mentions.note_settled()

    assert result.additional_data["faults"] == {"mentions": 1}
    assert mentions.entries_of(seen) == before
    assert found() == []


def test_what_an_archive_took_is_not_missed(seen):
    oldest = AuditEntry.objects.filter(subjects__isnull=False).order_by("pk").first()
    number = oldest.pk
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM security_auditsealed WHERE entry_id <= %s", [number])
        cursor.execute("DELETE FROM security_auditentry WHERE id <= %s", [number])
    mentions.forget_before(number + 1)

    assert mentions.disagree() == 0
    assert Tally(mentions.entries_of(seen))[number] == 1  # its row also names a newer one
