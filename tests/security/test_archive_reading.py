"""An archive reads as the log did, with its own keys alone, and those keys are kept."""

from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.utils import timezone

from security import audit_export, keyring, keyring_file
from security.audit_archive import make
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
