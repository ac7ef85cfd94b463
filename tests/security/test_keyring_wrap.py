"""A key ring is locked with a passphrase afterwards, and unlocked again; no key changes."""

import base64
import io

import pytest
from django.core.management import CommandError, call_command

from security import keyring, keyring_file

PASSPHRASE = "a stick on the key chain"


def body_and_text(path, **more):
    ring = keyring.load(path, **more)
    return keyring_file.body_of(ring), path.read_text()


@pytest.fixture
def path(new_ring):
    new_ring()
    return keyring.keyring_path()


@pytest.fixture
def stick(tmp_path):
    """The file with the passphrase, as it lies on a stick."""
    file = tmp_path / "passphrase"
    file.write_text(PASSPHRASE + "\n")
    file.chmod(0o400)
    return file


def command(*words) -> str:
    out = io.StringIO()
    call_command("keyring", *map(str, words), stdout=out)
    return out.getvalue()


def test_a_ring_is_wrapped_afterwards_and_shows_no_key(path, stick, settings):
    before, _text = body_and_text(path)

    said = command("wrap", "--passphrase-file", stick)

    after, text = body_and_text(path, passphrase=PASSPHRASE.encode())
    assert after == before
    for entry in (entry for family in before.values() for entry in family):
        assert entry["key"] not in text
        assert base64.b64decode(entry["key"]).hex() not in text
    assert f"CLINIC_KEYRING_PASSPHRASE_FILE={stick}" in said
    assert path.stat().st_mode & 0o777 == 0o400
    with pytest.raises(keyring.KeyringError, match="CLINIC_KEYRING_PASSPHRASE_FILE is not set"):
        keyring.load(path)


def test_a_running_clinic_goes_on_with_the_keys_it_has(path, stick, monkeypatch):
    monkeypatch.setattr(keyring, "LOOK_SECONDS", 0)
    root = keyring.ring().active("data").root

    command("wrap", "--passphrase-file", stick)

    assert keyring.ring().active("data").root == root


def test_unwrapping_takes_the_passphrase_that_is_set(path, stick, settings):
    before, _text = body_and_text(path)
    command("wrap", "--passphrase-file", stick)
    with pytest.raises(CommandError, match="CLINIC_KEYRING_PASSPHRASE_FILE is not set"):
        command("unwrap")
    settings.CLINIC_KEYRING_PASSPHRASE_FILE = str(stick)

    said = command("unwrap")

    assert "no longer wrapped" in said
    assert body_and_text(path)[0] == before


def test_wrapping_without_a_passphrase_is_refused_and_changes_nothing(path, tmp_path):
    _body, text = body_and_text(path)
    empty = tmp_path / "empty"
    empty.touch(0o400)

    for words in ([], ["--passphrase-file", empty], ["--passphrase-file", tmp_path / "none"]):
        with pytest.raises(CommandError):
            command("wrap", *words)

    assert path.read_text() == text
