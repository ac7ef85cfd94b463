"""verify_encryption finds every cell that does not open and every index that is not its own."""

import io
import uuid

import pytest
from django.core.management import CommandError, call_command
from django.db import connection


def verify(**options):
    out = io.StringIO()
    try:
        call_command("verify_encryption", stdout=out, **options)
    except CommandError as error:
        return out.getvalue(), str(error)
    return out.getvalue(), None


@pytest.fixture
def people(trial_app):
    made = [
        trial_app.Person.objects.create(
            name=f"甲{n}", phone=f"1380013800{n}", id_number=f"E000000{n}", story="x"
        )
        for n in range(5)
    ]
    trial_app.Visit.objects.create(person=made[0], complaint="咳嗽")
    return made


def execute(sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


@pytest.mark.parametrize("batch", [1, 2, 5, 500])
def test_a_sound_database_has_no_fault(people, batch):
    said, failed = verify(batch=batch)

    assert failed is None
    assert said.strip() == "6 rows, 21 cells, 0 faults"


@pytest.mark.parametrize(
    ("sql", "column", "words"),
    [
        ("UPDATE fieldsapp_person SET story = phone WHERE name = '甲3'", "story", "does not open"),
        ("UPDATE fieldsapp_person SET phone = X'00' WHERE name = '甲3'", "phone", "too short"),
        (
            "UPDATE fieldsapp_person SET phone_index = NULL WHERE name = '甲3'",
            "phone_index",
            "the index is missing",
        ),
        (
            "UPDATE fieldsapp_person SET phone_index = id_number_index WHERE name = '甲3'",
            "phone_index",
            "not the value's own",
        ),
        (
            "UPDATE fieldsapp_person SET phone = NULL WHERE name = '甲3'",
            "phone_index",
            "an index for an empty value",
        ),
    ],
)
def test_each_fault_is_reported_with_row_and_column(people, sql, column, words):
    execute(sql)

    said, failed = verify()

    assert failed
    lines = [line for line in said.splitlines() if f" {column}: " in line]
    assert len(lines) == 1
    assert lines[0].startswith(f"fieldsapp.Person {people[3].pk} ")
    assert words in lines[0]
    assert "1380013800" not in said


def test_two_rows_with_swapped_values_are_both_reported(people):
    rows = [(people[0], people[1]), (people[1], people[0])]
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, phone FROM fieldsapp_person")
        stored = dict(cursor.fetchall())
    for here, there in rows:
        execute(
            "UPDATE fieldsapp_person SET phone = %s WHERE name = %s", stored[there.name], here.name
        )

    said, failed = verify()

    assert failed.startswith("2 faults")
    assert {line.split()[1] for line in said.splitlines()[:-1]} == {
        str(people[0].pk),
        str(people[1].pk),
    }


def test_a_value_that_can_not_be_indexed_is_a_fault(people):
    from security.fields import EncryptedTextField

    field = EncryptedTextField(context="test.person.phone")
    sealed = bytes(field.seal("no number", uuid.UUID(str(people[0].pk))))
    execute("UPDATE fieldsapp_person SET phone = %s WHERE name = '甲0'", sealed)

    said, _failed = verify()

    assert "phone_index: the value can't be indexed" in said


def test_the_count_of_queries_follows_the_batches(people, django_assert_max_num_queries):
    with django_assert_max_num_queries(60):
        verify(batch=500)
