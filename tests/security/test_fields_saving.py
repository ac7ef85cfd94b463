"""What is saved is what comes back, sealed for its own row and never under a wrong key."""

import datetime
import decimal

import pytest
from django.core.exceptions import FieldError, ValidationError
from django.db import connection, transaction
from django.db.models import F, Value

from security.crypto import CryptoError
from security.fields import Sealed

VALUES = {
    "id_number": ("11010519491231002X", "440524188001010014"),
    "phone": ("13800138000", "13900139000"),
    "address": ("文三路 90 号", ""),
    "story": ("青霉素过敏。" * 200, "无"),
    "born": (datetime.date(1949, 12, 31), datetime.date(2000, 2, 29)),
    "weight": (decimal.Decimal("70.50"), decimal.Decimal("-0.01")),
    "facts": ({"a": [1, None, "文"]}, []),
}


@pytest.fixture
def person(trial):
    return trial.Person.objects.create(name="王小明", **{k: v[0] for k, v in VALUES.items()})


def fresh(obj):
    return type(obj).objects.get(pk=obj.pk)


def raw(obj, column):
    """The bytes in the database, past all of our code."""
    with connection.cursor() as cursor:
        table = obj._meta.db_table
        cursor.execute(f"SELECT {column} FROM {table} WHERE name = %s", [obj.name])  # noqa: S608
        return cursor.fetchone()[0]


def write_raw(obj, column, value):
    with connection.cursor() as cursor:
        table = obj._meta.db_table
        cursor.execute(
            f"UPDATE {table} SET {column} = %s WHERE name = %s",  # noqa: S608
            [value, obj.name],
        )


@pytest.mark.parametrize("field", VALUES)
def test_each_value_comes_back_as_it_was(person, field):
    found = getattr(fresh(person), field)

    assert found == VALUES[field][0]
    assert type(found) is type(VALUES[field][0])


@pytest.mark.parametrize("field", VALUES)
def test_each_changed_field_is_saved(person, field):
    changed = fresh(person)
    setattr(changed, field, VALUES[field][1])

    changed.save()

    again = fresh(person)
    assert getattr(again, field) == VALUES[field][1]
    for other in VALUES.keys() - {field}:
        assert getattr(again, other) == VALUES[other][0]


@pytest.mark.parametrize("field", VALUES)
def test_each_changed_field_is_saved_by_its_name_alone(person, field):
    changed = fresh(person)
    setattr(changed, field, VALUES[field][1])

    changed.save(update_fields=[field])

    assert getattr(fresh(person), field) == VALUES[field][1]


@pytest.mark.parametrize("field", VALUES)
def test_no_plaintext_reaches_the_database(person, field):
    sealed = bytes(raw(person, field))

    assert sealed[:2] == b"\x01\x01"
    for needle in (b"11010519", b"1380013", "文三".encode(), b"1949", b"70.5", b'"a"'):
        assert needle not in sealed


def test_null_stays_null_and_empty_stays_empty(trial):
    person = trial.Person.objects.create(name="空", phone=None, story="", address="")

    found = fresh(person)
    assert (found.phone, found.story, found.address) == (None, "", "")
    assert raw(person, "phone") is None
    assert len(raw(person, "story")) == 64


def test_dates_and_numbers_may_be_given_as_text(trial):
    person = trial.Person.objects.create(name="文", born="1990-01-02", weight="5.1")

    found = fresh(person)
    assert found.born == datetime.date(1990, 1, 2)
    assert found.weight == decimal.Decimal("5.10")


@pytest.mark.parametrize(
    ("field", "junk"),
    [
        ("born", "1990-13-01"),
        ("born", "yesterday"),
        ("born", 5),
        ("born", datetime.datetime(2026, 1, 1)),  # noqa: DTZ001 - it is refused
        ("weight", "heavy"),
        ("weight", 70.5),
        ("weight", "NaN"),
        ("weight", "123456.7"),
        ("facts", "{"),
        ("facts", 5),
        ("facts", {"a": float("nan")}),
        ("facts", {"a": object()}),
        ("address", "half \ud800 pair"),
        ("phone", "no number"),
        ("id_number", "1;2"),
        ("address", ["list"]),
    ],
)
def test_junk_is_refused_before_anything_is_written(person, field, junk):
    changed = fresh(person)
    changed.name = "other"
    setattr(changed, field, junk)

    with pytest.raises(ValidationError) as caught, transaction.atomic():
        changed.save()

    assert "half" not in repr(caught.value)
    assert fresh(person).name == "王小明"


@pytest.mark.parametrize("junk", [b"bytes", memoryview(b"x"), Sealed(b"x" * 80)])
def test_sealed_bytes_are_no_value(person, junk):
    with pytest.raises((TypeError, CryptoError)), transaction.atomic():
        person.address = junk
        person.save()


def test_an_expression_is_refused(person):
    for expression in (F("name"), Value("x")):
        person.address = expression
        with pytest.raises(FieldError, match="expression"), transaction.atomic():
            person.save()
    assert fresh(person).address == VALUES["address"][0]


def test_the_row_of_another_person_does_not_open(trial, person):
    other = trial.Person.objects.create(name="李四", phone="13700137000")
    mine, theirs = raw(person, "phone"), raw(other, "phone")

    write_raw(person, "phone", theirs)
    write_raw(other, "phone", mine)

    for row in (person, other):
        with pytest.raises(CryptoError, match="does not open"):
            fresh(row).phone  # noqa: B018 - reading it is the act


def test_the_value_of_another_column_does_not_open(person):
    write_raw(person, "address", raw(person, "phone"))

    with pytest.raises(CryptoError, match="test.person.address of row"):
        fresh(person).address  # noqa: B018


@pytest.mark.parametrize("damage", [b"", b"x", b"13800138000", b"\x01\x01\x00\x01" + bytes(60)])
def test_damage_raises_and_is_never_returned(person, damage):
    write_raw(person, "phone", damage)

    with pytest.raises(CryptoError):
        fresh(person).phone  # noqa: B018


def test_a_damaged_cell_does_not_hide_the_others(person):
    write_raw(person, "phone", b"x")

    assert fresh(person).address == VALUES["address"][0]


def test_a_row_with_a_damaged_unread_cell_is_not_saved(person):
    write_raw(person, "phone", b"\x01\x01\x00\x01" + bytes(60))
    changed = fresh(person)
    changed.name = "other"

    with pytest.raises(CryptoError), transaction.atomic():
        changed.save()

    assert fresh(person).name == "王小明"


def test_a_wrong_key_neither_reads_nor_writes(person, new_ring):
    columns = [*VALUES, "id_number_index", "phone_index"]
    before = {name: raw(person, name) for name in columns}
    new_ring()
    changed = fresh(person)
    changed.name = "other"

    with pytest.raises(CryptoError):
        changed.phone  # noqa: B018
    with pytest.raises(CryptoError), transaction.atomic():
        changed.save()
    with pytest.raises(CryptoError), transaction.atomic():
        changed.save(update_fields=["address"])

    assert {name: raw(person, name) for name in columns} == before


def test_unread_values_are_written_back_unchanged(person):
    before = raw(person, "story")
    changed = fresh(person)
    changed.name = "王小明"

    changed.save()

    assert raw(person, "story") == before
