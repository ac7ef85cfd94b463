"""Proving an archive's file: as written, and as the seals in the database say."""

from collections.abc import Callable, Iterator
from pathlib import Path

from security.audit_archive.errors import NO_FILE, NO_KEY, ArchiveError, damaged
from security.audit_archive.form import Reader
from security.audit_archive.places import is_file_of, path_of
from security.models import AuditArchive, AuditEntry, AuditSeal

BATCH = 500  # entries
KINDS = {NO_KEY: "archive_file_key", NO_FILE: "archive_file_missing"}


def prove(path: Path, *, each: Callable[[list], None] = lambda entries: None) -> Reader:
    """Open all of it, compute every MAC and root again, compare with the seals; what it holds.

    `each` gets the entries piece by piece.
    """
    reader, seals, entries = Reader(path), [], []
    for seal, members in reader.sealed():
        seals.append(seal)
        entries += members
        if len(entries) >= BATCH:
            _compare(path, seals)
            each(entries)
            seals, entries = [], []
    _compare(path, seals)
    each(entries)
    if reader.last is None:
        raise damaged(path)
    return reader


def _compare(path: Path, seals: list[AuditSeal]) -> None:
    """A seal's MAC covers all of it, so equal MACs mean equal seals."""
    known = AuditSeal.objects.in_bulk([seal.seq for seal in seals])
    for seal in seals:
        if seal.seq not in known or bytes(known[seal.seq].mac) != seal.mac:
            raise damaged(path)


def find(row: AuditArchive, folder: Path) -> Path | None:
    """The file in the folder that was asked for, else where it was written to."""
    places = [folder / Path(row.file).name, path_of(row)]
    return next((path for path in places if path.is_file()), None)


def faults(row: AuditArchive, folder: Path, pause) -> Iterator[tuple[str, int, str]]:
    """(kind, number, detail) for everything that is wrong with the file of this row."""
    path, twice = find(row, folder), []
    if path is None:
        yield "archive_file_missing", row.number, row.file
        return

    def look(entries: list) -> None:
        pause()
        twice.extend(_standing_in_the_log(row, entries))

    try:
        reader = prove(path, each=look)
        same = is_file_of(row, path) and _is_stretch_of(row, reader)
    except (ArchiveError, OSError) as error:
        kind = getattr(error, "kind", NO_FILE)
        yield KINDS.get(kind, "archive_file_changed"), row.number, str(path)
        return
    if not same:
        yield "archive_file_changed", row.number, str(path)
    yield from (("archived_twice", number, str(path)) for number in twice)


def _is_stretch_of(row: AuditArchive, reader: Reader) -> bool:
    told = (row.number, row.first_seal, row.last_seal, row.first_id, row.last_id, row.entries)
    return told == stretch(reader) and reader.last.mac == bytes(row.seal_mac)


def stretch(reader: Reader) -> tuple:
    """What a row says of the file that was read through."""
    return (
        *(reader.number, reader.first.seq, reader.last.seq),
        *(reader.first_id, reader.last_id, reader.entries),
    )


def _standing_in_the_log(row: AuditArchive, entries: list) -> list[int]:
    """Entries that were put back into the log; not those that are still to be removed."""
    again = AuditEntry.objects.filter(uid__in=[entry.uid for entry in entries])
    rest = again.exclude(sealed__seal_id__gte=row.first_seal, sealed__seal_id__lte=row.last_seal)
    return list(rest.order_by("pk").values_list("pk", flat=True))
