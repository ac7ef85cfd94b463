"""rotate_keys: a new key is current at once, old rows follow, and nothing is lost or done twice."""

import io
import json

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection

from clinic.core import drafts, files
from clinic.core.models import Draft, StoredFile
from patients.models import Patient
from security import crypto, key_state, keyring, keyring_file, places, rotation
from security.models import AuditEntry, KeyCheck
from tests.factories.patients import PatientFactory
from tests.security import rotating
from tests.security.conftest import write_ring
from tests.security.rotating import contents, left

pytestmark = pytest.mark.django_db


def rotate(**options):
    out = io.StringIO()
    call_command("rotate_keys", stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def clinic(own_ring, doctor, as_, settings, tmp_path):
    """Patients, a draft, a stored file and a session, all under key 1 of a ring of its own."""
    settings.CLINIC_FILES_DIR = str(tmp_path / "files")
    PatientFactory.create_batch(12, created_by=doctor)
    drafts.save_draft(form="consultation", content={"complaint": "咳嗽"}, by=doctor)
    files.store(content=b"scan" * 1000, purpose="test", media_type="image/png", by=doctor)
    return as_(doctor)


def ids(purpose):
    return {key_id for (p, key_id), count in key_state.counts("default").items() if p == purpose}


def test_everything_sealed_moves_to_the_new_key_and_says_the_same(clinic):
    before = contents()

    said = rotate(purpose="data")

    assert "New active key: data 2" in said
    assert ids("data") == {2}
    assert contents() == before
    assert clinic.get("/registration/queue/").status_code == 200  # still signed in
    sessions = next(p for p in places.registered() if p.name == "sessions")
    assert sessions.counts("default") == {("data", 2): Session.objects.count()}


def test_the_indexes_move_and_still_find(clinic):
    phone = Patient.objects.first().phone

    rotate(purpose="index")

    assert ids("index") == {2}
    assert ids("data") == {1}
    assert Patient.objects.find(phone=phone).get().phone == phone
    call_command("verify_encryption", stdout=io.StringIO())


def test_resuming_a_finished_rotation_does_nothing(clinic):
    rotate(purpose="all")
    entries = AuditEntry.objects.count()
    cells = [bytes(draft.content) for draft in Draft.objects.all()]

    said = rotate(purpose="all", resume=True)

    assert said.strip() == "0 rows, 0 cells re-encrypted"
    assert {key.id for key in keyring.ring().keys("data")} == {1, 2}
    assert [bytes(draft.content) for draft in Draft.objects.all()] == cells
    assert AuditEntry.objects.count() == entries


def test_a_rotation_that_ran_out_of_time_goes_on_without_another_key(clinic):
    assert "Not finished" in rotate(purpose="data", batch=2, max_seconds=0)
    assert left("data") > 0

    rotate(purpose="data")

    assert left("data") == 0
    assert keyring.ring().active("data").id == 2


def test_the_scheduler_finishes_what_a_command_began(clinic):
    rotate(purpose="data", batch=2, max_seconds=0)

    rotation.work_a_slice()

    assert left("data") == 0


def test_the_scheduler_stays_away_while_a_command_rotates(clinic):
    rotate(purpose="data", batch=2, max_seconds=0)
    before = left("data")

    with keyring_file.only_one(keyring.keyring_path()):
        rotation.work_a_slice()

    assert left("data") == before


@pytest.mark.parametrize("noted", [False, True])
def test_a_crash_before_the_new_key_was_active_leaves_a_ring_that_fits_and_goes_on(clinic, noted):
    ring = keyring.ring()
    body = keyring_file.body_of(ring)
    body["data"].append({**keyring_file.new_entry(2, "now"), "state": "decrypt-only"})
    keyring.use(keyring_file.replace_file(ring, body))
    if noted:
        key_state.note_fingerprints(keyring.ring(), "default")
    assert key_state.fault(keyring.ring(), "default") is None

    said = rotate(purpose="data")

    assert "New active key: data 2" in said
    assert [(k.id, k.state) for k in keyring.ring().keys("data")] == [
        (1, "decrypt-only"),
        (2, "active"),
    ]
    assert left("data") == 0


def test_old_entries_keep_the_mac_they_were_written_with(clinic):
    before = dict(AuditEntry.objects.values_list("pk", "mac"))

    rotate(purpose="audit")

    after = dict(AuditEntry.objects.values_list("pk", "mac"))
    assert {pk: after[pk] for pk in before} == before
    assert {bytes(mac)[:2] for pk, mac in after.items() if pk not in before} == {b"\0\2"}
    for entry in AuditEntry.objects.all():
        assert crypto.verify_audit_mac(entry.payload.encode(), entry.uid, bytes(entry.mac))


def test_the_counts_are_in_the_audit_log_and_no_value_is(clinic):
    rotate(purpose="data")

    entry = AuditEntry.objects.get(event="key_rotation")
    assert entry.additional_data["finished"] is True
    assert entry.additional_data["rows"] >= 15
    assert AuditEntry.objects.get(event="key_new").additional_data == {"keys": ["data 2"]}


def test_whoever_saves_meanwhile_wins(clinic, monkeypatch):
    place = next(p for p in places.all_places() if p.name == "patients.Patient")
    page = next(place.pages("default", 500))
    rotation.add_keys(["data"])
    changes = [(row["pk"], place.reseal(row, ("data",))[0]) for row in page]
    patient = Patient.objects.get(pk=page[3]["pk"])
    patient.phone = "13900000000"
    patient.save()

    _taken, rows, _cells, _faults = place.write(changes)

    assert rows == len(page) - 1
    assert Patient.objects.get(pk=patient.pk).phone == "13900000000"


def test_what_does_not_open_is_counted_and_left_alone(clinic):
    victim = Patient.objects.first()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE patients_patient SET phone = address WHERE record_no = %s", [victim.record_no]
        )

    with pytest.raises(CommandError, match="1 cells can't be opened"):
        rotate(purpose="data")

    assert left("data") == 1


def test_an_index_that_is_not_the_values_own_is_not_mended_in_silence(clinic):
    one, two = Patient.objects.all()[:2]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE patients_patient SET phone_index = %s WHERE record_no = %s",
            [bytes([1]) + bytes(16), one.record_no],
        )

    with pytest.raises(CommandError, match="1 cells can't be opened"):
        rotate(purpose="index")

    assert left("index") == 1


def test_a_wrapped_ring_stays_wrapped_even_when_its_stick_is_gone(clinic, new_ring, settings):
    body = keyring_file.body_of(keyring.ring())
    path = new_ring(body, b"open sesame")
    keyring.use(keyring.load(path, b"open sesame"))
    settings.CLINIC_KEYRING_PASSPHRASE_FILE = "/nowhere"

    rotate(purpose="data")

    assert json.loads(path.read_text())["wrap"] == "scrypt"
    assert keyring.load(path, b"open sesame").active("data").id == 2
    assert left("data") == 0


def test_the_new_file_has_the_rights_of_the_old_one_and_no_copy_lies_beside_it(clinic):
    path = keyring.keyring_path()

    rotate(purpose="data")

    assert path.stat().st_mode & 0o777 == 0o400
    assert [p.name for p in path.parent.glob(f"*{path.stem}*")] == [path.name]


def test_a_ring_that_does_not_fit_the_database_rotates_nothing(clinic, new_ring):
    path = new_ring()
    before = path.read_bytes()

    with pytest.raises(CommandError, match="holds another data key 1"):
        rotate(purpose="data")

    assert path.read_bytes() == before


def test_a_file_that_lacks_a_key_never_replaces_the_ring(clinic):
    ring = keyring.ring()

    with pytest.raises(keyring.KeyringError, match="would be lost"):
        keyring_file.replace_file(ring, keyring_file.new_body())

    assert keyring.load(ring.path).active("data").root == ring.active("data").root


# --- the ring of a running process ----------------------------------------------------------------


def test_a_ring_exchanged_for_a_foreign_one_is_not_taken_up(clinic, caplog):
    before = keyring.ring()
    before.path.unlink()
    write_ring(before.path, keyring_file.new_body())

    assert keyring.take_up_changes() is False

    assert keyring.ring() is before
    assert "stays in use" in caplog.text


def test_a_damaged_ring_leaves_the_old_one_in_use_until_it_is_mended(clinic):
    before = keyring.ring()
    whole = before.path.read_bytes()
    before.path.chmod(0o600)
    before.path.write_bytes(b"{")
    assert keyring.take_up_changes() is False
    assert keyring.ring() is before

    before.path.write_bytes(whole)

    assert keyring.take_up_changes() is True


def test_a_dead_file_is_a_fault_and_the_rest_goes_on(clinic):
    files.path_of(StoredFile.objects.get()).unlink()

    with pytest.raises(CommandError, match="1 cells"):
        rotate(purpose="data")

    assert left("data") == 0


def test_the_fingerprint_of_a_signed_alert_stays_when_the_index_key_changes(clinic):
    before = crypto.lasting_digest("alert.fingerprint", "rule|1|penicillin")

    rotate(purpose="index")

    assert crypto.lasting_digest("alert.fingerprint", "rule|1|penicillin") == before


def test_every_key_of_the_ring_is_known_to_the_database_afterwards(clinic):
    rotate(purpose="all")

    known = set(KeyCheck.objects.values_list("purpose", "key_id"))
    assert known == {(purpose, key_id) for purpose in keyring.PURPOSES for key_id in (1, 2)}
    assert rotating.LOOK == keyring.LOOK_SECONDS
