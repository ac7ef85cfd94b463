"""The key ring: four independent families of keys in one file, apart from what they open.

The file is JSON, readable by its owner only, and holds the purposes ``data`` (fields, files,
drafts), ``index`` (blind indexes), ``audit`` (row and seal MACs) and ``backup``. It is either
plain (``"wrap": "none"``) or sealed under a passphrase (``"wrap": "scrypt"``).

Nothing here ever creates a key by itself: a missing key is an error that says what to do.
"""

import base64
import json
import logging
import os
import stat
import threading
import time
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from django.conf import settings

from security.keys import (
    KEY_BYTES,
    PURPOSES,
    Key,
    KeyringError,
    parse,
)

log = logging.getLogger("clinic.keyring")
FORMAT = 1
LOOK_SECONDS = 2.0  # how long a running process may miss that the file was exchanged
MAX_FILE_BYTES = 1_000_000
_SCRYPT_N_ALLOWED = tuple(2**power for power in range(14, 21))


class Ring:
    """The loaded keys of one file."""

    def __init__(self, path, keys, wrap, *, passphrase=None, stamp=None):
        self.path = path
        self.wrap = wrap
        self.stamp = stamp
        # Kept beside the keys it opens: the stick that holds it may be gone at the next reading.
        self._passphrase = passphrase
        self._keys = {purpose: {key.id: key for key in keys[purpose]} for purpose in PURPOSES}
        self._active = {
            purpose: next(key for key in keys[purpose] if key.state == "active")
            for purpose in PURPOSES
        }
        self._ciphers = {}
        self.openers = {}  # of security/crypto.py: (header of an envelope, context) -> cipher

    def __repr__(self):
        return f"<Ring {self.path}>"

    def __reduce__(self):
        raise TypeError("A key ring is never pickled.")

    def active(self, purpose: str) -> Key:
        return self._active[purpose]

    @property
    def passphrase(self) -> bytes | None:
        """What the file is wrapped under, for writing it again."""
        return self._passphrase

    def keys(self, purpose: str) -> list[Key]:
        return list(self._keys[purpose].values())

    def usable(self, purpose: str) -> list[Key]:
        """Every key that may still be read with, the active one first."""
        active = self._active[purpose]
        return [active, *(k for k in self.keys(purpose) if k.state == "decrypt-only")]

    def key(self, purpose: str, key_id: int) -> Key:
        found = self._keys[purpose].get(key_id)
        if found is None or found.state == "retired":
            back = f"manage.py retire_key {purpose} {key_id} --back"
            then = (
                f"retired; to open with it again run: {back}."
                if found
                else "not there; put back the key ring that holds it."
            )
            raise KeyringError(
                f"The key ring {self.path} can't open data of {purpose} key {key_id}: "
                f"that key is {then}"
            )
        return found

    def cipher(self, key: Key, context: str) -> AESGCM:
        found = self._ciphers.get((key.purpose, key.id, context))
        if found is None:
            found = self._ciphers[(key.purpose, key.id, context)] = AESGCM(key.subkey(context))
        return found


# --- the ring of this process -----------------------------------------------------------------

_ring: Ring | None = None
_load_lock = threading.Lock()


_next_look = 0.0


def ring() -> Ring:
    """The key ring of this process: read on first use, and again when the file was exchanged."""
    if _ring is None:
        return _load_once()
    if time.monotonic() >= _next_look:
        take_up_changes()
    return _ring or _load_once()


def find(purpose: str, key_id: int) -> tuple[Ring, Key]:
    """The ring and a key that may be read with; an unknown one may have just been added."""
    found = ring()
    try:
        return found, found.key(purpose, key_id)
    except KeyringError:
        if not take_up_changes():
            raise
    found = ring()
    return found, found.key(purpose, key_id)


def _load_once() -> Ring:
    global _ring, _next_look
    with _load_lock:
        if _ring is None:
            _ring = load(keyring_path())
            _next_look = time.monotonic() + LOOK_SECONDS
        return _ring


def take_up_changes() -> bool:
    """Load the ring again if its file was exchanged; what does not fit leaves the old one in use.

    A ring that lacks a key of the old one belongs to another installation: nothing may be written
    with it.
    """
    global _ring, _next_look
    with _load_lock:
        _next_look = time.monotonic() + LOOK_SECONDS
        old = _ring
        if old is None or stamp_of(old.path) in (old.stamp, None):
            return False
        try:
            new = load(old.path, old.passphrase)
            lost = _lost_key(old, new)
            if lost is not None:
                raise KeyringError(f"The key ring {old.path} was exchanged for one without {lost}.")
        except KeyringError as error:
            log.error("The old key ring stays in use: %s", error)
            old.stamp = stamp_of(old.path)  # said once, not at every look
            return False
        _ring = new
        return True


def _lost_key(old: Ring, new: Ring) -> str | None:
    there = {(k.purpose, k.id): k.root for purpose in PURPOSES for k in new.keys(purpose)}
    for purpose in PURPOSES:
        for key in old.keys(purpose):
            if there.get((purpose, key.id)) != key.root:
                return f"{purpose} key {key.id}"
    return None


def stamp_of(path: Path):
    """What changes when the file is exchanged; None where there is no file."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino, status.st_size


def reset() -> None:
    """Forget the loaded keys; the next use reads the file again."""
    global _ring
    with _load_lock:
        _ring = None


def use(loaded: Ring) -> None:
    """Make this the ring of the process (commands that were given another passphrase file)."""
    global _ring
    with _load_lock:
        _ring = loaded


def keyring_path() -> Path:
    name = getattr(settings, "CLINIC_KEYRING", "")
    if not name:
        raise KeyringError("CLINIC_KEYRING is not set; give it the path of the key ring file.")
    return Path(name)


# --- reading ------------------------------------------------------------------------------------


def load(path: Path, passphrase: bytes | None = None) -> Ring:
    """Read, unwrap and check the file; every fault is a KeyringError with one sentence."""
    path = Path(path)
    check_place(path)
    stamp = stamp_of(path)  # before reading: a change in between is noticed later
    text = read_private_file(path, "key ring")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise KeyringError(
            f"The key ring {path} is damaged (not JSON); put back your copy of it."
        ) from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise KeyringError(
            f"The key ring {path} has an unknown format; this program reads format {FORMAT}."
        )
    wrap = document.get("wrap")
    if wrap == "none":
        body, passphrase = document.get("keys"), None
    elif wrap == "scrypt":
        body, passphrase = _unwrap(path, document, passphrase)
    else:
        raise KeyringError(
            f"The key ring {path} is wrapped in an unknown way ({wrap!r}); use none or scrypt."
        )
    return Ring(path, parse(path, body), wrap, passphrase=passphrase, stamp=stamp)


def check_place(path: Path) -> None:
    """A key must not lie where files are served from, uploaded to or backed up."""
    here = path.resolve()
    for what, folder in _forbidden_folders():
        if here == folder or folder in here.parents:
            raise KeyringError(
                f"The key ring {path} lies inside the folder of {what} ({folder}); "
                "move it elsewhere and set CLINIC_KEYRING."
            )


def _forbidden_folders():
    data_dir = getattr(settings, "DATA_DIR", None)
    named = [
        ("static files", getattr(settings, "STATIC_ROOT", None)),
        *(("static files", place) for place in getattr(settings, "STATICFILES_DIRS", ())),
        ("uploaded files", getattr(settings, "MEDIA_ROOT", None)),
        ("stored files", getattr(settings, "CLINIC_FILES_DIR", None)),
        ("backups", getattr(settings, "CLINIC_BACKUP_DIR", None)),
        ("backups", data_dir and Path(data_dir) / "backups"),
    ]
    for what, place in named:
        if isinstance(place, (list, tuple)):  # STATICFILES_DIRS may hold (prefix, folder)
            place = place[1]
        if place and str(place).strip():
            yield what, Path(place).resolve()


def read_private_file(path: Path, what: str) -> bytes:
    """The bytes of a file that only its owner may read."""
    try:
        with open(path, "rb") as handle:
            _refuse_open_to_others(path, os.fstat(handle.fileno()), what)
            content = handle.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        raise KeyringError(
            f"The {what} {path} does not exist; put it back from your copy, or on a new "
            "installation run: manage.py keyring init."
        ) from None
    except OSError as error:
        raise KeyringError(
            f"The {what} {path} can't be read ({error.strerror}); check its owner and rights."
        ) from None
    if len(content) > MAX_FILE_BYTES:
        raise KeyringError(f"The {what} {path} is too large to be one; check the path.")
    return content


def _refuse_open_to_others(path, status, what):
    if not stat.S_ISREG(status.st_mode):
        raise KeyringError(f"The {what} {path} is not a file; check the path.")
    if os.name != "posix":
        return
    forbidden = 0o077
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    if credentials and Path(credentials).resolve() in path.resolve().parents:
        forbidden = 0o037  # systemd shows the access list of the service as the group's right
    if status.st_mode & forbidden:
        raise KeyringError(
            f"The {what} {path} can be read or changed by others; run: chmod 0400 '{path}'."
        )


def read_passphrase(path: str | None = None) -> bytes:
    """The passphrase of the configured file, without its line end."""
    name = path or getattr(settings, "CLINIC_KEYRING_PASSPHRASE_FILE", "")
    if not name:
        raise KeyringError(
            "The key ring is wrapped by a passphrase, but CLINIC_KEYRING_PASSPHRASE_FILE is not "
            "set; give it the path of the passphrase file."
        )
    passphrase = read_private_file(Path(name), "passphrase file").rstrip(b"\r\n")
    if not passphrase:
        raise KeyringError(f"The passphrase file {name} is empty; write the passphrase into it.")
    return passphrase


# --- wrapping -----------------------------------------------------------------------------------


def scrypt_key(passphrase: bytes, salt: bytes, kdf: dict) -> bytes:
    return Scrypt(salt=salt, length=KEY_BYTES, n=kdf["n"], r=kdf["r"], p=kdf["p"]).derive(
        passphrase
    )


def wrap_header(kdf) -> bytes:
    parts = ("clinic-keyring", FORMAT, "scrypt", kdf["n"], kdf["r"], kdf["p"], kdf["salt"])
    return "|".join(map(str, parts)).encode()


def _unwrap(path, document, passphrase) -> tuple[dict, bytes]:
    try:
        kdf = document["kdf"]
        salt = base64.b64decode(kdf["salt"], validate=True)
        nonce = base64.b64decode(document["nonce"], validate=True)
        sealed = base64.b64decode(document["sealed"], validate=True)
        sane = kdf["n"] in _SCRYPT_N_ALLOWED and kdf["r"] == 8 and kdf["p"] in range(1, 17)
        if not (sane and len(salt) >= 16 and len(nonce) == 12):
            raise ValueError
    except (KeyError, TypeError, ValueError):
        raise KeyringError(
            f"The key ring {path} is damaged (its wrapping is incomplete); put back your copy of "
            "it."
        ) from None
    passphrase = read_passphrase() if passphrase is None else passphrase
    try:
        opened = AESGCM(scrypt_key(passphrase, salt, kdf)).decrypt(nonce, sealed, wrap_header(kdf))
    except InvalidTag:
        raise KeyringError(
            f"The key ring {path} does not open with this passphrase; check "
            "CLINIC_KEYRING_PASSPHRASE_FILE, or put back your copy of the key ring."
        ) from None
    return json.loads(opened), passphrase
