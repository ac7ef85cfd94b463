"""Rules over all models and files, so that no reviewer has to remember them."""

import io
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models

from clinic.core.immutable import AppendOnly
from clinic.core.text import ExactCharField
from security.audit import is_tracked
from security.fields import is_encrypted
from tests import spread, whole_tables
from tests.reasons import ABOUT_PATIENTS, LEDGERS, NO_PATIENT_IN_IT, NOT_AUDITED, PLAIN

ROOT = Path(__file__).resolve().parent.parent
OUR_APPS = ["core", "security", "patients", "pharmacy", "registration", "prescriptions", "cashier"]
OURS = [model for label in OUR_APPS for model in apps.get_app_config(label).get_models()]

TELLING = (models.CharField, models.TextField, models.DateField, models.DecimalField)


def label(model) -> str:
    return model._meta.label


@pytest.mark.django_db
def test_no_migration_is_missing():
    out = io.StringIO()

    call_command("makemigrations", check=True, dry_run=True, stdout=out, stderr=out)


def test_every_app_has_one_clean_initial_migration_until_the_first_release():
    for name in OUR_APPS:
        folder = Path(apps.get_app_config(name).path) / "migrations"
        assert [p.name for p in folder.glob("0*.py")] == ["0001_initial.py"], name


def test_first_migrations_create_each_table_whole():
    for migration in whole_tables.first_migrations():
        operations = migration.operations
        assert len(whole_tables.whole(operations)) == len(operations), whole_tables.__doc__


@pytest.mark.parametrize("model", OURS, ids=label)
def test_every_model_is_audited_or_excused_with_a_reason(model):
    assert is_tracked(model) != (label(model) in NOT_AUDITED)


@pytest.mark.parametrize("model", OURS, ids=label)
def test_every_field_about_a_patient_is_encrypted_or_plain_with_a_reason(model):
    if model._meta.app_label not in ABOUT_PATIENTS or label(model) in NO_PATIENT_IN_IT:
        return
    reasons = PLAIN.get(label(model), {})

    for field in model._meta.concrete_fields:
        if isinstance(field, TELLING) and not is_encrypted(field):
            assert field.name in reasons, f"{label(model)}.{field.name} is neither"
    for name in reasons:
        assert not is_encrypted(model._meta.get_field(name))


@pytest.mark.parametrize("model", OURS, ids=label)
def test_no_link_takes_rows_along_when_its_target_goes(model):
    for field in model._meta.concrete_fields:
        if field.remote_field:
            assert field.remote_field.on_delete is models.PROTECT, field


@pytest.mark.parametrize("model", OURS, ids=label)
def test_no_float_anywhere(model):
    assert not [f for f in model._meta.fields if isinstance(f, models.FloatField)]


@pytest.mark.parametrize("model", OURS, ids=label)
def test_unique_names_codes_and_numbers_compare_code_point_by_code_point(model):
    for field in model._meta.concrete_fields:
        if isinstance(field, models.CharField) and (field.unique or field.name in ("name", "code")):
            exact = isinstance(field, ExactCharField)
            dictionary = label(model) in ("patients.AllergyGroup", "core.Institution")
            assert exact or dictionary or label(model) == "pharmacy.ControlClass", field


@pytest.mark.parametrize("model", OURS, ids=label)
def test_every_state_has_a_check_constraint(model):
    states = [f for f in model._meta.concrete_fields if f.name == "state"]
    checks = [c for c in model._meta.constraints if isinstance(c, models.CheckConstraint)]
    for field in states:
        assert any(f"{field.name}" in str(c.condition) for c in checks), field


def test_ledgers_are_append_only():
    for name in LEDGERS:
        assert issubclass(apps.get_model(name), AppendOnly)


def test_no_query_is_left_half_read():
    """MySQL would load all rows; on SQLite an abandoned iterator() holds the database's file."""
    files = [path for app in ("clinic", *OUR_APPS[1:]) for path in (ROOT / app).rglob("*.py")]

    half = [str(p.relative_to(ROOT)) for p in files if ".iterator(" in p.read_text("utf-8")]

    assert not half, "read them whole, or with clinic.core.paging.paged"


def test_no_file_is_longer_than_400_lines():
    folders = ["clinic", "installer", "security", *OUR_APPS[2:], "tests", "templates"]
    files = [
        path
        for folder in folders
        for kind in ("*.py", "*.html")
        for path in (ROOT / folder).rglob(kind)
        if "migrations" not in path.parts and "wheels" not in path.parts
    ]
    files += [*(ROOT / "static" / "js").glob("*.js")]

    long = {str(p.relative_to(ROOT)): n for p in files if (n := len(_lines(p))) > 400}

    assert not long


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def test_templates_carry_no_inline_style_or_script():
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        for forbidden in ("<style", 'style="', "onclick=", "onchange=", "onsubmit=", "<script>"):
            assert forbidden not in text, f"{path.name}: {forbidden}"
        assert "|safe" not in text, path.name


@pytest.mark.parametrize("place", [*spread.PROVEN, *spread.ON_SQLITE, *spread.ALONE])
def test_what_is_left_out_or_moved_is_there(place):
    """A name that leads nowhere would mean that what was meant runs where it should not."""
    path, _two, name = place.partition("::")
    found = list(ROOT.glob(f"{path.rstrip('/')}*"))

    assert found, place
    assert not name or f"\ndef {name}" in found[0].read_text(encoding="utf-8"), place
