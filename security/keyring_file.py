"""Writing a key ring file; reading it is `security.keyring`."""

import base64
import json
import os
import secrets
import time
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from clinic.core import parts
from clinic.core.locks import try_lock
from security.keyring import (
    FORMAT,
    KEY_BYTES,
    PURPOSES,
    KeyringError,
    Ring,
    check_place,
    load,
    parse,
    scrypt_key,
    wrap_header,
)

SCRYPT = {"n": 2**15, "r": 8, "p": 1}  # 32 MB for a tenth of a second


def wrap_document(body: dict, passphrase: bytes | None) -> dict:
    """The document to write: plain, or sealed under the passphrase."""
    if passphrase is None:
        return {"format": FORMAT, "wrap": "none", "keys": body}
    salt, nonce = os.urandom(16), os.urandom(12)
    kdf = {**SCRYPT, "salt": base64.b64encode(salt).decode()}
    sealed = AESGCM(scrypt_key(passphrase, salt, kdf)).encrypt(
        nonce, json.dumps(body).encode(), wrap_header(kdf)
    )
    return {
        "format": FORMAT,
        "wrap": "scrypt",
        "kdf": kdf,
        "nonce": base64.b64encode(nonce).decode(),
        "sealed": base64.b64encode(sealed).decode(),
    }


def now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def new_body(created: str | None = None) -> dict:
    """A fresh active key number 1 for each purpose."""
    created = created or now()
    return {purpose: [new_entry(1, created)] for purpose in PURPOSES}


def body_of(ring: Ring) -> dict:
    """What a file holds for these keys."""
    return {
        purpose: [
            {
                "id": key.id,
                "key": base64.b64encode(key.root).decode(),
                "state": key.state,
                "created": key.created,
            }
            for key in ring.keys(purpose)
        ]
        for purpose in PURPOSES
    }


def new_entry(key_id: int, created: str) -> dict:
    key = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
    return {"id": key_id, "key": key, "state": "active", "created": created}


def create_file(path: Path, passphrase: bytes | None = None, body: dict | None = None) -> None:
    """Write a new key ring (0400, in a folder of 0700); an existing file is never touched."""
    path = Path(path)
    check_place(path)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = _write_part(path, body or new_body(), passphrase)
    try:
        _place_without_overwriting(part, path)
    except FileExistsError:
        raise KeyringError(f"The key ring {path} already exists; it was left alone.") from None
    finally:
        part.unlink(missing_ok=True)
    parts.sync_folder(path.parent)


def replace_file(ring: Ring, body: dict) -> Ring:
    """Put `body` in the place of the ring's file, wrapped as it was; gives the ring as read back.

    At every moment either the whole old file or the whole new one is there. A new file must hold
    every key of the old one, so no order of a crash can lose one.
    """
    parse(ring.path, body)
    _refuse_lost_keys(ring, body)
    return _exchange(ring, body, ring.passphrase)


def rewrap(ring: Ring, passphrase: bytes | None) -> Ring:
    """The same keys under another passphrase, or under none; gives the ring as read back."""
    return _exchange(ring, body_of(ring), passphrase)


def _exchange(ring: Ring, body: dict, passphrase: bytes | None) -> Ring:
    path = ring.path.resolve()  # a link stays a link
    try:
        part = _write_part(path, body, passphrase)
        try:
            _like_the_old_one(path, part)
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
        parts.sync_folder(path.parent)
    except OSError as error:
        raise KeyringError(
            f"The key ring {path} can't be replaced ({error.strerror}); it was left as it is. Run "
            "this again as the owner of its folder, with room on the disk."
        ) from None
    return load(ring.path, passphrase)


def _refuse_lost_keys(ring, body):
    there = {(purpose, entry["key"]) for purpose in PURPOSES for entry in body[purpose]}
    for purpose, entries in body_of(ring).items():
        if any((purpose, entry["key"]) not in there for entry in entries):
            raise KeyringError(f"A key of {purpose} would be lost; the key ring was left alone.")


def _like_the_old_one(path, part):
    if os.name != "posix":
        os.chmod(path, 0o600)  # Windows replaces no file that is read-only
        return
    status = os.stat(path)
    os.chmod(part, status.st_mode & 0o777)
    if os.geteuid() == 0:  # else the service could not read what root wrote
        os.chown(part, status.st_uid, status.st_gid)


def _write_part(path, body, passphrase) -> Path:
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}{parts.PART}")
    with parts.writing(part, mode=0o400) as stream:
        stream.write(json.dumps(wrap_document(body, passphrase), indent=1).encode())
    return part


@contextmanager
def only_one(path: Path, *, wait: bool = True):
    """Hold the lock beside the ring: nobody else changes keys or rotates; gone when we die.

    Gives False, without waiting, when `wait` is False and another process holds it.
    """
    folder = Path(path).resolve().parent
    try:
        handle = os.open(folder / ".rotate.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise KeyringError(
            f"The folder {folder} can't be written ({error.strerror}); run this as its owner."
        ) from None
    if os.name == "posix" and os.geteuid() == 0:  # the service has to open it too
        os.fchown(handle, folder.stat().st_uid, folder.stat().st_gid)
    try:
        yield _take_lock(handle, wait)
    finally:
        os.close(handle)


def _take_lock(handle, wait) -> bool:
    while not try_lock(handle):
        if not wait:
            return False
        time.sleep(0.2)
    return True


def _place_without_overwriting(part: Path, path: Path) -> None:
    if os.name == "nt":
        os.rename(part, path)  # on Windows it never replaces a file
        return
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:  # no hard links here (FAT, some network disks): the check is the best we have
        if path.exists():
            raise FileExistsError(path) from None
        os.rename(part, path)
