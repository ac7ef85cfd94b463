"""What is saved is what comes back, sealed for its own row and never under a wrong key."""

import copy
import datetime
import decimal
import pickle
import uuid

import pytest
from django.core.exceptions import FieldError
from django.db import connection, transaction

from security.crypto import CryptoError

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


# --- copies ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("read_first", [True, False])
def test_a_copy_under_a_new_key_is_sealed_for_itself(trial, person, read_first):
    twin = fresh(person)
    if read_first:
        assert twin.phone
    twin.pk = uuid.uuid4()
    twin.name, twin.id_number = "双胞胎", None
    twin._state.adding = True

    twin.save()

    found = trial.Person.objects.get(pk=twin.pk)
    assert found.pk != person.pk
    assert (found.phone, found.address) == (VALUES["phone"][0], VALUES["address"][0])
    assert fresh(person).phone == VALUES["phone"][0]


def test_a_copy_by_clearing_the_key_is_sealed_for_itself(trial, person):
    twin = fresh(person)
    twin.pk = None
    twin.name, twin.id_number = "双胞胎", None

    twin.save()

    found = trial.Person.objects.get(name="双胞胎")
    assert found.pk != person.pk
    assert found.facts == VALUES["facts"][0]


@pytest.mark.parametrize("loaded", [True, False])
def test_a_copied_row_with_a_number_gets_its_own_row_uid(trial, loaded):
    visit = trial.Visit.objects.create(complaint="咳嗽")
    twin = trial.Visit.objects.get(pk=visit.pk) if loaded else visit
    old_pk, old_uid = twin.pk, twin.row_uid
    twin.pk = None
    twin._state.adding = True

    twin.save()

    assert twin.pk != old_pk
    assert trial.Visit.objects.get(pk=twin.pk).row_uid != old_uid
    assert trial.Visit.objects.get(pk=twin.pk).complaint == "咳嗽"
    assert trial.Visit.objects.get(pk=old_pk).complaint == "咳嗽"


def test_a_copy_that_does_not_open_is_not_saved(trial, person, new_ring):
    twin = fresh(person)
    twin.pk = uuid.uuid4()
    twin._state.adding = True
    new_ring()

    with pytest.raises(CryptoError), transaction.atomic():
        twin.save()

    assert trial.Person.objects.count() == 1


def test_a_row_uid_does_not_change_under_values_that_stay(trial):
    visit = trial.Visit.objects.create(complaint="咳嗽")
    loaded = trial.Visit.objects.get()
    loaded.row_uid = uuid.uuid4()

    with pytest.raises(FieldError, match="sealed for"), transaction.atomic():
        loaded.save(update_fields=["row_uid"])
    loaded.save()

    found = trial.Visit.objects.get()
    assert (found.complaint, found.row_uid) == ("咳嗽", loaded.row_uid)
    assert found.row_uid != visit.row_uid


def test_an_object_can_be_copied_in_memory(person):
    loaded = fresh(person)
    loaded.born  # noqa: B018 - one value open, the others sealed

    for twin in (copy.deepcopy(loaded), copy.copy(loaded)):
        assert twin == loaded
        assert twin is not loaded
        assert {name: getattr(twin, name) for name in VALUES} == {
            name: value[0] for name, value in VALUES.items()
        }
    deep = copy.deepcopy(loaded)
    deep.facts["a"].append("new")
    assert loaded.facts == VALUES["facts"][0]
    assert deep._state is not loaded._state


def test_an_object_is_never_pickled(person):
    for row in (person, fresh(person)):
        with pytest.raises(TypeError, match="primary key"):
            pickle.dumps(row)


def test_a_queryset_with_rows_is_never_pickled(trial, person):
    with pytest.raises(TypeError):
        pickle.dumps(trial.Person.objects.all())


# --- partly loaded --------------------------------------------------------------------------------


def test_a_deferred_value_is_loaded_when_read(trial, person):
    for loaded in (
        trial.Person.objects.only("name").get(),
        trial.Person.objects.defer("phone").get(),
    ):
        assert "phone" in loaded.get_deferred_fields()
        assert loaded.phone == VALUES["phone"][0]


def test_a_deferred_value_is_left_alone_by_save(trial, person):
    before = raw(person, "phone")
    loaded = trial.Person.objects.only("name").get()
    loaded.address = "新地址"

    loaded.save()

    assert raw(person, "phone") == before
    assert fresh(person).address == "新地址"


def test_a_deferred_value_that_was_set_is_saved_with_its_index(trial, person):
    loaded = trial.Person.objects.only("name").get()
    loaded.phone = "13611112222"

    loaded.save()

    assert fresh(person).phone == "13611112222"
    assert [p.pk for p in trial.Person.objects.find(phone="13611112222")] == [person.pk]
    assert not trial.Person.objects.find(phone=VALUES["phone"][0])


def test_an_index_stays_when_its_source_was_not_loaded(trial, person):
    loaded = trial.Person.objects.defer("phone").get()
    loaded.name = "改名"

    loaded.save()

    assert trial.Person.objects.find(phone=VALUES["phone"][0]).get() == person


def test_only_brings_the_row_uid_along(trial, django_assert_num_queries):
    trial.Visit.objects.create(complaint="咳嗽")

    with django_assert_num_queries(2):
        assert [v.complaint for v in trial.Visit.objects.only("complaint")] == ["咳嗽"]
        assert [v.complaint for v in trial.Visit.objects.defer("row_uid", "person")] == ["咳嗽"]


def test_refresh_from_db_brings_what_another_one_saved(person):
    mine = fresh(person)
    assert mine.phone == VALUES["phone"][0]
    theirs = fresh(person)
    theirs.phone = "13611112222"
    theirs.save()

    mine.refresh_from_db()
    assert mine.phone == "13611112222"
    theirs.phone = "13733334444"
    theirs.save()
    mine.refresh_from_db(fields=["phone"])
    assert mine.phone == "13733334444"


def test_related_rows_open_through_select_related(trial, person, django_assert_num_queries):
    trial.Visit.objects.create(person=person, complaint="咳嗽")
    trial.Slip.objects.create(person=person)

    with django_assert_num_queries(2):
        visit = trial.Visit.objects.select_related("person").get()
        slip = trial.Slip.objects.select_related("person").get()
        assert visit.person.phone == slip.person.phone == VALUES["phone"][0]
        assert visit.complaint == "咳嗽"


def test_an_inherited_table_opens_and_saves(trial):
    worker = trial.Worker.objects.create(name="工人", phone="13800138000", badge="A1")
    worker = trial.Worker.objects.get(pk=worker.pk)
    worker.phone = "13900139000"
    worker.badge = "A2"

    worker.save()

    found = trial.Worker.objects.get(pk=worker.pk)
    assert (found.phone, found.badge) == ("13900139000", "A2")
    assert trial.Person.objects.find(phone="13900139000").get().pk == worker.pk


def test_many_rows_can_be_created_at_once(trial):
    people = [trial.Person(name=f"甲{n}", phone=f"1380013800{n}") for n in range(3)]

    trial.Person.objects.bulk_create(people)

    assert [p.phone for p in trial.Person.objects.order_by("name")] == [p.phone for p in people]
    assert trial.Person.objects.find(phone="13800138002").get().name == "甲2"


def test_get_or_create_and_update_or_create_take_values_as_defaults(trial):
    made, _ = trial.Person.objects.get_or_create(name="甲", defaults={"phone": "13800138000"})

    trial.Person.objects.update_or_create(name="甲", defaults={"phone": "13900139000"})

    assert fresh(made).phone == "13900139000"
    assert trial.Person.objects.find(phone="13900139000").get() == made


def test_every_save_makes_a_new_envelope_for_a_read_value(person):
    before = raw(person, "phone")
    loaded = fresh(person)
    assert loaded.phone

    loaded.save()

    assert raw(person, "phone") != before
