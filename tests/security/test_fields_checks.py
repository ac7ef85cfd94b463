"""System checks: what could only fail later is refused when the program starts."""

import uuid

import pytest
from django.contrib import admin
from django.db import models
from django.test.utils import isolate_apps

from security import checks, fields
from security.fields import BlindIndexField, EncryptedModel, EncryptedTextField


def text(**options):
    return EncryptedTextField(**{"context": "a.b", "max_length": 20, "null": True, **options})


def row_key():
    return models.UUIDField(primary_key=True, default=uuid.uuid4)


def field_faults(model, name):
    return [fault.id for fault in model._meta.get_field(name).check()]


def model_faults(model):
    return [fault.id for fault in checks._check_model(model)]


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"context": "Not a label"}, "clinic.E101"),
        ({"context": "nodot"}, "clinic.E101"),
        ({"context": None}, "clinic.E101"),
        ({"unique": True}, "clinic.E102"),
        ({"db_index": True}, "clinic.E102"),
        ({"db_default": "x"}, "clinic.E103"),
    ],
)
@isolate_apps("django.contrib.contenttypes")
def test_impossible_options_of_an_encrypted_field(options, fault):
    class Thing(EncryptedModel):
        id = row_key()
        secret = text(**options)

        class Meta:
            app_label = "contenttypes"

    assert fault in field_faults(Thing, "secret")


@isolate_apps("django.contrib.contenttypes")
def test_a_row_needs_a_uuid_of_its_own():
    class Numbered(EncryptedModel):
        secret = text()

        class Meta:
            app_label = "contenttypes"

    class Wrong(EncryptedModel):
        row_uid = models.UUIDField(default=uuid.uuid4)
        secret = text()

        class Meta:
            app_label = "contenttypes"

    class Right(EncryptedModel):
        row_uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
        secret = text()

        class Meta:
            app_label = "contenttypes"

    assert field_faults(Numbered, "secret") == ["clinic.E104"]
    assert field_faults(Wrong, "secret") == ["clinic.E105"]
    assert field_faults(Right, "secret") == []


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"source": "nothing"}, "clinic.E115"),
        ({"source": "name"}, "clinic.E115"),
        ({"normalise": "address"}, "clinic.E111"),
        ({"bits": 4}, "clinic.E112"),
        ({"bits": 12.0}, "clinic.E112"),
        ({"bits": 64, "unique": True}, "clinic.E113"),
        ({"null": False}, "clinic.E114"),
        ({"context": "x"}, "clinic.E101"),
    ],
)
@isolate_apps("django.contrib.contenttypes")
def test_impossible_options_of_a_blind_index(options, fault):
    class Thing(EncryptedModel):
        id = row_key()
        name = models.CharField(max_length=5)
        secret = text()
        secret_index = BlindIndexField(
            **{"source": "secret", "context": "a.b", "normalise": "phone", **options}
        )

        class Meta:
            app_label = "contenttypes"

    assert fault in field_faults(Thing, "secret_index")


@pytest.mark.parametrize(
    "meta",
    [
        {"ordering": ["-secret"]},
        {"ordering": [models.F("secret").asc()]},
        {"get_latest_by": "secret"},
        {"unique_together": [("name", "secret")]},
        {"indexes": [models.Index(fields=["secret"], name="i")]},
        {"indexes": [models.Index(models.functions.Lower("secret"), name="i")]},
        {"constraints": [models.UniqueConstraint(fields=["name", "secret"], name="c")]},
    ],
)
@isolate_apps("django.contrib.contenttypes")
def test_meta_must_not_sort_or_search_by_ciphertext(meta):
    class Thing(EncryptedModel):
        id = row_key()
        name = models.CharField(max_length=5)
        secret = text()
        Meta = type("Meta", (), {"app_label": "contenttypes", **meta})

    assert model_faults(Thing) == ["clinic.E124"]


@isolate_apps("django.contrib.contenttypes")
def test_the_base_and_the_manager_have_to_be_ours():
    class NotOurs(models.Model):
        id = row_key()
        secret = text()

        class Meta:
            app_label = "contenttypes"

    class OtherManager(EncryptedModel):
        id = row_key()
        secret = text()
        objects = models.Manager()

        class Meta:
            app_label = "contenttypes"

    assert model_faults(NotOurs) == ["clinic.E122", "clinic.E123"]
    assert model_faults(OtherManager) == ["clinic.E123"]


def test_two_columns_may_not_share_a_context(trial_app):
    class Twin(EncryptedModel):
        id = row_key()
        phone = EncryptedTextField(context="test.person.phone", null=True)

        class Meta:
            app_label = "fieldsapp"

    try:
        found = checks.check_encrypted_models(None)
        assert [(fault.id, fault.obj.model) for fault in found] == [("clinic.E121", Twin)]
    finally:
        del trial_app.Person._meta.apps.all_models["fieldsapp"]["twin"]


def test_the_installed_models_have_no_fault(trial_app):
    assert checks.check_encrypted_models(None) == []
    assert checks.check_admins(None) == []


@pytest.mark.parametrize(
    "options",
    [
        {"ordering": ["phone"]},
        {"search_fields": ["name", "^phone"]},
        {"list_filter": ["born"]},
        {"list_filter": [("born", admin.DateFieldListFilter)]},
        {"date_hierarchy": "born"},
        {"list_display": ["name", "phone"]},
    ],
)
def test_the_admin_must_not_sort_or_search_by_ciphertext(trial, options):
    made = type("PersonAdmin", (admin.ModelAdmin,), options)(trial.Person, admin.AdminSite())

    assert [fault.id for fault in checks._check_admin(made)] == ["clinic.E124"]


def test_the_admin_may_search_over_a_relation_to_plain_columns_only(trial):
    fine = type("A", (admin.ModelAdmin,), {"search_fields": ["person__name"]})
    bad = type("B", (admin.ModelAdmin,), {"search_fields": ["person__phone__icontains"]})

    assert list(checks._check_admin(fine(trial.Visit, admin.AdminSite()))) == []
    assert list(checks._check_admin(bad(trial.Visit, admin.AdminSite())))


def test_an_unsortable_column_may_show_an_encrypted_value(trial):
    options = {"list_display": ["name", "phone"], "sortable_by": ["name"]}
    made = type("PersonAdmin", (admin.ModelAdmin,), options)(trial.Person, admin.AdminSite())

    assert list(checks._check_admin(made)) == []


def test_everything_is_imported_from_one_place():
    assert all(hasattr(fields, name) for name in fields.__all__)
