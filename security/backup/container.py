"""The file format of a backup: a readable header, then chunks that can't be cut, moved or changed.

::

    magic(8) | version(1) | length of the header(4) | header (JSON) | chunk | chunk | …

Each chunk is AES-256-GCM in the STREAM construction: nonce = prefix(7) | counter(4) | last(1),
additional data = SHA-256 of everything before the first chunk. The counter stops reordering, the
last-flag stops truncation. Every file has its own key, derived from the backup key and a salt.
"""

import hashlib
import hmac
import io
import json
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from security import keyring
from security.backup.errors import BackupError

MAGIC = b"CLINICBK"
VERSION = 1
CHUNK = 1024 * 1024
LARGEST_CHUNK = 16 * CHUNK
TAG = 16
LARGEST_HEADER = 64 * 1024
START = len(MAGIC) + 1 + 4


def _file_key(key, salt: bytes) -> bytes:
    return hmac.digest(key.subkey("container"), salt, "sha256")


class _Chunks:
    """What writer and reader share: the cipher, the nonce of each chunk, the bound header."""

    def __init__(self, key, header: dict, head: bytes):
        self.cipher = AESGCM(_file_key(key, bytes.fromhex(header["salt"])))
        self.prefix = bytes.fromhex(header["nonce"])
        self.bound = hashlib.sha256(head).digest()
        self.count = 0

    def nonce(self, *, last: bool) -> bytes:
        nonce = self.prefix + self.count.to_bytes(4, "big") + bytes((last,))
        self.count += 1
        return nonce


class Writer(io.RawIOBase):
    """Seals what is written into `out`; only `finish` makes it a whole backup."""

    def __init__(self, out, facts: dict, *, chunk: int = CHUNK):
        key = keyring.ring().active("backup")
        header = {
            **facts,
            "key": key.id,
            "salt": os.urandom(32).hex(),
            "nonce": os.urandom(7).hex(),
            "chunk": chunk,
        }
        text = json.dumps(header, sort_keys=True).encode()
        head = MAGIC + bytes((VERSION,)) + len(text).to_bytes(4, "big") + text
        self._out, self._size = out, chunk
        self._chunks = _Chunks(key, header, head)
        self._kept = bytearray()
        out.write(head)

    def writable(self):
        return True

    def write(self, data) -> int:
        self._kept += data
        while len(self._kept) > self._size:  # one is always kept back: it may be the last
            self._seal(bytes(self._kept[: self._size]), last=False)
            del self._kept[: self._size]
        return len(data)

    def finish(self) -> None:
        self._seal(bytes(self._kept), last=True)
        self._kept.clear()

    def _seal(self, text, *, last):
        nonce = self._chunks.nonce(last=last)
        self._out.write(self._chunks.cipher.encrypt(nonce, text, self._chunks.bound))


def read_header(stream, name="") -> tuple[dict, bytes]:
    """(header, its bytes) of an open file; the header is not yet proven to be genuine."""
    start = stream.read(START)
    if len(start) < START or start[: len(MAGIC)] != MAGIC or start[len(MAGIC)] != VERSION:
        raise BackupError("not_ours", name)
    length = int.from_bytes(start[-4:], "big")
    text = stream.read(length) if length <= LARGEST_HEADER else b""
    try:
        header = json.loads(text)
        sane = (
            type(header["key"]) is int
            and type(header["chunk"]) is int
            and 0 < header["chunk"] <= LARGEST_CHUNK
            and len(bytes.fromhex(header["salt"])) == 32
            and len(bytes.fromhex(header["nonce"])) == 7
        )
    except (ValueError, TypeError, KeyError, RecursionError):
        sane = False
    if not sane:
        raise BackupError("damaged", name)
    return header, start + text


class Reader(io.RawIOBase):
    """Opens a backup chunk by chunk; anything that is not as it was written is one error."""

    def __init__(self, stream, name=""):
        self._name = name
        self.header, head = read_header(stream, name)
        try:
            _ring, key = keyring.find("backup", self.header["key"])  # perhaps just added
        except keyring.KeyringError:
            raise BackupError("no_key", self.header["key"]) from None
        self._stream = stream
        self._chunks = _Chunks(key, self.header, head)
        self._sealed = self.header["chunk"] + TAG
        self._next = stream.read(self._sealed)
        self._kept, self._at = b"", 0
        self._ended = False

    def readable(self):
        return True

    def readinto(self, buffer) -> int:
        while self._at == len(self._kept):
            if self._ended:
                return 0
            self._open_next()
        size = min(len(buffer), len(self._kept) - self._at)
        buffer[:size] = self._kept[self._at : self._at + size]
        self._at += size
        return size

    def _open_next(self):
        sealed, self._next = self._next, self._stream.read(self._sealed)
        self._ended = not self._next
        nonce = self._chunks.nonce(last=self._ended)
        try:
            self._kept = self._chunks.cipher.decrypt(nonce, sealed, self._chunks.bound)
        except (InvalidTag, ValueError):
            raise BackupError("damaged", self._name) from None
        self._at = 0
