"""Forms, uniqueness, serialising, the audit log and migrations of encrypted fields."""

import datetime
import decimal
import json

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from security import tracking
from security.fields import is_blind_index
from security.models import AuditEntry
from security.tracking import MASK


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


@pytest.fixture
def form_class(trial):
    class PersonForm(forms.ModelForm):
        class Meta:
            model = trial.Person
            fields = [
                "name",
                "id_number",
                "phone",
                "address",
                "story",
                "born",
                "weight",
                "facts",
            ]

    return PersonForm


# --- forms ----------------------------------------------------------------------------------------


def test_a_form_shows_and_saves_plain_values(trial, person, form_class):
    form = form_class(instance=trial.Person.objects.get())
    shown = {name: form[name].value() for name in form.fields}
    assert shown["phone"] == "13800138000"
    assert shown["born"] == "1949-12-31"
    assert shown["weight"] == "70.50"
    assert json.loads(shown["facts"]) == {"a": 1}

    form = form_class({**shown, "phone": "13900139000"}, instance=trial.Person.objects.get())
    assert form.is_valid(), form.errors
    assert form.changed_data == ["phone"]
    form.save()

    found = trial.Person.objects.get()
    assert (found.phone, found.born, found.weight, found.facts) == (
        "13900139000",
        datetime.date(1949, 12, 31),
        decimal.Decimal("70.50"),
        {"a": 1},
    )


def test_a_form_field_has_the_plaintexts_type(form_class):
    fields = form_class().fields

    assert type(fields["phone"]) is forms.CharField
    assert fields["phone"].max_length == 20
    assert isinstance(fields["phone"].widget, forms.TextInput)
    assert isinstance(fields["story"].widget, forms.Textarea)
    assert isinstance(fields["born"], forms.DateField)
    assert isinstance(fields["weight"], forms.DecimalField)
    assert isinstance(fields["facts"], forms.JSONField)
    assert "phone_index" not in fields


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("phone", "1" * 21),
        ("phone", "no number"),
        ("address", "字" * 201),
        ("address", "half \ud800 pair"),
        ("address", "nul \x00"),
        ("id_number", "12;34"),
        ("born", "2026-13-01"),
        ("weight", "1234567"),
        ("weight", "1.234"),
        ("facts", "{"),
        ("facts", "5"),
    ],
)
def test_bad_input_is_an_error_on_its_own_field(trial, person, form_class, field, typed):
    form = form_class({"name": "x", field: typed}, instance=trial.Person.objects.get())

    assert list(form.errors) == [field]


@pytest.mark.parametrize("typed", ["enc:1:AAAA", "enc:1:", "enc:1:" + "A" * 88])
def test_what_a_user_types_is_never_taken_for_an_envelope(trial, person, form_class, typed):
    form = form_class({"name": "x", "address": typed}, instance=trial.Person.objects.get())

    assert form.is_valid()
    form.save()

    assert trial.Person.objects.get().address == typed


def test_the_length_of_the_plaintext_is_checked_by_full_clean(trial):
    person = trial.Person(name="x", address="字" * 201)

    with pytest.raises(ValidationError) as caught:
        person.full_clean()

    assert list(caught.value.message_dict) == ["address"]


# --- uniqueness -----------------------------------------------------------------------------------


def test_a_value_of_another_record_is_refused_without_telling_whose(trial, person, form_class):
    form = form_class({"name": "李四", "id_number": "110105 19491231 002x"})

    assert list(form.errors) == ["id_number"]
    assert form.errors.as_data()["id_number"][0].code == "unique"
    assert "王小明" not in str(form.errors)


def test_the_same_record_may_keep_its_value(trial, person, form_class):
    form = form_class(
        {"name": "王小明", "id_number": "11010519491231002x"}, instance=trial.Person.objects.get()
    )

    assert form.is_valid(), form.errors


def test_uniqueness_is_asked_over_old_and_new_index_keys(trial, new_ring, form_class):
    from security import keyring_file

    body = keyring_file.new_body()
    new_ring(body)
    trial.Person.objects.create(name="旧", id_number="11010519491231002X")
    body["index"] = [
        {**body["index"][0], "state": "decrypt-only"},
        keyring_file.new_entry(2, "now"),
    ]
    new_ring(body)

    form = form_class({"name": "新", "id_number": "11010519491231002X"})

    assert list(form.errors) == ["id_number"]
    with pytest.raises(IntegrityError), transaction.atomic():
        trial.Person.objects.create(name="新", id_number="11010519491231002X")
    trial.Person.objects.get().save()  # the row itself may take the new key
    assert trial.Person.objects.get().id_number_index.digest[0] == 2


def test_the_database_has_the_last_word(trial, person):
    with pytest.raises(IntegrityError), transaction.atomic():
        trial.Person.objects.create(name="李四", id_number="11010519491231002x")


def test_many_records_may_have_no_value(trial):
    for empty in (None, "", None, ""):
        trial.Person.objects.create(name="x", id_number=empty)

    assert trial.Person.objects.count() == 4


def test_an_excluded_field_is_not_asked(trial, person):
    twin = trial.Person(name="李四", id_number="11010519491231002X")

    twin.full_clean(exclude=["id_number"])

    with pytest.raises(ValidationError):
        twin.full_clean()


def test_a_constraint_over_an_index_and_a_plain_column_holds(trial):
    card_form = forms.modelform_factory(trial.Card, fields=["kind", "number"])
    card_form({"kind": "01", "number": "E1234567"}).save()

    assert not card_form({"kind": "01", "number": "e123 4567"}).is_valid()
    assert card_form({"kind": "02", "number": "E1234567"}).is_valid()
    assert card_form({"kind": "01", "number": "E7654321"}).is_valid()
    with pytest.raises(IntegrityError), transaction.atomic():
        trial.Card.objects.create(kind="01", number="E1234567")


def test_a_constraint_is_not_asked_for_a_source_that_was_not_given(trial):
    trial.Card.objects.create(kind="01", number="E1234567")
    twin = trial.Card(kind="01", number="E1234567")

    twin.validate_constraints(exclude={"number"})

    with pytest.raises(ValidationError):
        twin.validate_constraints()


# --- the audit log --------------------------------------------------------------------------------


@pytest.fixture
def audited(trial):
    fields = [field for field in trial.Person._meta.concrete_fields if not is_blind_index(field)]
    tracking.start(trial.Person, fields=fields, plain={"name"})
    yield trial.Person
    tracking.stop(trial.Person)


def test_every_kind_of_encrypted_value_is_compared_and_none_is_told(trial, person, audited):
    changed = trial.Person.objects.get()
    changed.phone, changed.born = "13900139000", None
    changed.weight, changed.facts = decimal.Decimal("70.5"), {"a": 2}

    changed.save()

    entry = AuditEntry.objects.latest("pk")
    assert entry.changes == {
        "phone": [MASK, MASK],
        "born": [MASK, "None"],
        "facts": [MASK, MASK],
    }
    for canary in ("13800138000", "13900139000", "1949", "70.5"):
        assert canary not in entry.payload
