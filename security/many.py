"""Several rows of a model in one statement, each on record as if it had been saved alone.

A verb that writes the same columns of five rows otherwise asks Django, the audit log and the
database five times. The caller holds the rows' locks and has set their attributes; in the log
stands the same as after as many `save()`s in a row. No receivers but the log's are called.
"""

from collections.abc import Sequence

from django.db import DatabaseError, connections, models, router, transaction

from security import tracking
from security.fields.base import is_blind_index, is_encrypted

MOST = 200  # rows in one statement; a sheet has fifty, and SQLite takes 32,766 values


def create(rows: Sequence[models.Model]) -> None:
    """Store new rows in their order and give them their keys."""
    if not rows:
        return
    model = type(rows[0])
    if not connections[router.db_for_write(model)].features.can_return_rows_from_bulk_insert:
        for row in rows:  # MySQL tells the key of one row only
            row.save(force_insert=True)
        return
    model._default_manager.bulk_create(rows)
    tracking.note_created(rows)


def update(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Store these attributes of rows that all differ; DatabaseError unless each is there."""
    if not rows:
        return
    model = type(rows[0])
    fields = [model._meta.get_field(name) for name in names]
    using = router.db_for_write(model, instance=rows[0])
    tracking.note_changes(rows, names, using)
    if _write(model, rows, fields, using) != len(rows):
        raise DatabaseError(f"Not every row of {model._meta.label} could be changed.")


def update_found(rows: Sequence[models.Model], names: Sequence[str]) -> int:
    """The same of rows that nobody tracks, some of which may not be there; how many were."""
    model = type(rows[0])
    if tracking.is_tracked(model):
        raise TypeError(f"{model._meta.label} is tracked: what is not there can't be on record.")
    fields = [model._meta.get_field(name) for name in names]
    return _write(model, rows, fields, router.db_for_write(model, instance=rows[0]))


def _write(model, rows, fields, using: str) -> int:
    """How many rows the database found."""
    if any(is_encrypted(field) or is_blind_index(field) for field in fields):
        raise TypeError(f"{model._meta.label}: what is encrypted is saved row by row.")
    pieces = [rows[first : first + MOST] for first in range(0, len(rows), MOST)]
    return sum(_write_piece(model._meta, piece, fields, connections[using]) for piece in pieces)


def _write_piece(meta, rows, fields, connection) -> int:
    quote = connection.ops.quote_name
    key = quote(meta.pk.column)
    keys = [meta.pk.get_db_prep_save(row.pk, connection) for row in rows]
    case = f"CASE {key} {' '.join(['WHEN %s THEN %s'] * len(rows))} END"
    sets = ", ".join(f"{quote(field.column)} = {case}" for field in fields)
    places = ", ".join(["%s"] * len(rows))
    # Names of tables and columns are the models' own, quoted.
    sql = f"UPDATE {quote(meta.db_table)} SET {sets} WHERE {key} IN ({places})"  # noqa: S608  # nosec B608
    values = []
    for field in fields:
        for number, row in zip(keys, rows, strict=True):
            value = field.pre_save(row, add=False)
            values += [number, field.get_db_prep_save(value, connection)]
    with transaction.mark_for_rollback_on_error(connection.alias), connection.cursor() as cursor:
        cursor.execute(sql, [*values, *keys])
        return cursor.rowcount
