"""The key ring: four independent families of keys in one file, apart from what they open.

The file is JSON, readable by its owner only, and holds the purposes ``data`` (fields, files,
drafts), ``index`` (blind indexes), ``audit`` (row and seal MACs) and ``backup``. It is either
plain (``"wrap": "none"``) or sealed under a passphrase (``"wrap": "scrypt"``).

Nothing here ever creates a key by itself: a missing key is an error that says what to do.
"""

import base64
import binascii
import hmac
import json
import os
import stat
import threading
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

FORMAT = 1
PURPOSES = ("data", "index", "audit", "backup")
STATES = ("active", "decrypt-only", "retired")
KEY_BYTES = 32
MAX_ID = 65535
MAX_INDEX_ID = 255  # a blind index names its key in one byte
MAX_FILE_BYTES = 1_000_000
_SCRYPT_N_ALLOWED = tuple(2**power for power in range(14, 21))


class KeyringError(ImproperlyConfigured):
    """The keys can't be used as they are; the message is one sentence for the administrator."""


class Key:
    """One root key; its subkeys are derived once and kept."""

    __slots__ = ("_lock", "_subkeys", "created", "id", "purpose", "root", "state")

    def __init__(self, purpose, key_id, root, state, created):
        self.purpose = purpose
        self.id = key_id
        self.root = root
        self.state = state
        self.created = created
        self._subkeys = {}
        self._lock = threading.Lock()

    def __repr__(self):
        return f"<Key {self.purpose} {self.id} {self.state}>"

    def __reduce__(self):
        raise TypeError("A key is never pickled.")

    @property
    def kcv(self) -> bytes:
        """Eight bytes that recognise the key without telling it."""
        return hmac.digest(self.root, b"kcv", "sha256")[:8]

    def subkey(self, context: str) -> bytes:
        """An own 32-byte key for each column, index or kind of message."""
        found = self._subkeys.get(context)
        if found is None:
            info = f"clinic/v1/{self.purpose}/{context}".encode()
            found = HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=info).derive(self.root)
            with self._lock:
                self._subkeys[context] = found
        return found


class Ring:
    """The loaded keys of one file."""

    def __init__(self, path, keys, wrap):
        self.path = path
        self.wrap = wrap
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

    def keys(self, purpose: str) -> list[Key]:
        return list(self._keys[purpose].values())

    def usable(self, purpose: str) -> list[Key]:
        """Every key that may still be read with, the active one first."""
        active = self._active[purpose]
        return [active, *(k for k in self.keys(purpose) if k.state == "decrypt-only")]

    def key(self, purpose: str, key_id: int) -> Key:
        found = self._keys[purpose].get(key_id)
        if found is None or found.state == "retired":
            what = "retired" if found else "not there"
            raise KeyringError(
                f"The key ring {self.path} can't open data of {purpose} key {key_id}: that key is "
                f"{what}; put back the key ring that holds it."
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


def ring() -> Ring:
    """The key ring of this process, read on first use."""
    if _ring is not None:
        return _ring
    return _load_once()


def _load_once() -> Ring:
    global _ring
    with _load_lock:
        if _ring is None:
            _ring = load(keyring_path())
    return _ring


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
        body = document.get("keys")
    elif wrap == "scrypt":
        body = _unwrap(path, document, passphrase)
    else:
        raise KeyringError(
            f"The key ring {path} is wrapped in an unknown way ({wrap!r}); use none or scrypt."
        )
    return Ring(path, _parse(path, body), wrap)


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


def _parse(path, body) -> dict[str, list[Key]]:
    if not isinstance(body, dict):
        raise KeyringError(f"The key ring {path} holds no keys; put back your copy of it.")
    unknown = sorted(set(body) - set(PURPOSES))
    if unknown:
        raise KeyringError(
            f"The key ring {path} holds keys for an unknown purpose ({unknown[0]!r}); it was "
            "written by another version of the program."
        )
    keys = {purpose: _parse_purpose(path, purpose, body.get(purpose)) for purpose in PURPOSES}
    seen = {}
    for key in (key for family in keys.values() for key in family):
        other = seen.setdefault(key.root, key)
        if other is not key:
            raise KeyringError(
                f"The key ring {path} uses one key twice ({other.purpose} {other.id} and "
                f"{key.purpose} {key.id}); put back your copy of it."
            )
    return keys


def _parse_purpose(path, purpose, entries) -> list[Key]:
    if not isinstance(entries, list) or not entries:
        raise KeyringError(
            f"The key ring {path} has no key for {purpose}; put back your copy of it."
        )
    found = {}
    for entry in entries:
        key = _parse_key(path, purpose, entry)
        if key.id in found:
            raise KeyringError(
                f"The key ring {path} has {purpose} key {key.id} twice; put back your copy of it."
            )
        found[key.id] = key
    active = [key.id for key in found.values() if key.state == "active"]
    if len(active) != 1:
        count = "no active key" if not active else f"{len(active)} active keys"
        raise KeyringError(
            f"The key ring {path} has {count} for {purpose}; exactly one is needed, so put back "
            "your copy of it."
        )
    return list(found.values())


def _parse_key(path, purpose, entry) -> Key:
    key_id = entry.get("id") if isinstance(entry, dict) else None
    highest = MAX_INDEX_ID if purpose == "index" else MAX_ID
    if type(key_id) is not int or not 1 <= key_id <= highest:
        raise KeyringError(
            f"The key ring {path} has a {purpose} key whose id is not a number from 1 to "
            f"{highest}; put back your copy of it."
        )
    state, created = entry.get("state"), entry.get("created", "")
    if state not in STATES:
        raise KeyringError(
            f"The key ring {path} gives {purpose} key {key_id} an unknown state; use one of "
            f"{', '.join(STATES)}."
        )
    try:
        root = base64.b64decode(entry.get("key", ""), validate=True)
    except (TypeError, ValueError, binascii.Error):
        root = b""
    if len(root) != KEY_BYTES:
        raise KeyringError(
            f"The key ring {path} has a damaged {purpose} key {key_id} (not {KEY_BYTES} bytes); "
            "put back your copy of it."
        )
    return Key(purpose, key_id, root, state, str(created))


# --- wrapping -----------------------------------------------------------------------------------


def scrypt_key(passphrase: bytes, salt: bytes, kdf: dict) -> bytes:
    return Scrypt(salt=salt, length=KEY_BYTES, n=kdf["n"], r=kdf["r"], p=kdf["p"]).derive(
        passphrase
    )


def wrap_header(kdf) -> bytes:
    parts = ("clinic-keyring", FORMAT, "scrypt", kdf["n"], kdf["r"], kdf["p"], kdf["salt"])
    return "|".join(map(str, parts)).encode()


def _unwrap(path, document, passphrase) -> dict:
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
    return json.loads(opened)
