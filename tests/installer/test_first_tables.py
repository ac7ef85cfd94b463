"""A power cut while the first tables are made, where no transaction helps: run again, and they
are all there. Nobody else's tables are taken away."""

import subprocess
import sys

import pytest

from installer.setup import mariadb
from tests.installer.tools import CHECKOUT, environment

pytestmark = pytest.mark.installer
SECRET = "only-for-tests-0123456789-0123456789-0123456789-abcd"
# Gone at the given call of the method, before it does anything.
CUT_OFF = """
import itertools, os, sys
from importlib import import_module
from django.core.management import execute_from_command_line
os.environ["DJANGO_SETTINGS_MODULE"] = "clinic.settings"
module, owner, method, last = sys.argv[1:]
owner = getattr(import_module(module), owner)
calls, usual = itertools.count(1), getattr(owner, method)
def until(*args, **kwargs):
    if next(calls) == int(last):
        os._exit(77)
    return usual(*args, **kwargs)
setattr(owner, method, until)
execute_from_command_line(["manage.py", "make_tables", "-v0"])
"""
RECORDER = ("django.db.migrations.recorder", "MigrationRecorder", "record_applied")
EDITOR = ("django.db.backends.base.schema", "BaseDatabaseSchemaEditor", "execute")


@pytest.fixture
def run(tmp_path):
    def run(*program, **more):
        return subprocess.run(
            [sys.executable, *map(str, program)],
            env=environment(CLINIC_DATA_DIR=str(tmp_path), CLINIC_SECRET_KEY=SECRET, **more),
            cwd=CHECKOUT, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip

    run("manage.py", "keyring", "init")
    return run


def is_whole(run, **more) -> bool:
    made = run("manage.py", "make_tables", "-v0", **more)
    assert made.returncode == 0, made.stderr[-2000:]
    once_more = run("manage.py", "make_tables", **more)
    assert "No migrations to apply" in once_more.stdout, once_more.stderr[-2000:]
    noted = run("manage.py", "showmigrations", "--plan", **more).stdout
    return "[X]  core.0001_initial" in noted and "[ ]" not in noted


@pytest.mark.parametrize("last", [2, 20], ids=["the first", "in the middle"])
def test_cut_off_between_a_migration_and_its_note(run, last):
    assert run("-c", CUT_OFF, *RECORDER, last).returncode == 77

    assert is_whole(run)


def test_cut_off_in_the_middle_of_a_migration_on_a_server_without_transactions_for_it(run):
    with mariadb.private_server() as url:
        socket = url.partition("unix_socket=")[2]
        create = [mariadb.find("mariadb"), "--no-defaults", f"--socket={socket}", "--user=root"]
        subprocess.run([*create, "-e", "CREATE DATABASE clinic"], check=True)
        assert run("-c", CUT_OFF, *EDITOR, 60, DATABASE_URL=url).returncode == 77

        assert is_whole(run, DATABASE_URL=url)


def test_where_somebody_has_an_account_nothing_is_taken_away(run):
    """Cut off right before the mark was taken away, and then used all the same."""
    gone = ("django.db.migrations.recorder", "MigrationRecorder", "record_unapplied")
    assert run("-c", CUT_OFF, *gone, 1).returncode == 77
    made = "from security.models import User; User.objects.create_user('li', 'x', full_name='李')"
    assert run("manage.py", "shell", "-v0", "-c", made).returncode == 0

    assert is_whole(run)

    look = "from security.models import User; print([u.username for u in User.objects.all()])"
    assert "['li']" in run("manage.py", "shell", "-v0", "-c", look).stdout


def test_tables_that_were_there_before_stay(run, tmp_path):
    """Somebody else's application, with a table of the same name: refused, and untouched."""
    sql = (
        "from django.db import connection as c; k = c.cursor();"
        "k.execute('CREATE TABLE auth_group (id integer)');"
        "k.execute('INSERT INTO auth_group VALUES (7)')"
    )
    assert run("manage.py", "shell", "-v0", "-c", sql).returncode == 0

    for _ in range(2):
        assert run("manage.py", "make_tables", "-v0").returncode != 0

    look = "k = __import__('django.db').db.connection.cursor();"
    look += "print(k.execute('SELECT * FROM auth_group').fetchall())"
    assert "[(7,)]" in run("manage.py", "shell", "-v0", "-c", look).stdout
