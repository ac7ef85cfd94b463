"""Sealing and opening, blind indexes and audit MACs; the only module that touches ciphertext.

Envelope (binary)::

    version(1)=1 | algorithm(1): 1=AES-256-GCM | key id(2, big endian) | nonce(12) | text | tag(16)

Inside the text: ``kind(1) | length(4, big endian) | bytes | zeros`` up to a step of 32 bytes
(256 above 256), so that the length of a value does not tell much.

The envelope is bound to its place: the additional data name the column (``context``, a label
that never changes) and the row (a UUID). Moved to another row or column it does not open.
Everything that does not open raises CryptoError; nothing is passed through.
"""

import hmac
import os
import uuid

from cryptography.exceptions import InvalidTag

from security import keyring

VERSION = 1
AES_256_GCM = 1
NONCE_BYTES = 12
TAG_BYTES = 16
HEADER_BYTES = 4
NONCE_END = HEADER_BYTES + NONCE_BYTES
OVERHEAD = NONCE_END + TAG_BYTES
INNER_HEADER = 5
SHORT_STEP, LONG_STEP, SHORT_LIMIT = 32, 256, 256
SHORTEST = OVERHEAD + SHORT_STEP
MAX_PLAINTEXT = 2**31 - 1 - OVERHEAD - INNER_HEADER - LONG_STEP

# kinds of plaintext
TEXT, DATE, DECIMAL, JSON, BLOB = 1, 2, 3, 4, 5


class CryptoError(Exception):
    """Something sealed can't be opened here; the message holds no part of the value."""


# --- envelopes ------------------------------------------------------------------------------------


def padded_length(length: int) -> int:
    """The length of the padded text for a value of so many bytes."""
    inner = INNER_HEADER + length
    step = SHORT_STEP if inner <= SHORT_LIMIT else LONG_STEP
    return -(-inner // step) * step


def sealed_length(length: int) -> int:
    """The length of the envelope for a value of so many bytes."""
    return OVERHEAD + padded_length(length)


def row_bytes(row) -> bytes:
    """The 16 bytes that name a row."""
    if isinstance(row, uuid.UUID):
        return row.bytes
    try:
        return uuid.UUID(str(row)).bytes
    except ValueError:
        raise CryptoError("A sealed value needs the UUID of its row, and there is none.") from None


_bound_prefixes: dict[tuple[bytes, str], bytes] = {}


def _bound_to(header: bytes, context: str, row) -> bytes:
    """The additional data: every part with its length in two bytes before it."""
    prefix = _bound_prefixes.get((header, context))
    if prefix is None:
        parts = (b"clinic", header[0:1], header[1:2], header[2:4], context.encode())
        prefix = b"".join(len(part).to_bytes(2, "big") + part for part in parts) + b"\x00\x10"
        _bound_prefixes[(header, context)] = prefix
    return prefix + (row.bytes if type(row) is uuid.UUID else row_bytes(row))


def seal(context: str, row, plaintext: bytes, kind: int = TEXT) -> bytes:
    """The envelope of these bytes for this column and row, under the active data key."""
    length = len(plaintext)
    if length > MAX_PLAINTEXT:
        raise CryptoError("The value is too large to be sealed in one piece.")
    ring = keyring.ring()
    key = ring.active("data")
    header = bytes((VERSION, AES_256_GCM)) + key.id.to_bytes(2, "big")
    inner = bytes((kind,)) + length.to_bytes(4, "big") + plaintext
    inner = inner.ljust(padded_length(length), b"\x00")
    nonce = os.urandom(NONCE_BYTES)
    cipher = ring.cipher(key, context)
    return header + nonce + cipher.encrypt(nonce, inner, _bound_to(header, context, row))


def unseal(context: str, row, envelope: bytes, kind: int = TEXT) -> bytes:
    """The bytes that were sealed for exactly this column, row and kind; else CryptoError."""
    header = bytes(envelope[:HEADER_BYTES])
    cipher = keyring.ring().openers.get((header, context))
    if cipher is None or len(envelope) < SHORTEST:
        cipher = _opener(envelope, header, context, row)
    nonce, sealed = envelope[HEADER_BYTES:NONCE_END], envelope[NONCE_END:]
    try:
        inner = cipher.decrypt(nonce, sealed, _bound_to(header, context, row))
    except InvalidTag:
        raise CryptoError(
            f"{_place(context, row)} does not open with data key {key_id_of(envelope)}: the value "
            "is damaged, was moved from another place, or the key is not the one it was sealed "
            "with."
        ) from None
    length = int.from_bytes(inner[1:INNER_HEADER], "big")
    end = INNER_HEADER + length
    if inner[0] != kind or len(inner) != padded_length(length) or inner[end:].strip(b"\x00"):
        raise CryptoError(f"{_place(context, row)} holds a value of an unexpected kind or length.")
    return inner[INNER_HEADER:end]


def _opener(envelope, header, context, row):
    """The cipher for this header and column, found once for each ring: lists open thousands."""
    key_id = key_id_of(envelope, context, row)
    try:
        ring, key = keyring.find("data", key_id)
    except keyring.KeyringError as error:
        raise CryptoError(f"{_place(context, row)}: {error}") from None
    cipher = ring.openers[(header, context)] = ring.cipher(key, context)
    return cipher


def key_id_of(envelope: bytes, context: str = "The value", row=None) -> int:
    """The key id an envelope names; CryptoError where it is no envelope of ours."""
    if len(envelope) < SHORTEST:
        fault = "is too short to be a sealed value: it is damaged"
    elif envelope[0] != VERSION:
        fault = f"is sealed in unknown version {envelope[0]}"
    elif envelope[1] != AES_256_GCM:
        fault = f"is sealed by unknown algorithm {envelope[1]}"
    else:
        return int.from_bytes(envelope[2:4], "big")
    raise CryptoError(f"{_place(context, row)} {fault}.")


def active_key_id() -> int:
    """The key that new values are sealed with."""
    return keyring.ring().active("data").id


def _place(context, row) -> str:
    return context if row is None else f"{context} of row {row}"


def seal_blob(context: str, row, content: bytes) -> bytes:
    """The same envelope for whole files, drafts and other bytes."""
    return seal(context, row, content, BLOB)


def open_blob(context: str, row, envelope: bytes) -> bytes:
    return unseal(context, row, envelope, BLOB)


# --- blind indexes --------------------------------------------------------------------------------


def index_length(bits: int) -> int:
    """Bytes of a blind index of so many bits, its key's number included."""
    return 1 + (bits + 7) // 8


def _index_value(key, context: str, normalised: str, bits: int) -> bytes:
    digest = hmac.digest(key.subkey(context), normalised.encode(), "sha256")
    cut = bytearray(digest[: (bits + 7) // 8])
    if bits % 8:
        cut[-1] &= 0xFF << (8 - bits % 8) & 0xFF
    return bytes((key.id,)) + bytes(cut)


def blind_index(context: str, normalised: str, bits: int = 128) -> bytes:
    """What is stored beside an encrypted value so that an exact question finds it."""
    return _index_value(keyring.ring().active("index"), context, normalised, bits)


def lasting_digest(context: str, text: str) -> str:
    """A keyed digest that stays the same when the index key is changed, for equality only.

    Made with the oldest index key, also when that one is retired.
    """
    oldest = min(keyring.ring().keys("index"), key=lambda key: key.id)
    return _index_value(oldest, context, text, 128)[1:].hex()


def index_candidates(context: str, normalised: str, bits: int = 128) -> list[bytes]:
    """What to ask the database for: one value for each index key that may still be in use."""
    keys = keyring.ring().usable("index")
    return [_index_value(key, context, normalised, bits) for key in keys]


# --- message authentication -----------------------------------------------------------------------


def audit_mac(payload: bytes, uid, label: str = "row") -> bytes:
    """``key id(2) | HMAC-SHA256`` over label, uid and payload, under the active audit key."""
    key = keyring.ring().active("audit")
    return key.id.to_bytes(2, "big") + _audit_digest(key, payload, uid, label)


def verify_audit_mac(payload: bytes, uid, mac: bytes, label: str = "row") -> bool:
    """Whether this MAC belongs to label, uid and payload; an unknown key id raises."""
    if len(mac) != 34:
        return False
    try:
        _ring, key = keyring.find("audit", int.from_bytes(mac[:2], "big"))
    except keyring.KeyringError as error:
        raise CryptoError(str(error)) from None
    return hmac.compare_digest(mac[2:], _audit_digest(key, payload, uid, label))


def _audit_digest(key, payload, uid, label):
    message = row_bytes(uid) + payload
    return hmac.digest(key.subkey(label), message, "sha256")
