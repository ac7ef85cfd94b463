"""The archive file: lines of JSON inside gzip inside the sealed container of the backups.

::

    {"archive": 3, "v": 1}
    {"seal": 41, "n": 2, "total": 80, …}     a seal, as its MAC covers it
    [79, "<uid>", "<payload>", "<mac>"]      its entries in the order of the seal's tree
    [80, …]
    …
    {"end": …}

Only the container's last chunk and the last line make it whole. Reading proves everything again:
the MAC of each entry, the root of each seal, the chain from seal to seal.
"""

import gzip
import io
import json
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

from security import crypto, keyring
from security.audit_archive.errors import NO_FILE, ArchiveError, damaged, no_key
from security.backup import container
from security.backup.errors import BackupError
from security.merkle import Tree, leaf_of
from security.models import AuditEntry, AuditSeal
from security.seals import seal_text

VERSION = 1
LEVEL = 6
KIND = "audit"
SEAL_NUMBERS = ("n", "total", "first_id", "last_id")
SEAL_BYTES = ("root", "prev_mac", "mac")
FAULTS = (zlib.error, gzip.BadGzipFile, EOFError, ValueError, KeyError, TypeError, IndexError)


def _line(value) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


class Writer:
    """Writes seals with their entries into `out`; only `finish` makes it a whole file."""

    def __init__(self, out, number: int, facts: dict):
        self._sealed = container.Writer(out, {**facts, "kind": KIND, "archive": number})
        self._zipped = gzip.GzipFile(
            fileobj=self._sealed, mode="wb", compresslevel=LEVEL, mtime=0, filename=""
        )
        self.seals = self.entries = 0
        self._zipped.write(_line({"archive": number, "v": VERSION}))

    def add(self, seal: AuditSeal, entries: list[AuditEntry]) -> None:
        told = {"seal": seal.seq, "at": seal.sealed_at.isoformat(timespec="microseconds")}
        told |= {name: getattr(seal, name) for name in SEAL_NUMBERS}
        told |= {name: bytes(getattr(seal, name)).hex() for name in SEAL_BYTES}
        self._zipped.write(_line(told))
        for entry in entries:
            row = [entry.pk, entry.uid.hex, entry.payload, bytes(entry.mac).hex()]
            self._zipped.write(_line(row))
        self.seals, self.entries = self.seals + 1, self.entries + len(entries)

    def finish(self) -> None:
        self._zipped.write(_line({"end": self.seals, "entries": self.entries}))
        self._zipped.close()
        self._sealed.finish()


class Reader:
    """Reads a file through, proving each seal with its entries before it hands them over.

    The counts and keys are right, and the file is whole, when `sealed()` has ended without error.
    """

    def __init__(self, path: Path):
        self.path = path
        self.number = 0
        self.entries = 0
        self.first: AuditSeal | None = None
        self.last: AuditSeal | None = None
        self.first_id, self.last_id = 0, 0
        self.audit_keys: set[int] = set()
        self.backup_key = 0

    def sealed(self) -> Iterator[tuple[AuditSeal, list[AuditEntry]]]:
        try:
            with self.path.open("rb") as stream:
                sealed = container.Reader(stream, self.path)
                self.backup_key = sealed.header["key"]
                if sealed.header.get("kind") != KIND:
                    raise BackupError("not_ours", self.path)
                buffered = io.BufferedReader(sealed, container.CHUNK)
                with gzip.GzipFile(fileobj=buffered) as lines:
                    yield from self._pieces(lines)
                while buffered.read(container.CHUNK):  # or a cut last chunk would go unnoticed
                    pass
        except BackupError as error:
            raise self._in_our_words(error) from None
        except gzip.BadGzipFile:
            raise damaged(self.path) from None
        except OSError:
            raise ArchiveError(
                NO_FILE,
                f"The archive {self.path} can't be read; check that it is there and its rights.",
            ) from None
        except FAULTS:
            raise damaged(self.path) from None

    def _in_our_words(self, error: BackupError) -> ArchiveError:
        if error.code == "no_key":
            return no_key(self.path, "backup", error.detail)
        if error.code == "not_ours":
            return ArchiveError(
                "not_ours",
                f"The file {self.path} is no archive of the audit log; choose another file.",
            )
        return damaged(self.path)

    def _pieces(self, lines):
        head = json.loads(lines.readline())
        if head["v"] != VERSION:
            raise damaged(self.path)
        self.number = head["archive"]
        seals = 0
        while True:
            told = json.loads(lines.readline())
            if "end" in told:
                break
            piece = self._piece(told, lines)
            seals += 1
            yield piece
        if (told["end"], told["entries"]) != (seals, self.entries) or lines.read(1):
            raise damaged(self.path)

    def _piece(self, told: dict, lines) -> tuple[AuditSeal, list[AuditEntry]]:
        seal = AuditSeal(seq=told["seal"], sealed_at=datetime.fromisoformat(told["at"]))
        for name in SEAL_NUMBERS:
            setattr(seal, name, told[name])
        for name in SEAL_BYTES:
            setattr(seal, name, bytes.fromhex(told[name]))
        tree, entries = Tree(), []
        for _entry in range(seal.n):
            entry = _entry_of(json.loads(lines.readline()))
            self._prove(entry.payload.encode(), entry.uid, entry.mac, "row")
            tree.add(leaf_of(entry.uid.bytes, entry.mac))
            entries.append(entry)
        self._prove(seal_text(seal), UUID(int=seal.seq), seal.mac, "seal")
        before = self.last
        follows = before is None or (seal.seq, seal.prev_mac) == (before.seq + 1, before.mac)
        if tree.root() != seal.root or not follows:
            raise damaged(self.path)
        self._count(seal, [entry.pk for entry in entries])
        return seal, entries

    def _prove(self, text: bytes, uid: UUID, mac: bytes, label: str) -> None:
        key_id = int.from_bytes(mac[:2], "big")
        try:
            genuine = crypto.verify_audit_mac(text, uid, mac, label)
        except crypto.CryptoError:
            raise no_key(self.path, "audit", key_id) from None
        if not genuine:
            raise damaged(self.path)
        self.audit_keys.add(key_id)

    def _count(self, seal, ids: list[int]) -> None:
        self.first_id = min([*ids, self.first_id or ids[0]])
        self.last_id = max([*ids, self.last_id])
        self.first = self.first or seal
        self.last = seal
        self.entries += len(ids)


def _entry_of(row: list) -> AuditEntry:
    pk, uid, payload, mac = row
    return AuditEntry(pk=pk, uid=UUID(uid), payload=payload, mac=bytes.fromhex(mac))


def facts_of(keys: keyring.Ring, moment: datetime) -> dict:
    """The readable part of the file's header; nothing in it tells about a person."""
    audit = sorted(key.id for key in keys.usable("audit"))
    return {"created": moment.isoformat(timespec="seconds"), "keys": {"audit": audit}}
