"""What a place of sealed things can do, and the walk over tables that all of them share."""

import time
from contextlib import contextmanager
from dataclasses import dataclass

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, IntegrityError, connection, connections

from clinic.core.errors import Busy
from clinic.core.transactions import atomic_retry
from security import keyring

PIECE_SECONDS = 0.1  # a writing transaction ends after that; others wait for it
BUSY_TRIES = 12


@dataclass
class Progress:
    """What one batch of a rotation did."""

    rows: int = 0
    cells: int = 0
    faults: int = 0


@dataclass(frozen=True)
class Fault:
    """Something sealed that does not open, or an index that is not the value's own."""

    place: str
    row: object
    column: str
    what: str

    def __str__(self):
        return f"{self.place} {self.row} {self.column}: {self.what}"


class Place:
    """Where sealed things lie. `contexts` are the labels they are sealed for."""

    name = ""
    contexts: tuple[str, ...] = ()
    table: str | None = None  # the place is skipped until this table is migrated

    def counts(self, using) -> dict[tuple[str, int], int]:
        """(purpose, key id) → how many sealed things name that key."""
        raise NotImplementedError

    def rotate(self, purposes, *, batch):
        """Bring what is under an older key of these purposes under the active one.

        Yields a Progress after each committed piece; may be stopped after any.
        """
        raise NotImplementedError

    def verify(self, using, *, batch):
        """Yields (things opened, [Fault]) for each row or file."""
        raise NotImplementedError


_registered: dict[str, Place] = {}


def register(place: Place) -> None:
    """Apps register their blobs in ready(); a second registration of a name replaces the first."""
    _registered[place.name] = place


def registered() -> list[Place]:
    return list(_registered.values())


def all_places(using: str = DEFAULT_DB_ALIAS) -> list[Place]:
    """Everything that is there: tables with encrypted columns, then what was registered."""
    with connections[using].cursor() as cursor:
        tables = set(connections[using].introspection.table_names(cursor))
    from_models = [
        _reflect(model)
        for model in apps.get_models(include_auto_created=True)
        if not model._meta.proxy and _reflect(model) is not None
    ]
    return [
        place
        for place in (*from_models, *_registered.values())
        if place.table is None or place.table in tables
    ]


_reflectors = []


def reflector(function):
    """`function(model)` gives the place of a model's own sealed columns, or None."""
    _reflectors.append(function)
    return function


def _reflect(model):
    return next((found for function in _reflectors if (found := function(model))), None)


def key_counts(using, table, column, *, first, length) -> dict[int, int]:
    """Key id → cells of this column, from the bytes that name the key; reads the column once."""
    database = connections[using]
    name, table = database.ops.quote_name(column), database.ops.quote_name(table)
    with database.cursor() as cursor:
        cursor.execute(
            f"SELECT HEX(SUBSTR({name}, {first}, {length})), COUNT(*) FROM {table} "  # noqa: S608  # nosec B608
            f"WHERE {name} IS NOT NULL GROUP BY 1"
        )
        found = {}
        for key_id, count in cursor.fetchall():
            number = int(key_id, 16) if key_id else 0
            found[number] = found.get(number, 0) + count
        return found


@contextmanager
def any_text(using):
    """Inside, SQLite hands over text that is no UTF-8 instead of breaking off the whole page."""
    database = connections[using]
    if database.vendor != "sqlite":
        yield
        return
    database.ensure_connection()
    raw = database.connection
    before, raw.text_factory = raw.text_factory, lambda b: b.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        raw.text_factory = before


class TablePlace(Place):
    """Sealed cells of one table, walked by primary key one page at a time."""

    model = None
    columns: tuple[str, ...] = ()  # attnames to fetch besides pk

    @property
    def table(self):
        return self.model._meta.db_table

    def old_where(self, purposes) -> str | None:
        """SQL that is true where a cell names another key than the active one; None: ask all."""
        raise NotImplementedError

    def reseal(self, row, purposes):
        """({attname: (old bytes, new bytes)}, [Fault]) of a row's values()."""
        raise NotImplementedError

    def check(self, row):
        """(cells opened, [Fault]) of a row's values()."""
        raise NotImplementedError

    def verify(self, using, *, batch):
        for page in self.pages(using, batch):
            for row in page:
                yield self.check(row)

    def rotate(self, purposes, *, batch):
        where = self.old_where(purposes)
        for page in self.pages(DEFAULT_DB_ALIAS, batch, where):
            changes, progress = [], Progress()
            for row in page:
                changed, faults = self.reseal(row, purposes)
                progress.faults += len(faults)
                if changed:
                    changes.append((row["pk"], changed))
            while changes:
                taken, rows, cells, faults = self.write(changes)
                changes = changes[taken:]
                progress.rows, progress.cells = progress.rows + rows, progress.cells + cells
                progress.faults += faults
                if changes:
                    yield progress
                    progress = Progress()
            yield progress

    def pages(self, using, batch, where=None):
        # By key, not by iterator(): MySQL's driver would load the whole result at once.
        rows = self.model._base_manager.using(using).order_by("pk")
        if where is not None:
            rows = rows.extra(where=[where])  # noqa: S610  # nosec B610 # our own names and numbers
        last = None
        while True:
            page = rows if last is None else rows.filter(pk__gt=last)
            with any_text(using):
                found = list(page.values("pk", *self.columns)[:batch])
            if found:
                yield found
            if len(found) < batch:
                return
            last = found[-1]["pk"]

    # -- writing: compare and swap, so that whoever saved meanwhile wins --

    def write(self, changes):
        """Write a piece of `changes`: (taken, rows, cells, faults)."""
        for attempt in range(1, BUSY_TRIES + 1):
            try:
                return self._write_piece(changes)
            except Busy:
                if attempt == BUSY_TRIES:
                    raise
                time.sleep(0.5)
            except IntegrityError:  # two rows have the same unique value; leave that to a person
                if len(changes) == 1:
                    return 1, 0, 0, 1
                changes = changes[:1]
        raise AssertionError("unreachable")

    @atomic_retry
    def _write_piece(self, changes):
        until = time.monotonic() + PIECE_SECONDS
        taken = rows = cells = 0
        with connection.cursor() as cursor:
            for pk, changed in changes:
                taken += 1
                if self._swap(cursor, pk, changed):
                    rows, cells = rows + 1, cells + len(changed)
                if time.monotonic() > until:
                    break
        return taken, rows, cells, 0

    def _swap(self, cursor, pk, changed):
        sql, names = self._statement(changed), list(changed)
        values = [_parameter(changed[name][1]) for name in names]
        values.append(self.model._meta.pk.get_db_prep_value(pk, cursor.db))
        values += [_parameter(changed[name][0]) for name in names]
        cursor.execute(sql, values)
        return cursor.rowcount

    def _statement(self, changed) -> str:
        """The UPDATE of these columns; the same for most rows, so it is written once."""
        known = self.__dict__.setdefault("_statements", {})
        key = tuple(changed)
        if key not in known:
            meta, quote = self.model._meta, connection.ops.quote_name
            marked = [
                f"{quote(meta.get_field(name).column)} = "
                + ("%s" if isinstance(old, str) else connection.ops.binary_placeholder_sql(b""))
                for name, (old, _new) in changed.items()
            ]
            known[key] = (
                f"UPDATE {quote(meta.db_table)} SET {', '.join(marked)} "  # noqa: S608  # nosec B608 # our names
                f"WHERE {quote(meta.pk.column)} = %s AND {' AND '.join(marked)}"
            )
        return known[key]

    def quoted(self, attname):
        column = self.model._meta.get_field(attname).column
        return f"{connection.ops.quote_name(self.table)}.{connection.ops.quote_name(column)}"


def _parameter(value):
    return value if isinstance(value, str) else bytes(value)


def other_key(quoted: str, purpose: str, *, first: int, length: int) -> str:
    """SQL: this cell names another key than the active one; unknown (so false) where NULL."""
    active = keyring.ring().active(purpose).id
    return f"SUBSTR({quoted}, {first}, {length}) <> X'{active:0{2 * length}X}'"
