"""Everything sealed lies in a place that rotation and verification know: found by reflection."""

import ast
import importlib
import io
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, models

from clinic.core import drafts, files
from patients.models import Patient
from security import places
from tests.factories.patients import PatientFactory

NOT_SEALED = {
    "core.Job.payload": "the last key and a count of an export; more has to be registered",
    "security.AuditArchive.mac": "a MAC, counted by key_state",
    "security.AuditArchive.prev_mac": "a MAC",
    "security.AuditArchive.seal_mac": "a MAC",
    "security.AuditArchive.sha256": "a hash",
    "security.AuditEntry.subjects": "row UUIDs",
    "security.AuditEntry.mac": "a MAC, counted by key_state",
    "security.AuditMention.entries": "numbers of entries",
    "security.AuditSeal.mac": "a MAC, counted by key_state",
    "security.AuditSeal.prev_mac": "a MAC",
    "security.AuditSeal.root": "a hash of hashes",
    "security.AuditSealed.leaf": "a hash",
    "security.KeyCheck.kcv": "a fingerprint",
    "security.RecoveryCode.digest": "a keyed digest",
}
SEALERS = {"seal_blob", "seal"}
ROOT = Path(settings.BASE_DIR)
APPS = sorted(Path(c.path) for c in apps.get_app_configs() if ROOT in Path(c.path).parents)


def sealing_calls():
    """(module, first argument) of each call of sealing.seal or crypto.seal_blob in the program."""
    for path in (p for folder in APPS for p in folder.rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if module.startswith(("security.places.", "security.fields.")) or module in {
            "clinic.core.sealing",
            "security.crypto",
        }:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and called.attr in SEALERS:
                if getattr(called.value, "id", "") in ("sealing", "crypto"):
                    yield module, node.args[0]


def context_of(module, argument):
    if isinstance(argument, ast.Constant):
        return argument.value
    return getattr(importlib.import_module(module), argument.id)


def test_every_context_that_is_sealed_for_belongs_to_a_registered_place():
    sealed = {context_of(module, argument) for module, argument in sealing_calls()}

    known = {context for place in places.registered() for context in place.contexts}
    assert sealed == known
    assert {"core.draft", "core.file", "security.session"} <= sealed


def test_every_binary_column_of_ours_is_registered_or_excused():
    ours = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        if Path(model._meta.app_config.path) in APPS
        for field in model._meta.local_fields
        if isinstance(field, models.BinaryField)
    }

    names = {place.name for place in places.registered()}
    assert ours - names == set(NOT_SEALED)


@pytest.mark.django_db
def test_every_encrypted_model_is_a_place():
    labels = {
        model._meta.label
        for model in apps.get_models()
        if any(type(f).__name__.startswith("Encrypted") for f in model._meta.local_fields)
    }

    assert labels <= {place.name for place in places.all_places()}
    assert "patients.Patient" in labels


# --- verify_encryption over all of them -------------------------------------------------------


def verify():
    out = io.StringIO()
    try:
        call_command("verify_encryption", stdout=out)
    except CommandError as error:
        return out.getvalue(), str(error)
    return out.getvalue(), None


@pytest.fixture
def kept(db, doctor, settings, tmp_path):
    settings.CLINIC_FILES_DIR = str(tmp_path / "files")
    PatientFactory(created_by=doctor)
    drafts.save_draft(form="f", content={"a": 1}, by=doctor)
    return files.store(content=b"scan", purpose="test", media_type="image/png", by=doctor)


def test_drafts_and_files_are_opened_too(kept):
    said, failed = verify()

    assert failed is None
    assert said.splitlines()[-1] == "3 rows, 5 cells, 0 faults"


def test_a_damaged_draft_is_named(kept):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_draft SET content = %s", [b"\1\1\0\1" + bytes(70)])

    said, _failed = verify()

    assert "core.Draft" in said
    assert "does not open" in said


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda path: path.unlink(), "can't be read"),
        (lambda path: path.write_bytes(path.read_bytes() + b"x"), "does not open"),
        (lambda path: path.write_bytes(b""), "too short"),
    ],
)
def test_a_damaged_file_is_named(kept, change, words):
    change(files.path_of(kept))

    said, failed = verify()

    assert failed.startswith("1 faults")
    assert f"core.StoredFile {kept.pk} content: " in said
    assert words in said


def test_a_file_that_is_not_what_was_stored_is_named(kept):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_storedfile SET sha256 = 'x'")

    said, _failed = verify()

    assert "is not what was stored" in said


JUNK = ["'junk'", "12345678901234", "CAST(X'FFFE41' AS {text})", "''"]


@pytest.mark.parametrize("junk", JUNK)
def test_a_cell_of_a_wrong_type_is_a_fault_and_no_crash(kept, junk):
    text = "TEXT" if connection.vendor == "sqlite" else "BINARY"
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE patients_patient SET phone = {junk.format(text=text)}")  # noqa: S608

    said, failed = verify()

    assert failed.startswith("1 faults")
    assert f"patients.Patient {Patient.objects.only('pk').get().pk} phone: " in said


def test_an_index_of_a_wrong_type_is_a_fault_and_no_crash(kept):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE patients_patient SET phone_index = 'junk'")

    said, failed = verify()

    assert failed.startswith("1 faults")
    assert "phone_index: the index is not the value's own" in said
