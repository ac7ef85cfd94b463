"""Whether the key ring fits the database: fingerprints, and samples of what is sealed."""

from collections.abc import Callable
from dataclasses import dataclass

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections

from security import crypto, places
from security.fields import encrypted_fields
from security.keyring import PURPOSES, Ring
from security.models import AuditArchive, AuditEntry, AuditSeal, KeyCheck


@dataclass
class Column:
    """One encrypted column that is really there in the database."""

    model: type
    field: object


def has_table(using: str) -> bool:
    """False before the first migration: there is nothing that could be opened wrongly."""
    connection = connections[using]
    with connection.cursor() as cursor:
        return KeyCheck._meta.db_table in connection.introspection.table_names(cursor)


def columns(using: str):
    """Every encrypted column of every installed model, as far as it is migrated already."""
    connection = connections[using]
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        for model in apps.get_models(include_auto_created=True):
            fields = [] if model._meta.proxy else encrypted_fields(model)
            if not fields or model._meta.db_table not in tables:
                continue
            # Django's own description parses SQLite's text of each table, half a second in all.
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"SELECT * FROM {table} WHERE 1 = 0")  # noqa: S608  # nosec B608 # ours
            there = {column[0] for column in cursor.description}
            yield from (Column(model, field) for field in fields if field.column in there)


def sample(column: Column, using: str):
    """(row, Sealed) of one filled cell, None where the column is empty."""
    field = column.field
    manager = column.model._base_manager.using(using)
    filled = manager.filter(**{f"{field.name}__isnull": False})
    return next(iter(filled.values_list(field.row_attname, field.attname)[:1]), None)


def first_sealed_column(using: str) -> Column | None:
    return next((c for c in columns(using) if sample(c, using) is not None), None)


def fault(ring: Ring, using: str, *, new_keys_allowed: bool = False) -> str | None:
    """One sentence that says why this ring must not be used with this database, else None."""
    if not has_table(using):
        return None
    known = list(KeyCheck.objects.using(using).values_list("purpose", "key_id", "kcv"))
    if not known:
        sealed = first_sealed_column(using)
        if sealed is None:
            return None
        return (
            f"The database holds encrypted values ({sealed.field}) but no fingerprint of a key; "
            "make sure that it belongs to this installation, then run: manage.py keyring init."
        )
    keys = {(key.purpose, key.id): key for purpose in PURPOSES for key in ring.keys(purpose)}
    for purpose, key_id, kcv in known:
        key = keys.pop((purpose, key_id), None)
        if key is None:
            return (
                f"The key ring {ring.path} lacks {purpose} key {key_id}, which this database "
                "needs; put back the key ring that belongs to this database."
            )
        if key.kcv != bytes(kcv):
            return (
                f"The key ring {ring.path} holds another {purpose} key {key_id} than this database "
                "was written with; put back the key ring that belongs to this database."
            )
    for key in keys.values():
        if key.state == "active" and not new_keys_allowed:
            return (
                f"The key ring {ring.path} uses {key.purpose} key {key.id}, which this database "
                "doesn't know; if the key is meant to be new, run: manage.py keyring init."
            )
    return None


def unopenable(using: str) -> str | None:
    """The first column whose sample does not open with the loaded ring, as a sentence."""
    for column in columns(using):
        found = sample(column, using)
        if found is None:
            continue
        row, sealed = found
        try:
            column.field.open(sealed.envelope, row)
        except crypto.CryptoError as error:
            return str(error)
    return None


def note_fingerprints(ring: Ring, using: str) -> int:
    """Write the fingerprints the database lacks; the caller has made sure that the ring fits."""
    manager = KeyCheck.objects.using(using)
    known = set(manager.values_list("purpose", "key_id"))
    new = [
        key
        for purpose in PURPOSES
        for key in ring.keys(purpose)
        if (key.purpose, key.id) not in known
    ]
    for key in new:
        manager.create(purpose=key.purpose, key_id=key.id, kcv=key.kcv)
    return len(new)


# --- who needs a key ----------------------------------------------------------------------------

_users: list[tuple[str, Callable[[int], str | None]]] = []


def register_user(purpose: str, function: Callable[[int], str | None]) -> None:
    """Somebody outside the database's cells who needs keys of this purpose (backups, archives).

    `function(key_id)` says in a few words what needs that key ("3 backups"), or None.
    A backup holds cells, entries and itself, so it registers for every purpose.
    """
    if (purpose, function) not in _users:
        _users.append((purpose, function))


def counts(using: str) -> dict[tuple[str, int], int]:
    """(purpose, key id) → how many sealed things, indexes and audit entries name the key."""
    found = {}
    for place in places.all_places(using):
        for key, count in place.counts(using).items():
            found[key] = found.get(key, 0) + count
    for key_id, count in _entries_per_key(using).items():
        found["audit", key_id] = count
    return found


def _entries_per_key(using):
    """Audit entries, the seals over them, archives' rows: never written again under another key."""
    found = {}
    for model in (AuditEntry, AuditSeal, AuditArchive):
        counted = places.key_counts(using, model._meta.db_table, "mac", first=1, length=2)
        for key_id, count in counted.items():
            found[key_id] = found.get(key_id, 0) + count
    return found


def needs(purpose: str, key_id: int, using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """Who still needs this key, in a few words each."""
    found = [
        f"{count} of {place.name}"
        for place in places.all_places(using)
        if (count := place.counts(using).get((purpose, key_id), 0))
    ]
    if purpose == "audit" and (count := _entries_per_key(using).get(key_id, 0)):
        found.append(f"{count} audit entries and seals")
    return found + users_of(purpose, key_id)


def users_of(purpose: str, key_id: int) -> list[str]:
    """What the registered users (backups, archives) say about this key."""
    said = (function(key_id) for wanted, function in _users if wanted == purpose)
    return [text for text in said if text]
