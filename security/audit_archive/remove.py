"""Letting archived entries go; the only place of the program that deletes from the audit log."""

import time

from django.db import connection

from clinic.core.errors import Busy
from clinic.core.transactions import atomic_retry
from security import mentions
from security.audit_archive import records
from security.models import AuditArchive, AuditEntry, AuditSealed

PIECE_SECONDS = 0.06  # a writing transaction ends after that; others wait for it
ROWS = 50
BUSY_TRIES = 12


def is_left(row: AuditArchive) -> bool:
    return _members(row, row.first_seal).exists()


def remove(row: AuditArchive) -> int:
    """Remove what is left of this archive's entries, piece by piece; how many there were.

    The caller has made sure that the row is genuine and that its file is whole.
    """
    removed, seal = 0, row.first_seal
    while seal is not None:
        count, seal = _patiently(row, seal)
        removed += count
    mentions.forget_before(row.first_id)
    return removed


def _patiently(row, seal):
    for attempt in range(1, BUSY_TRIES + 1):
        try:
            return _remove_piece(row, seal)
        except Busy:
            if attempt == BUSY_TRIES:
                raise
            time.sleep(0.5)
    raise AssertionError("unreachable")


@atomic_retry
def _remove_piece(row: AuditArchive, seal: int) -> tuple[int, int | None]:
    """(removed, the seal to go on from; None: done). Starting at that seal, and not at the first,
    spares MySQL the walk over all that was just deleted."""
    until, removed = time.monotonic() + PIECE_SECONDS, 0
    while True:
        members = _members(row, seal).order_by("seal_id", "entry_id")
        found = list(members.values_list("seal_id", "entry_id")[:ROWS])
        if found:
            ids = [entry for _seal, entry in found]
            _delete(AuditEntry, "id", ids)
            _delete(AuditSealed, "entry_id", ids)
            removed, seal = removed + len(ids), found[-1][0]
        if len(found) < ROWS:
            records.note_removed(row)
            return removed, None
        if time.monotonic() > until:
            return removed, seal


def _members(row: AuditArchive, seal: int):
    return AuditSealed.objects.filter(seal_id__gte=seal, seal_id__lte=row.last_seal)


def _delete(model, column: str, ids: list[int]) -> None:
    """Past the models, which refuse it; the database's triggers ask for the archive's row."""
    blanks = ", ".join(["%s"] * len(ids))
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {model._meta.db_table} WHERE {column} IN ({blanks})",  # noqa: S608  # nosec B608 # our names
            ids,
        )
