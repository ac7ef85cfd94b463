"""Forms, uniqueness, serialising, the audit log and migrations of encrypted fields."""

import datetime
import decimal
import json

import pytest
from django.core import serializers
from django.core.exceptions import FieldError
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.state import ModelState, ProjectState
from django.db.migrations.writer import MigrationWriter

from security.crypto import CryptoError
from security.fields import BlindIndexField, EncryptedTextField


@pytest.fixture
def person(trial):
    return trial.Person.objects.create(
        name="王小明",
        phone="13800138000",
        id_number="11010519491231002X",
        address="文三路",
        born=datetime.date(1949, 12, 31),
        weight="70.5",
        facts={"a": 1},
    )


# --- serialising ----------------------------------------------------------------------------------

CANARIES = ("13800138000", "11010519491231002X", "文三路", "1949", "70.5", '"a"')


@pytest.mark.parametrize("form", ["json", "jsonl", "xml", "yaml", "python"])
def test_a_dump_holds_envelopes_and_no_index(trial, person, form):
    trial.Visit.objects.create(person=person, complaint="咳嗽")
    rows = [*trial.Person.objects.all(), *trial.Visit.objects.all()]

    text = str(serializers.serialize(form, rows))

    assert not [canary for canary in (*CANARIES, "咳嗽") if canary in text]
    assert text.count("enc:1:") == 7
    assert "phone_index" not in text


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_dump_comes_back_with_its_indexes(trial_app, person, tmp_path, form):
    trial_app.Visit.objects.create(person=person, complaint="咳嗽")
    path = tmp_path / f"dump.{form}"
    call_command("dumpdata", "fieldsapp", format=form, output=str(path), verbosity=0)
    trial_app.Visit.objects.all().delete()
    trial_app.Person.objects.all().delete()

    call_command("loaddata", str(path), verbosity=0)

    found = trial_app.Person.objects.find(phone="13800138000").get()
    assert (found.pk, found.born, found.weight, found.facts, found.story) == (
        person.pk,
        datetime.date(1949, 12, 31),
        decimal.Decimal("70.50"),
        {"a": 1},
        None,
    )
    assert trial_app.Visit.objects.get().complaint == "咳嗽"


def test_a_dump_loads_over_existing_rows(trial_app, person, tmp_path):
    path = tmp_path / "dump.json"
    call_command("dumpdata", "fieldsapp.person", output=str(path), verbosity=0)
    person.phone = "13900139000"
    person.save()

    call_command("loaddata", str(path), verbosity=0)

    assert trial_app.Person.objects.find(phone="13800138000").get() == person
    assert not trial_app.Person.objects.find(phone="13900139000")


def test_a_fixture_may_be_plain(trial_app, tmp_path):
    path = tmp_path / "plain.json"
    row = {
        "model": "fieldsapp.person",
        "pk": "11111111-2222-4333-8444-555555555555",
        "fields": {"name": "x", "phone": "13800138000", "born": "1990-01-02", "facts": [1]},
    }
    path.write_text(json.dumps([row]))

    call_command("loaddata", str(path), verbosity=0)

    found = trial_app.Person.objects.find(phone="13800138000").get()
    assert (found.born, found.facts) == (datetime.date(1990, 1, 2), [1])


def test_an_envelope_of_another_row_is_not_loaded(trial_app, person, tmp_path):
    text = serializers.serialize("json", [person])
    path = tmp_path / "moved.json"
    path.write_text(text.replace(str(person.pk), "11111111-2222-4333-8444-555555555555"))

    with pytest.raises(CryptoError):
        call_command("loaddata", str(path), verbosity=0)

    assert trial_app.Person.objects.count() == 1


def test_a_dump_of_other_keys_is_not_loaded(trial_app, person, tmp_path, new_ring):
    path = tmp_path / "dump.json"
    call_command("dumpdata", "fieldsapp.person", output=str(path), verbosity=0)
    new_ring()

    with pytest.raises(CryptoError):
        call_command("loaddata", str(path), verbosity=0)


# --- migrations -----------------------------------------------------------------------------------


def test_a_migration_names_the_context_and_no_key(trial):
    for field in trial.Person._meta.concrete_fields:
        name, path, args, kwargs = field.deconstruct()
        assert args == []
        again = type(field)(**kwargs)
        assert again.deconstruct()[1:] == (path, args, kwargs)
        text = MigrationWriter.serialize(field)[0]
        assert "security.fields.base" not in text
        if path.startswith("security."):
            assert path.count(".") == 2
            assert "context='test.person." in text


def historical(*originals):
    state = ProjectState()
    for model in originals:
        state.add_model(ModelState.from_model(model))
    return state.apps


def test_a_historical_model_reads_and_writes(trial, person):
    old = historical(trial.Person).get_model("fieldsapp", "Person")

    row = old.objects.get()
    assert row.phone == "13800138000"
    row.phone = "13900139000"
    row.save()
    old.objects.create(name="李四", phone="13700137000")

    assert trial.Person.objects.find(phone="13900139000").get() == person
    assert trial.Person.objects.find(phone="13700137000").get().name == "李四"
    with pytest.raises(FieldError):
        old.objects.filter(phone="x")
    with pytest.raises(FieldError), transaction.atomic():
        old.objects.update(phone="x")


def test_a_historical_model_saves_the_index_with_its_source(trial, person):
    old = historical(trial.Person).get_model("fieldsapp", "Person")
    row = old.objects.get()
    row.phone = "13900139000"

    row.save(update_fields=["phone"])

    assert trial.Person.objects.find(phone="13900139000").get() == person
    assert not trial.Person.objects.find(phone="13800138000")


@pytest.mark.django_db(transaction=True)
def test_columns_can_be_added_altered_and_removed(trial_tables):
    from tests.security.fieldsapp.models import Person

    person = Person.objects.create(name="x", phone="13800138000")
    field = EncryptedTextField(context="test.person.extra", max_length=30, null=True)
    field.set_attributes_from_name("extra")
    field.model = Person
    longer = EncryptedTextField(context="test.person.extra", max_length=300, null=True)
    longer.set_attributes_from_name("extra")
    longer.model = Person
    try:
        with connection.schema_editor() as editor:
            editor.add_field(Person, field)
        with connection.schema_editor() as editor:
            editor.alter_field(Person, field, longer)
        with connection.schema_editor() as editor:
            editor.remove_field(Person, longer)

        assert Person.objects.get(pk=person.pk).phone == "13800138000"
    finally:
        Person.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_adding_a_column_with_a_default_is_refused(trial_tables):
    from tests.security.fieldsapp.models import Person

    field = EncryptedTextField(context="test.person.extra", default="secret")
    field.set_attributes_from_name("extra")
    field.model = Person

    with pytest.raises(FieldError, match="null=True"), connection.schema_editor() as editor:
        editor.add_field(Person, field)


def test_the_migration_of_a_blind_index_says_all_that_differs(trial):
    def said(name):
        return trial.Person._meta.get_field(name).deconstruct()[3]

    assert said("id_number_index") == {
        "source": "id_number",
        "context": "test.person.id_number",
        "normalise": "id_number",
        "unique": True,
    }
    assert said("phone_last4_index") == {
        "source": "phone",
        "context": "test.person.phone_last4",
        "normalise": "phone_last4",
        "bits": 12,
    }


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (BlindIndexField(source="a", context="a.b", normalise="phone"), "varbinary(17)"),
        (BlindIndexField(source="a", context="a.b", normalise="phone", bits=12), "varbinary(3)"),
        (EncryptedTextField(context="a.b", max_length=20), "varbinary(128)"),
        (EncryptedTextField(context="a.b", max_length=54), "varbinary(256)"),
        (EncryptedTextField(context="a.b", max_length=55), "mediumblob"),
        (EncryptedTextField(context="a.b"), "mediumblob"),
    ],
)
def test_the_column_has_room_for_the_longest_value_on_mysql(field, expected):
    class MySQL:
        vendor = "mysql"

    assert field.db_type(MySQL) == expected


def test_a_sealed_value_of_full_length_fits_its_column(fixed_ring):
    import uuid

    row = uuid.uuid4()
    for length in (1, 20, 54):
        field = EncryptedTextField(context="a.b", max_length=length)

        class MySQL:
            vendor = "mysql"

        room = int(field.db_type(MySQL)[10:-1])
        assert len(field.seal("𠮷" * length, row)) == room
