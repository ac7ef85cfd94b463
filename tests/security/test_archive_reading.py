"""An archive reads as the log did, with its own keys alone, and those keys are kept."""

from datetime import timedelta
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.utils import timezone

from security import audit_export, keyring, keyring_file
from security.audit_archive import files, form, make
from security.audit_archive.errors import ArchiveError
from security.models import AuditEntry, User
from tests.factories.patients import PatientFactory
from tests.security import archiving
from tests.security.archiving import archive_audit, archived_files, old_log, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def archived(archive_folders):
    old_log()
    make.archive()


def test_an_archive_reads_as_the_export_of_the_log_did(archive_folders, settings):
    """A reason, a change, a refusal and what is about a patient; the names were kept as text."""
    moment, patient = timezone.now() - timedelta(days=1400), uuid4()
    known = {"action": 3, "timestamp": moment, "actor_name": "admin 管理员"}
    kind = ContentType.objects.get_for_model(User)
    values = {"is_active": ["True", "False"]}
    for more in (
        {"event": "print", "additional_data": {"reason": "=1+1"}, "remote_addr": "10.0.0.9"},
        {"event": "update", "content_type": kind, "object_repr": "admin", "changes": values},
        {"event": "refused", "outcome": "refused", "subjects": bytes(32)},
        {"event": "read", "subject": patient, "screen": "desk", "actor_roles": "doctor"},
    ):
        AuditEntry.objects.create(**known | more)
    archiving.seal_at(moment)
    PatientFactory(pk=patient, record_no="P00000042")
    old, language = AuditEntry.objects.filter(sealed__isnull=False), settings.LANGUAGE_CODE
    before = "".join(audit_export.lines(old, language=language))
    make.archive()

    said = archive_audit("--read", str(archived_files()[0]))

    assert said == before
    assert all(word in said for word in ("'=1+1", "P00000042", "10.0.0.9", "admin 管理员"))
    last = AuditEntry.objects.order_by("pk").last()
    assert (last.event, last.additional_data["archive"]) == ("export", 1)


def test_an_archive_of_other_keys_is_not_read(archived, new_ring):
    path = archived_files()[0]
    body = keyring_file.body_of(keyring.ring())
    new_ring({**body, "backup": [keyring_file.new_entry(1, "now") | {"state": "active"}]})
    assert "another key ring" in refused("--read", str(path))

    new_ring({**body, "backup": [keyring_file.new_entry(9, "now") | {"state": "active"}]})
    assert "backup key 1" in refused("--read", str(path))


def test_what_is_no_archive_is_refused_in_one_sentence(archived, tmp_path):
    other = tmp_path / "letter"
    other.write_text("hello, this is a letter")

    assert "no archive" in refused("--read", str(other))
    assert "can't be read" in refused("--read", str(tmp_path / "none"))


@pytest.mark.parametrize("purpose", ["audit", "backup"])
def test_a_key_that_an_archive_needs_is_not_retired(own_ring, purpose, request):
    request.getfixturevalue("archived")
    call_command("rotate_keys", purpose=purpose, stdout=StringIO())

    with pytest.raises(CommandError, match="1 archives of the audit log"):
        call_command("retire_key", purpose, "1", stdout=StringIO())


# --- a file that was not written by archiving ---------------------------------------------------


def rewritten(change) -> Path:
    """The archive written again by somebody who holds the backup key, but no audit key."""
    path = archived_files()[0]
    pieces = list(form.Reader(path).sealed())
    change(pieces)
    facts = form.facts_of(keyring.ring(), timezone.now())
    with path.open("wb") as out:
        writer = form.Writer(out, 1, facts)
        for seal, entries in pieces:
            writer.add(seal, entries)
        writer.finish()
    return path


def changed_payload(pieces):
    pieces[1][1][2].payload = pieces[1][1][2].payload.replace("print", "write")


def entry_replaced(pieces):
    pieces[1][1][2] = pieces[1][1][1]


def entries_in_another_order(pieces):
    pieces[1][1].reverse()


def seal_left_out(pieces):
    del pieces[1]


def seal_of_fewer(pieces):
    pieces[1][0].n -= 1
    pieces[1][1].pop()


def seal_of_another_time(pieces):
    pieces[1][0].sealed_at += timedelta(days=1)


@pytest.mark.parametrize(
    "change",
    [
        *(changed_payload, entry_replaced, entries_in_another_order),
        *(seal_left_out, seal_of_fewer, seal_of_another_time),
    ],
)
def test_what_is_not_as_the_seals_say_is_refused_even_under_the_right_backup_key(archived, change):
    path = rewritten(lambda pieces: None)
    files.prove(path)

    rewritten(change)

    with pytest.raises(ArchiveError, match="damaged"):
        files.prove(path)


def test_seals_that_the_database_does_not_know_prove_nothing(archived):
    archiving.sql("DELETE FROM security_auditseal WHERE seq = 4")

    with pytest.raises(ArchiveError, match="damaged"):
        files.prove(archived_files()[0])
