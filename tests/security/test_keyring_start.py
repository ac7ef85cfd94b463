"""The start check refuses a key ring that does not fit, in one sentence, and touches nothing."""

import io
import os
import stat
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.core.management.sql import emit_post_migrate_signal
from django.db import OperationalError

from security import checks, key_state, keyring, keyring_file
from security.checks import verify_keyring_or_refuse
from security.models import KeyCheck


@pytest.fixture
def no_fingerprints(db):
    KeyCheck.objects.all().delete()


@pytest.fixture
def noted(no_fingerprints, new_ring):
    """A database that knows the ring of this test; gives the ring's body."""
    body = keyring_file.new_body()
    new_ring(body)
    key_state.note_fingerprints(keyring.ring(), "default")
    return body


def refused():
    with pytest.raises(SystemExit) as caught:
        verify_keyring_or_refuse()
    sentence = caught.value.code
    assert isinstance(sentence, str)
    assert "\n" not in sentence
    return sentence


def keyring_command(*args, **options):
    out = io.StringIO()
    call_command("keyring", *args, stdout=out, **options)
    return out.getvalue()


# --- starting -------------------------------------------------------------------------------------


def test_a_fitting_ring_starts(noted):
    verify_keyring_or_refuse()


def test_an_empty_database_without_fingerprints_starts(no_fingerprints, new_ring):
    new_ring()

    verify_keyring_or_refuse()

    assert KeyCheck.objects.count() == 0


def test_a_missing_ring_is_refused_and_not_created(noted, settings, tmp_path):
    settings.CLINIC_KEYRING = str(tmp_path / "gone" / "keyring.json")
    keyring.reset()

    assert "does not exist" in refused()
    assert not (tmp_path / "gone").exists()


def test_another_ring_with_the_same_ids_is_refused(noted, new_ring):
    new_ring()

    assert "holds another" in refused()


@pytest.mark.parametrize("purpose", keyring.PURPOSES)
def test_one_wrong_key_is_named(noted, new_ring, purpose):
    noted[purpose] = [keyring_file.new_entry(1, "now")]
    new_ring(noted)

    assert f"another {purpose} key 1 " in refused()


@pytest.mark.parametrize("purpose", keyring.PURPOSES)
def test_a_key_that_is_gone_is_named(noted, new_ring, purpose):
    noted[purpose] = [keyring_file.new_entry(2, "now")]
    new_ring(noted)

    assert f"lacks {purpose} key 1" in refused()


def test_a_new_active_key_the_database_does_not_know_is_refused(noted, new_ring):
    old = {**noted["data"][0], "state": "decrypt-only"}
    noted["data"] = [old, keyring_file.new_entry(2, "now")]
    new_ring(noted)

    assert "uses data key 2, which this database doesn't know" in refused()


def test_a_column_that_is_not_migrated_yet_is_not_asked_for(db, monkeypatch):
    first, *others = [column.field for column in key_state.columns("default")]

    monkeypatch.setattr(first, "column", "of_the_next_version")

    assert [column.field for column in key_state.columns("default")] == others


def test_sealed_rows_without_fingerprints_are_refused(trial_app, no_fingerprints, new_ring):
    new_ring()
    trial_app.Person.objects.create(name="x", phone="13800138000")

    assert "holds encrypted values (fieldsapp.Person." in refused()


def test_a_database_that_can_not_be_read_is_refused(noted, monkeypatch):
    def broken(*args, **kwargs):
        raise OperationalError("no such host db.example")

    monkeypatch.setattr(key_state, "fault", broken)

    assert "database can't be read" in refused()


def test_an_unmigrated_database_is_fine(noted, monkeypatch):
    monkeypatch.setattr(KeyCheck._meta, "db_table", "not_there_yet")

    verify_keyring_or_refuse()


def test_manage_py_check_says_the_same(noted, new_ring):
    asked = {"tags": ["security", "database"], "databases": ["default"]}
    call_command("check", **asked)
    new_ring()

    with pytest.raises(SystemCheckError, match="holds another"):
        call_command("check", **asked)


def test_manage_py_check_names_a_missing_ring(settings, tmp_path):
    settings.CLINIC_KEYRING = str(tmp_path / "keyring.json")
    keyring.reset()

    try:
        with pytest.raises(SystemCheckError, match="does not exist"):
            call_command("check", tags=["security"])
    finally:
        keyring.reset()


def test_after_a_migration_an_empty_database_learns_its_keys(no_fingerprints, new_ring):
    new_ring()

    emit_post_migrate_signal(verbosity=0, interactive=False, db="default")

    assert KeyCheck.objects.count() == 4
    verify_keyring_or_refuse()


@pytest.mark.parametrize("command", ["load_reference_data", "sync_roles", "run_scheduled"])
def test_a_command_with_another_ring_is_refused_before_it_writes(noted, new_ring, command):
    new_ring()

    with pytest.raises(SystemCheckError, match="holds another"):
        call_command(command, skip_checks=False)


def test_after_a_migration_a_filled_database_learns_nothing(trial_app, no_fingerprints, new_ring):
    new_ring()
    trial_app.Person.objects.create(name="x", phone="13800138000")

    checks.note_keys_of_empty_database(None, "default")

    assert KeyCheck.objects.count() == 0


# --- keyring init ---------------------------------------------------------------------------------


@pytest.fixture
def nowhere(settings, tmp_path):
    path = tmp_path / "keys" / "keyring.json"
    settings.CLINIC_KEYRING = str(path)
    settings.CLINIC_KEYRING_PASSPHRASE_FILE = ""
    keyring.reset()
    yield path
    keyring.reset()


def test_init_creates_the_ring_and_tells_the_database(no_fingerprints, nowhere):
    said = keyring_command("init")

    assert f"Created the key ring {nowhere}" in said
    assert stat.S_IMODE(nowhere.stat().st_mode) == 0o400
    assert stat.S_IMODE(nowhere.parent.stat().st_mode) == 0o700
    assert KeyCheck.objects.count() == 4
    verify_keyring_or_refuse()


def test_init_again_changes_nothing(no_fingerprints, nowhere):
    keyring_command("init")
    before = nowhere.read_bytes()

    said = keyring_command("init")

    assert "nothing was changed" in said
    assert nowhere.read_bytes() == before
    assert KeyCheck.objects.count() == 4


def test_init_before_the_first_migration_and_again_after_it(no_fingerprints, nowhere, monkeypatch):
    with monkeypatch.context() as unmigrated:
        unmigrated.setattr(KeyCheck._meta, "db_table", "not_there_yet")
        keyring_command("init")

    said = keyring_command("init")

    assert "is now known to this database" in said
    assert KeyCheck.objects.count() == 4


def test_init_wraps_under_a_passphrase(no_fingerprints, nowhere, tmp_path):
    secret = tmp_path / "passphrase"
    secret.write_text("correct horse\n")
    secret.chmod(0o400)

    keyring_command("init", passphrase_file=str(secret))

    assert '"wrap": "scrypt"' in nowhere.read_text()
    assert keyring.load(nowhere, b"correct horse").wrap == "scrypt"


def test_init_refuses_when_the_ring_of_a_known_database_is_missing(noted, nowhere):
    with pytest.raises(CommandError, match="missing, but this database was written with one"):
        keyring_command("init")

    assert not nowhere.exists()


def test_init_refuses_when_sealed_rows_exist_without_a_ring(trial_app, no_fingerprints, nowhere):
    keyring_file.create_file(nowhere)
    trial_app.Person.objects.create(name="x", phone="13800138000")
    nowhere.unlink()
    keyring.reset()

    with pytest.raises(CommandError, match="put back your copy"):
        keyring_command("init")

    assert not nowhere.exists()


def test_init_refuses_a_ring_that_does_not_fit(noted, nowhere):
    keyring_file.create_file(nowhere)

    with pytest.raises(CommandError, match="holds another"):
        keyring_command("init")


def test_init_takes_a_ring_that_opens_what_is_there(trial_app, no_fingerprints, new_ring):
    new_ring()
    trial_app.Person.objects.create(name="x", phone="13800138000")

    keyring_command("init")

    assert KeyCheck.objects.count() == 4
    verify_keyring_or_refuse()


def test_init_refuses_a_ring_that_opens_nothing_of_what_is_there(
    trial_app, no_fingerprints, new_ring
):
    new_ring()
    trial_app.Person.objects.create(name="x", phone="13800138000")
    new_ring()

    with pytest.raises(CommandError, match="does not fit this database"):
        keyring_command("init")

    assert KeyCheck.objects.count() == 0


def test_init_makes_a_new_key_known(noted, new_ring):
    old = {**noted["data"][0], "state": "decrypt-only"}
    noted["data"] = [old, keyring_file.new_entry(2, "now")]
    new_ring(noted)

    keyring_command("init")

    assert KeyCheck.objects.filter(purpose="data").count() == 2
    verify_keyring_or_refuse()


# --- keyring status -------------------------------------------------------------------------------


def test_status_shows_states_and_uses_but_no_key(trial_app, noted):
    trial_app.Person.objects.create(name="x", phone="13800138000")

    said = keyring_command("status")

    assert "data        1  active" in said
    assert "2 cells" in said  # phone, and an address that is empty but sealed
    assert "The keys fit the database." in said
    for purpose in keyring.PURPOSES:
        assert noted[purpose][0]["key"] not in said


def test_status_fails_for_a_ring_that_does_not_fit(noted, new_ring):
    new_ring()

    with pytest.raises(CommandError, match="holds another"):
        keyring_command("status")


def test_a_real_process_ends_with_one_sentence(tmp_path):
    (tmp_path / "static").mkdir()
    environment = {
        **os.environ,
        "CLINIC_DATA_DIR": str(tmp_path),
        "CLINIC_KEYRING": str(tmp_path / "keys" / "keyring.json"),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "clinic.settings",
    }

    ended = subprocess.run(
        [sys.executable, "-c", "import clinic.wsgi"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert ended.returncode == 1
    assert ended.stdout == ""
    assert len(ended.stderr.strip().splitlines()) == 1
    assert "keyring.json does not exist" in ended.stderr
    assert not (tmp_path / "keys").exists()
