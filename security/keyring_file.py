"""Writing a key ring file; reading it is `security.keyring`."""

import base64
import json
import os
import secrets
from datetime import datetime, timezone
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from security.keyring import (
    FORMAT,
    KEY_BYTES,
    PURPOSES,
    KeyringError,
    check_place,
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


def new_body(created: str | None = None) -> dict:
    """A fresh active key number 1 for each purpose."""
    created = created or datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {purpose: [new_entry(1, created)] for purpose in PURPOSES}


def new_entry(key_id: int, created: str) -> dict:
    key = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
    return {"id": key_id, "key": key, "state": "active", "created": created}


def create_file(path: Path, passphrase: bytes | None = None) -> None:
    """Write a new key ring (0400, in a folder of 0700); an existing file is never touched."""
    path = Path(path)
    check_place(path)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    content = json.dumps(wrap_document(new_body(), passphrase), indent=1).encode()
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        try:
            _place_without_overwriting(part, path)
        except FileExistsError:
            raise KeyringError(f"The key ring {path} already exists; it was left alone.") from None
    finally:
        part.unlink(missing_ok=True)
    _sync_folder(path.parent)


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


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
