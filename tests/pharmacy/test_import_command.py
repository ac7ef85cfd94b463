"""`import_drugs`: the same import without a browser."""

import io

import pytest
from django.core.management import CommandError, call_command

from clinic.core.models import TableImport
from pharmacy.models import Drug
from tests.factories.tables import DOUBTFUL, LINES, REFUSED, csv

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "drugs.csv"
    path.write_bytes(csv(*LINES, DOUBTFUL, REFUSED))
    return path


def run(*arguments) -> str:
    out = io.StringIO()
    call_command("import_drugs", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_it_imports_reports_and_takes_back(file, storekeeper, tmp_path):
    refused = tmp_path / "refused.csv"

    said = run(file, "--by", storekeeper.username, "--refused", refused)
    created = Drug.objects.count()
    run("--take-back", said.split()[-1], "--by", storekeeper.username)

    assert "created 4, changed 0, unchanged 0, refused 1, doubtful 1" in said
    assert "A005" in refused.read_text(encoding="utf-8-sig")
    assert (created, Drug.objects.count()) == (4, 0)


def test_a_trial_writes_nothing(file, storekeeper):
    said = run(file, "--by", storekeeper.username, "--dry-run")

    assert "created 4" in said
    assert not Drug.objects.exists()
    assert TableImport.objects.get().state == "discarded"


def test_a_column_is_named_by_hand(tmp_path, storekeeper):
    file = tmp_path / "odd.csv"
    file.write_bytes("甲,规格\n头孢拉定胶囊,0.25g×24粒/盒\n".encode())

    run(file, "--by", storekeeper.username, "--map", "甲=generic_name")

    assert Drug.objects.get().generic_name == "头孢拉定胶囊"


@pytest.mark.parametrize(
    "arguments",
    [["--map", "x"], ["--map", "甲=price"], ["--map", "规格=no_such"], ["--sheet", "9"]],
)
def test_a_slip_is_an_error_in_words(arguments, file, storekeeper):
    with pytest.raises(CommandError) as said:
        run(file, "--by", storekeeper.username, *arguments)

    assert "Traceback" not in str(said.value)


@pytest.mark.parametrize("name", ["nobody", "doctor"])
def test_only_who_manages_drugs_answers_for_it(name, file, doctor):
    with pytest.raises(CommandError):
        run(file, "--by", name)


def test_a_file_that_is_not_there_and_no_file_at_all(storekeeper, tmp_path):
    for arguments in ([tmp_path / "none.csv"], [], ["--take-back", "no-uuid"]):
        with pytest.raises(CommandError):
            run(*arguments, "--by", storekeeper.username)
