"""One key, and how the keys of a ring are read and checked; the ring is `security.keyring`."""

import base64
import binascii
import hmac
import threading

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.core.exceptions import ImproperlyConfigured

PURPOSES = ("data", "index", "audit", "backup")
STATES = ("active", "decrypt-only", "retired")
KEY_BYTES = 32
MAX_ID = 65535
MAX_INDEX_ID = 255  # a blind index names its key in one byte


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


def parse(path, body) -> dict[str, list[Key]]:
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
