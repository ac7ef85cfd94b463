"""What holds for every encrypted column there is, those of later issues included."""

import contextlib
import itertools
import json
import uuid

import pytest
from django.core.exceptions import FieldError, PermissionDenied
from django.core.management import call_command
from django.db import DataError, connection, transaction
from django.db.models import F, QuerySet, Value

from security import keyring
from security.crypto import CryptoError, open_blob, seal_blob
from security.fields import blind_indexes, encrypted_fields
from tests.security.reflected import (
    ENCRYPTED,
    OURS,
    SEALED,
    anything_goes,
    canary,
    column_id,
    execute,
    insert,
)

REFUSED = (FieldError, PermissionDenied)  # append-only rows refuse everybody
INDEXES = [(model, field) for model in OURS for field in blind_indexes(model)]


def read(model, pk, field):
    return getattr(model._base_manager.get(pk=pk), field.attname)


def quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def test_there_is_something_to_prove():
    assert len(ENCRYPTED) >= 20
    assert len(INDEXES) >= 3


@pytest.mark.django_db
@pytest.mark.parametrize("model", SEALED, ids=lambda model: model._meta.label)
def test_a_value_moved_by_sql_to_another_row_or_column_does_not_open(model):
    table, pk = quoted(model._meta.db_table), quoted(model._meta.pk.column)
    fields = encrypted_fields(model)
    with anything_goes(model._meta.db_table):
        (one, values), (other, _) = insert(model), insert(model)
        there = model._meta.pk.get_db_prep_value(other, connection)
        here = model._meta.pk.get_db_prep_value(one, connection)
        opened = {field.name: read(model, one, field) for field in fields}
        for field in fields:
            column = quoted(field.column)
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT {column} FROM {table} WHERE {pk} = %s", [here])  # noqa: S608
                envelope = cursor.fetchone()[0]
            for target in {field.column, *(f.column for f in fields)}:
                where = there if target == field.column else here
                move = f"UPDATE {table} SET {quoted(target)} = %s WHERE {pk} = %s"  # noqa: S608
                # A column of MariaDB that is too narrow for it does not even take it.
                with contextlib.suppress(DataError), transaction.atomic():
                    execute(move, [envelope, where])
                    moved_to = next(f for f in fields if f.column == target)
                    with pytest.raises(CryptoError):
                        read(model, other if where == there else one, moved_to)
                    transaction.set_rollback(True)

    assert opened == values


@pytest.mark.parametrize("pair", ENCRYPTED, ids=column_id)
def test_no_column_of_another_table_opens_it_either(pair):
    """The same row number in another table is the nearest that a thief can come."""
    _model, field = pair
    row = uuid.uuid4()
    sealed = field.seal(canary(field, 4711), row)

    for _, other in ENCRYPTED:
        if other is not field:
            with pytest.raises(CryptoError):
                other.open(sealed, row)
    assert field.open(sealed, row) == canary(field, 4711)


@pytest.mark.django_db
@pytest.mark.parametrize("pair", ENCRYPTED + INDEXES, ids=column_id)
@pytest.mark.parametrize("kind", ["its manager", "base manager", "bare queryset"])
def test_nothing_writes_it_past_the_sealing(pair, kind):
    model, field = pair
    rows = {
        "its manager": lambda: model._default_manager.all(),
        "base manager": lambda: model._base_manager.all(),
        "bare queryset": lambda: QuerySet(model),
    }[kind]
    row = model(pk=model._meta.pk.get_default() or 1)
    for value in ("x", b"x", F("pk"), Value("x"), F(field.name)):
        with pytest.raises(REFUSED), transaction.atomic():
            rows().update(**{field.name: value})
    row.__dict__[field.attname] = "x"
    with pytest.raises(REFUSED), transaction.atomic():
        rows().bulk_update([row], [field.name])


@pytest.mark.django_db
def test_a_dump_of_everything_holds_envelopes_only(tmp_path):
    """Every encrypted column of every table is filled, then the whole database is dumped."""
    path = tmp_path / "dump.json"
    with anything_goes(*(model._meta.db_table for model in SEALED)):
        canaries = [str(v) for model in SEALED for v in insert(model)[1].values()]
        call_command("dumpdata", use_base_manager=True, output=str(path), verbosity=0)
    text = path.read_text(encoding="utf-8")
    dumped = json.loads(text)

    by_label = {model._meta.label_lower: encrypted_fields(model) for model in SEALED}
    seen = set()
    for entry, field in itertools.chain.from_iterable(
        ((e, f) for f in by_label.get(e["model"], ())) for e in dumped
    ):
        assert entry["fields"][field.name].startswith("enc:1:"), (entry["model"], field.name)
        seen.add((entry["model"], field.name))
    assert len(seen) == len(ENCRYPTED)
    plain = json.dumps(dumped, ensure_ascii=False)
    assert not [c for c in canaries if "雀" in c and (c in plain or c in text)]


@pytest.mark.django_db
@pytest.mark.parametrize("ring", ["another", "none"])
def test_a_copy_of_the_database_without_its_key_ring_opens_nothing(
    ring, new_ring, settings, tmp_path
):
    file, row = seal_blob("core.file", uuid.UUID(int=7), b"%PDF"), uuid.UUID(int=7)
    with anything_goes(*(model._meta.db_table for model in SEALED)):
        rows = [(model, insert(model)[0]) for model in SEALED]
        new_ring()
        if ring == "none":
            settings.CLINIC_KEYRING = str(tmp_path / "gone.json")
            keyring.reset()
        for model, pk in rows:
            for field in encrypted_fields(model):
                with pytest.raises((CryptoError, keyring.KeyringError)):
                    read(model, pk, field)
        with pytest.raises((CryptoError, keyring.KeyringError)):
            open_blob("core.file", row, file)
