"""With a missing or a wrong key ring every command refuses in one sentence and touches nothing."""

import os
import subprocess
import sys

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.db import connection

from security import key_state, keyring, keyring_file
from security.models import KeyCheck
from tests.security.reflected import OUR_APPS

OUR_PACKAGES = {"clinic", *(apps.get_app_config(label).name for label in OUR_APPS)}
OURS = sorted(name for name, app in get_commands().items() if app in OUR_PACKAGES)
# Of Django's own those that read or write patients' data.
DJANGOS = ["dumpdata", "loaddata", "flush"]
# No command is excused from a missing ring but the one that makes it.
MAKES_THE_RING = {"keyring"}
# Opens its file before anything else: tests/security/backup/test_other_machine.py tries its keys.
ASKS_A_FILE_FIRST = {"restore"}
# Doesn't refuse but says what is wrong, and writes nothing: its own test below.
ONLY_LOOKS = {"doctor"}
# Excused from comparing the ring with the database, each with its reason.
ASKS_NO_DATABASE = {
    "keyring": "says itself what does not fit, and repairs it (test_keyring_start.py)",
    "authority_passphrases": "reads the ring alone; there may be no database yet",
}


def run(name: str) -> str:
    """The command's refusal as it would be printed, or a failure of the test."""
    app = get_commands()[name]
    command = app if not isinstance(app, str) else load_command_class(app, name)
    parser = command.create_parser("manage.py", name)
    needed = [a for a in parser._actions if a.required and not a.option_strings]
    named = [a for a in parser._actions if a.required and a.option_strings]
    words = [_some(a) for a in needed]
    words += [word for a in named for word in (a.option_strings[0], _some(a))]
    options = vars(parser.parse_args(words))
    arguments = options.pop("args", ())
    with pytest.raises(CommandError) as caught:
        command.execute(*arguments, **options)
    return str(caught.value)


def _some(argument) -> str:
    return next(iter(argument.choices)) if argument.choices else "1"


def is_one_sentence(text: str) -> bool:
    return "\n" not in text and text.endswith(".") and "Traceback" not in text


@pytest.fixture
def known_ring(db, new_ring):
    """A database that knows the keys it was written with."""
    KeyCheck.objects.all().delete()
    new_ring(keyring_file.new_body())
    key_state.note_fingerprints(keyring.ring(), "default")


def test_all_our_commands_are_looked_at():
    assert {"keyring", "run_scheduled", "verify_encryption", "import_icd10"} <= set(OURS)
    assert ASKS_NO_DATABASE.keys() <= set(OURS)


@pytest.mark.parametrize(
    "name", sorted({*OURS, *DJANGOS} - MAKES_THE_RING - ASKS_A_FILE_FIRST - ONLY_LOOKS)
)
def test_without_a_ring_a_command_refuses_and_makes_none(name, known_ring, settings, tmp_path):
    settings.CLINIC_KEYRING = str(tmp_path / "gone" / "keyring.json")
    keyring.reset()
    before = everything()

    said = run(name)

    assert is_one_sentence(said), said
    assert "does not exist" in said
    assert everything() == before
    assert not (tmp_path / "gone").exists()


@pytest.mark.parametrize(
    "name",
    sorted({*OURS, *DJANGOS} - ASKS_NO_DATABASE.keys() - ASKS_A_FILE_FIRST - ONLY_LOOKS),
)
def test_with_another_ring_a_command_refuses_and_writes_nothing(name, known_ring, new_ring):
    new_ring()
    before = everything()

    said = run(name)

    assert is_one_sentence(said), said
    assert "holds another" in said
    assert everything() == before


@pytest.mark.parametrize("is_gone", [True, False])
def test_the_doctor_tells_of_a_missing_or_wrong_ring_and_writes_nothing(
    is_gone, known_ring, new_ring, settings, tmp_path, capsys
):
    if is_gone:
        settings.CLINIC_KEYRING = str(tmp_path / "gone" / "keyring.json")
        keyring.reset()
    else:
        new_ring()
    before = everything()

    with pytest.raises(SystemExit) as ended:
        call_command("doctor", "--inside", "--language", "en")

    said = capsys.readouterr().out
    assert ended.value.code == 2
    assert ("does not exist" if is_gone else "holds another") in said
    assert everything() == before
    assert not (tmp_path / "gone").exists()


def everything() -> list:
    return sorted(cells_of_this_transaction())


def cells_of_this_transaction():
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            yield from ((table, repr(row)) for row in cursor.fetchall())


@pytest.mark.parametrize(
    "argv",
    [
        ["manage.py", "sync_roles"],
        ["manage.py", "run_scheduled", "--forever"],
        ["-c", "import clinic.wsgi"],
    ],
    ids=["command", "scheduler", "server"],
)
def test_a_real_process_says_one_line_and_makes_nothing(argv, tmp_path):
    (tmp_path / "static").mkdir()
    surroundings = {
        **os.environ,
        "CLINIC_DATA_DIR": str(tmp_path),
        "CLINIC_KEYRING": str(tmp_path / "keys" / "keyring.json"),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "clinic.settings",
    }

    ended = subprocess.run(
        [sys.executable, *argv], env=surroundings, capture_output=True, text=True, timeout=120
    )

    assert ended.returncode == 1
    assert ended.stdout == ""
    assert len(ended.stderr.strip().splitlines()) == 1
    assert "keyring.json does not exist" in ended.stderr
    assert sorted(p.name for p in tmp_path.rglob("*") if p.name != "static") == []
