"""Archiving: a file is written, read back and proven, named by a row; only then entries go.

Killed at any moment, the next run goes on: a part without a row is thrown away, a row whose file
still has the name of a part gets it, and what is left of a proven archive's entries is removed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path

from django.utils.timezone import now

from clinic.core.paging import paged
from clinic.core.parts import part_of
from security import checkpoints, keyring
from security.audit_archive import files, form, places, records, remove
from security.audit_archive.errors import ArchiveError
from security.backup.folders import digest_of, locked
from security.merkle import Tree
from security.models import AuditArchive, AuditEntry, AuditSeal
from security.verify import Members, entry_faults, seal_faults

LEAST_DAYS = 183  # six months
DAYS = 1096
ENTRIES = 100_000  # of one file


@dataclass
class Result:
    """What a run did."""

    archives: list[AuditArchive] = field(default_factory=list)
    removed: int = 0
    problem: ArchiveError | None = None


def archive(*, days: int = DAYS, to: Path | None = None, say: Callable = lambda text: None):
    """Archive what is older than so many days, a file at a time, and finish an earlier run."""
    if days < LEAST_DAYS:
        raise ArchiveError(
            "too_young",
            f"The audit log is kept for at least {LEAST_DAYS} days (six months) by law; nothing "
            "was archived. Choose a larger number.",
        )
    result, before = Result(), now() - timedelta(days=days)
    with locked():  # no backup or restore meanwhile
        folder = places.folder_for(to)
        _require_genuine()
        for place in {folder, places.own_folder()}:
            places.remove_parts(place)
        _finish_earlier(result)
        while result.problem is None:
            row = _archive_one(folder, before, result)
            if row is None:
                break
            result.archives.append(row)
            result.removed += _finish(row)
            say(f"{places.path_of(row)}: {row.entries} entries, {row.size} bytes")
    return result


def _require_genuine() -> None:
    """Nothing is removed on the word of a row that somebody else wrote."""
    _good, found = records.faults()
    if found:
        raise ArchiveError(
            "tampered",
            "The records of the archives are not as they were written; nothing was archived. "
            "Run: manage.py verify_audit.",
        )


def _finish_earlier(result: Result) -> None:
    """What a killed run left to do."""
    noted = None
    for row in AuditArchive.objects.order_by("number"):
        noted = dict(checkpoints.read_archives()) if noted is None else noted
        left = remove.is_left(row)
        if left or row.number not in noted or part_of(places.path_of(row)).exists():
            result.removed += _finish(row, noted=row.number in noted, left=left)


def _finish(row: AuditArchive, *, noted: bool = False, left: bool = True) -> int:
    places.put_in_place(row)
    if not noted:
        checkpoints.append_archive(row)
    return remove.remove(row) if left else 0


# --- one file -----------------------------------------------------------------------------------


def _archive_one(folder: Path, before: datetime, result: Result) -> AuditArchive | None:
    last = records.latest()
    number = last.number + 1 if last else 1
    pieces = _stretch(last.last_seal + 1 if last else 1, before, result)
    first = next(pieces, None)
    if first is None:
        return None
    moment = now()
    path = places.new_path(folder, number, moment)
    with places.writing(path) as out:
        writer = form.Writer(out, number, form.facts_of(keyring.ring(), moment))
        for seal, entries in chain([first], pieces):
            writer.add(seal, entries)
        writer.finish()
    part = part_of(path)
    reader = files.prove(part)
    row = _row_of(reader, moment, part)
    row.file = places.name_for(path)
    if (row.number, reader.entries) != (number, writer.entries):
        raise ArchiveError("damaged", f"The archive {part} could not be read back as written.")
    records.note(row, writer.seals)
    return row


def _row_of(reader: form.Reader, moment: datetime, part: Path) -> AuditArchive:
    number, first_seal, last_seal, first_id, last_id, entries = files.stretch(reader)
    return AuditArchive(
        number=number,
        first_seal=first_seal,
        last_seal=last_seal,
        first_id=first_id,
        last_id=last_id,
        entries=entries,
        seal_mac=reader.last.mac,
        size=part.stat().st_size,
        sha256=bytes.fromhex(digest_of(part)),
        backup_key=reader.backup_key,
        audit_keys=",".join(map(str, sorted(reader.audit_keys))),
        made_at=moment,
    )


def _stretch(
    first: int, before: datetime, result: Result
) -> Iterator[tuple[AuditSeal, list[AuditEntry]]]:
    """Whole seals in their order, as far as all of them are old enough and one file holds them."""
    members = Members(first, lambda: None)
    previous = AuditSeal.objects.filter(seq__lt=first).order_by("-seq").first()
    count = 0
    for seal in paged(AuditSeal.objects.filter(seq__gte=first), "seq", 500):
        if seal.sealed_at >= before or (count and count + seal.n > ENTRIES):
            return
        try:
            entries = _whole(seal, previous, members)
        except ArchiveError as error:  # what comes before it is archived all the same
            result.problem = error
            return
        if any(entry.timestamp >= before for entry in entries):
            return
        yield seal, entries
        count, previous = count + seal.n, seal


def _whole(seal: AuditSeal, previous, members: Members) -> list[AuditEntry]:
    """The seal's entries, all of them as they were written; a log with faults stays where it is."""
    tree, entries, fault = Tree(), [], next(seal_faults(seal, previous), None)
    for member, entry in members.of(seal.seq):
        tree.add(bytes(member.leaf))
        entries.append(entry)
        if entry is None:
            fault = fault or member.pk
        else:
            fault = fault or next(entry_faults(entry, bytes(member.leaf)), None)
    if fault or tree.size != seal.n or tree.root() != bytes(seal.root):
        raise ArchiveError(
            "tampered",
            f"Seal {seal.seq} or its entries are not as they were written, so neither they nor "
            "what follows can be archived; run: manage.py verify_audit.",
        )
    return entries
