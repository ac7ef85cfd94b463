"""The key ring file: what is accepted, what is refused and in which words."""

import base64
import json
import os
import pickle
import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from security import keyring, keyring_file
from security.keyring import KeyringError


@pytest.fixture
def path(tmp_path):
    return tmp_path / "keys" / "keyring.json"


def put(path, document):
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if path.exists():
        path.chmod(0o600)
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    path.chmod(0o400)
    return path


def plain(**changes):
    body = keyring_file.new_body()
    body.update(changes)
    return {"format": 1, "wrap": "none", "keys": body}


def test_a_new_file_has_one_active_key_per_purpose_and_is_its_owners_alone(path):
    keyring_file.create_file(path)

    ring = keyring.load(path)
    assert [ring.active(p).id for p in keyring.PURPOSES] == [1, 1, 1, 1]
    assert len({ring.active(p).root for p in keyring.PURPOSES}) == 4
    assert stat.S_IMODE(path.stat().st_mode) == 0o400
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


def test_an_existing_file_is_never_overwritten(path):
    keyring_file.create_file(path)
    before = path.read_bytes()

    with pytest.raises(KeyringError, match="already exists"):
        keyring_file.create_file(path)

    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_wrapped_ring_shows_no_key_and_opens_with_its_passphrase(path):
    keyring_file.create_file(path, b"correct horse")

    ring = keyring.load(path, b"correct horse")
    assert ring.wrap == "scrypt"
    root = base64.b64encode(ring.active("data").root).decode()
    assert root not in path.read_text()


def test_a_frozen_wrapped_ring_opens_for_ever(path):
    put(path, (Path(__file__).parent / "data" / "wrapped_ring.json").read_text())

    ring = keyring.load(path, "口令 correct horse".encode())

    assert [key.id for key in ring.keys("data")] == [1, 258]
    assert ring.key("data", 1).root == bytes([1]) * 32
    assert ring.key("data", 1).created == "2026-01-01T00:00:00Z"
    assert ring.active("data").kcv.hex() == "2d9a899b1e0df5bf"


def test_a_wrong_passphrase_opens_nothing(path):
    keyring_file.create_file(path, b"correct horse")

    with pytest.raises(KeyringError, match="does not open with this passphrase"):
        keyring.load(path, b"correct horsf")


def test_the_passphrase_comes_from_the_configured_file(path, tmp_path, settings):
    secret = tmp_path / "passphrase"
    secret.write_text("correct horse\n")
    secret.chmod(0o400)
    settings.CLINIC_KEYRING_PASSPHRASE_FILE = str(secret)
    keyring_file.create_file(path, b"correct horse")

    assert keyring.load(path).active("data").id == 1


def test_a_wrapped_ring_without_passphrase_file_says_which_setting_is_missing(path, settings):
    settings.CLINIC_KEYRING_PASSPHRASE_FILE = ""
    keyring_file.create_file(path, b"correct horse")

    with pytest.raises(KeyringError, match="CLINIC_KEYRING_PASSPHRASE_FILE is not set"):
        keyring.load(path)


def test_an_empty_passphrase_file_is_refused(path, tmp_path, settings):
    secret = tmp_path / "passphrase"
    secret.write_text("\n")
    secret.chmod(0o400)
    settings.CLINIC_KEYRING_PASSPHRASE_FILE = str(secret)
    keyring_file.create_file(path, b"x")

    with pytest.raises(KeyringError, match="is empty"):
        keyring.load(path)


@pytest.mark.parametrize("part", ["salt", "n", "nonce", "sealed"])
def test_any_change_to_a_wrapped_ring_is_noticed(path, part):
    document = keyring_file.wrap_document(keyring_file.new_body(), b"secret")
    if part == "n":
        document["kdf"]["n"] = 2**14
    else:
        place = document["kdf"] if part == "salt" else document
        raw = bytearray(base64.b64decode(place[part]))
        raw[0] ^= 1
        place[part] = base64.b64encode(bytes(raw)).decode()
    put(path, document)

    with pytest.raises(KeyringError, match="does not open with this passphrase"):
        keyring.load(path, b"secret")


@pytest.mark.parametrize(
    "change",
    [
        {"n": 2**30},
        {"n": "32768"},
        {"n": 3},
        {"r": 1_000_000},
        {"p": 0},
        {"salt": "AAAA"},
        {"salt": 5},
    ],
)
def test_unreasonable_wrapping_is_refused_before_any_work(path, change):
    document = keyring_file.wrap_document(keyring_file.new_body(), b"secret")
    document["kdf"].update(change)
    put(path, document)

    with pytest.raises(KeyringError, match="wrapping is incomplete"):
        keyring.load(path, b"secret")


def test_a_missing_file_says_what_to_do_and_is_not_created(path):
    with pytest.raises(KeyringError, match="does not exist.*keyring init"):
        keyring.load(path)

    assert not path.exists()


@pytest.mark.skipif(os.name != "posix", reason="rights of files are posix")
@pytest.mark.parametrize("mode", [0o440, 0o404, 0o420, 0o402, 0o644])
def test_a_file_others_can_read_or_change_is_refused(path, mode):
    put(path, plain()).chmod(mode)

    with pytest.raises(KeyringError, match="chmod 0400"):
        keyring.load(path)


def test_a_systemd_credential_may_show_the_right_of_its_group(path, monkeypatch):
    put(path, plain()).chmod(0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(path.parent))

    assert keyring.load(path).active("data").id == 1


def test_a_folder_in_place_of_the_file_is_refused(path):
    path.mkdir(parents=True)

    with pytest.raises(KeyringError, match="can't be read|not a file"):
        keyring.load(path)


@pytest.mark.parametrize(
    "setting", ["STATIC_ROOT", "MEDIA_ROOT", "CLINIC_FILES_DIR", "CLINIC_BACKUP_DIR"]
)
def test_a_place_that_is_served_or_copied_is_refused(path, settings, setting, tmp_path):
    put(path, plain())
    setattr(settings, setting, str(tmp_path))

    with pytest.raises(KeyringError, match="lies inside the folder of"):
        keyring.load(path)


def test_the_backup_folder_of_the_data_directory_is_refused(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    path = put(tmp_path / "backups" / "keyring.json", plain())

    with pytest.raises(KeyringError, match="folder of backups"):
        keyring.load(path)


def test_a_prefixed_folder_of_static_files_is_refused(path, settings, tmp_path):
    put(path, plain())
    settings.STATICFILES_DIRS = [("shop", str(tmp_path))]

    with pytest.raises(KeyringError, match="folder of static files"):
        keyring.load(path)


def test_a_file_that_is_far_too_large_is_refused(path, monkeypatch):
    put(path, plain())
    monkeypatch.setattr(keyring, "MAX_FILE_BYTES", 100)

    with pytest.raises(KeyringError, match="too large"):
        keyring.load(path)


def test_a_link_into_the_backups_is_refused_too(tmp_path, settings):
    folder = tmp_path / "backups"
    settings.CLINIC_BACKUP_DIR = str(folder)
    put(folder / "keyring.json", plain())
    link = tmp_path / "ring.json"
    link.symlink_to(folder / "keyring.json")

    with pytest.raises(KeyringError, match="folder of backups"):
        keyring.load(link)


def entry(key_id=1, state="active", key=None):
    made = keyring_file.new_entry(key_id, "2026-01-01T00:00:00Z")
    return {**made, "state": state, **({"key": key} if key is not None else {})}


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[]", "unknown format"),
        ({"format": 2, "wrap": "none"}, "unknown format"),
        ({"format": 1}, "unknown way"),
        ({"format": 1, "wrap": "none"}, "holds no keys"),
        ({"format": 1, "wrap": "scrypt"}, "wrapping is incomplete"),
        (plain(data=[]), "no key for data"),
        (plain(audit=None), "no key for audit"),
        (plain(other=[]), "unknown purpose"),
        (plain(data=["x"]), "data key whose id"),
        (plain(data=[entry(0)]), "data key whose id"),
        (plain(data=[entry(65536)]), "data key whose id"),
        (plain(data=[entry(True)]), "data key whose id"),
        (plain(data=[entry("1")]), "data key whose id"),
        (plain(index=[entry(256)]), "from 1 to 255"),
        (plain(data=[entry(1), entry(1, "decrypt-only")]), "data key 1 twice"),
        (plain(data=[entry(1, "decrypt-only")]), "no active key for data"),
        (plain(data=[entry(1), entry(2)]), "2 active keys for data"),
        (plain(data=[entry(1, "sleeping")]), "data key 1 an unknown state"),
        (plain(data=[entry(1, key="AAAA")]), "damaged data key 1"),
        (plain(data=[entry(1, key="*")]), "damaged data key 1"),
        (plain(data=[entry(1, key=7)]), "damaged data key 1"),
    ],
)
def test_each_fault_is_named_with_file_and_place(path, document, words):
    put(path, document)

    with pytest.raises(KeyringError) as caught:
        keyring.load(path)

    assert words in str(caught.value)
    assert str(path) in str(caught.value)


def test_one_key_for_two_purposes_is_refused(path):
    body = keyring_file.new_body()
    body["index"][0]["key"] = body["data"][0]["key"]
    put(path, {"format": 1, "wrap": "none", "keys": body})

    with pytest.raises(KeyringError, match="uses one key twice"):
        keyring.load(path)


def test_the_highest_ids_are_accepted(path):
    put(path, plain(data=[entry(65535)], index=[entry(255)]))

    ring = keyring.load(path)

    assert (ring.active("data").id, ring.active("index").id) == (65535, 255)


def test_a_retired_or_unknown_key_opens_nothing(path):
    put(path, plain(data=[entry(1), entry(2, "retired"), entry(3, "decrypt-only")]))
    ring = keyring.load(path)

    for key_id in (2, 4):
        with pytest.raises(KeyringError, match=f"data key {key_id}"):
            ring.key("data", key_id)

    assert [key.id for key in ring.usable("data")] == [1, 3]


def test_the_ring_is_read_once_and_again_after_reset(new_ring):
    new_ring()
    first = keyring.ring()

    assert keyring.ring() is first
    keyring.reset()
    assert keyring.ring() is not first


def test_a_missing_setting_is_named(settings):
    settings.CLINIC_KEYRING = ""
    keyring.reset()

    try:
        with pytest.raises(KeyringError, match="CLINIC_KEYRING is not set"):
            keyring.ring()
    finally:
        keyring.reset()


def test_the_fault_counts_as_a_wrong_configuration():
    assert issubclass(KeyringError, ImproperlyConfigured)


def test_keys_show_and_pickle_nothing(path):
    keyring_file.create_file(path)
    ring = keyring.load(path)
    key = ring.active("data")

    assert repr(key) == "<Key data 1 active>"
    for thing in (key, ring):
        with pytest.raises(TypeError):
            pickle.dumps(thing)


def test_subkeys_differ_by_context_and_purpose(fixed_ring):
    ring = keyring.ring()
    data, index = ring.active("data"), ring.active("index")

    assert data.subkey("a.b") != data.subkey("a.c")
    assert data.subkey("a.b") != index.subkey("a.b")
    assert data.subkey("a.b") == data.subkey("a.b")
    assert len(data.subkey("a.b")) == 32
