"""A clinic moves from SQLite into MariaDB and back; its schema is made by hand from the scripts."""

import contextlib
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from clinic.databases import server
from installer.setup import mariadb
from tests.installer.tools import CHECKOUT, environment

pytestmark = pytest.mark.installer
SECRET = "only-for-tests-0123456789-0123456789-0123456789-abcd"
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
NOT_COPIED = {"sqlite_sequence", "security_auditentry"}  # the moves' own entries are added
LEAST = "SELECT, INSERT, UPDATE, DELETE, TRIGGER"
SCHEMA = {
    "columns": "table_name, column_name, ordinal_position, column_default, is_nullable, "
    "column_type, collation_name, extra, column_key",
    "statistics": "table_name, index_name, seq_in_index, column_name, non_unique",
    "table_constraints": "table_name, constraint_name, constraint_type",
    "referential_constraints": "table_name, constraint_name, referenced_table_name, update_rule, "
    "delete_rule",
    "check_constraints": "table_name, constraint_name, check_clause",
    "triggers": "event_object_table, trigger_name, event_manipulation, action_statement",
}


class Clinic:
    """A data directory; every call is a process of its own."""

    def __init__(self, root: Path):
        self.root = root

    def start(self, *words, **more) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "manage.py", *map(str, words)],
            env=environment(CLINIC_DATA_DIR=str(self.root), CLINIC_SECRET_KEY=SECRET,
                            CLINIC_LANGUAGE="en", CLINIC_DEMO_PASSWORD="demo-Pass-2026", **more),
            cwd=CHECKOUT, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def manage(self, *words, status=0, **more) -> str:
        process = self.start(*words, **more)
        out, err = process.communicate(timeout=300)
        assert process.returncode == status, (out + err)[-3000:]
        return out if status == 0 else err

    @property
    def file(self) -> Path:
        return self.root / "db.sqlite3"

    def rows(self) -> dict[str, list]:
        with contextlib.closing(sqlite3.connect(self.file)) as database:
            names = [n for (n,) in database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table'")]  # fmt: skip
            return {
                # The tables' own names, read from the database.
                name: sorted(map(repr, database.execute(f'SELECT * FROM "{name}"')))  # noqa: S608
                for name in names
            }


class Server:
    """A MariaDB for these tests."""

    def __init__(self, socket: str):
        self.socket = socket

    def run(self, sql: str, database: str = "") -> list[tuple]:
        done = subprocess.run(
            [mariadb.find("mariadb"), "--no-defaults", f"--socket={self.socket}", "--user=root",
             "--batch", "--skip-column-names", *filter(None, [database])],
            input=sql, text=True, capture_output=True, check=True,
        )  # fmt: skip
        return [tuple(line.split("\t")) for line in done.stdout.splitlines()]

    def new(self, name: str, more: str = "utf8mb4 COLLATE utf8mb4_unicode_ci") -> str:
        self.run(f"DROP DATABASE IF EXISTS {name}; CREATE DATABASE {name} CHARACTER SET {more}")
        return self.url(name)

    def url(self, name: str, account: str = "root") -> str:
        return f"mysql://{account}@localhost/{name}?unix_socket={self.socket}"

    def schema(self, name: str) -> dict[str, list]:
        where = {"columns", "statistics", "table_constraints"}
        found = {}
        for table, columns in SCHEMA.items():
            key = "table_schema" if table in where else "constraint_schema"
            key = "trigger_schema" if table == "triggers" else key
            # Names of this test alone.
            sql = f"SELECT {columns} FROM information_schema.{table} WHERE {key} = '{name}'"  # noqa: S608
            # A false value comes as 0x00 from the C driver and as 0 from the other.
            found[table] = sorted(
                tuple(re.sub("0x0(?=[01])", "", value) for value in row) for row in self.run(sql)
            )
        return found


@pytest.fixture(scope="module")
def maria():
    with mariadb.private_server() as url:
        yield Server(parse_qs(urlsplit(url).query)["unix_socket"][0])


@pytest.fixture(scope="module")
def source():
    """A small demo clinic on SQLite."""
    root = Path(tempfile.mkdtemp(prefix="clinic-moving-", dir=MEMORY))
    clinic = Clinic(root)
    clinic.manage("keyring", "init")
    clinic.manage("migrate", "-v0")
    clinic.manage("load_reference_data")
    clinic.manage("demo_data", "--patients", "6", "--days", "1", "-v0")
    clinic.manage("seal_audit")
    yield clinic
    shutil.rmtree(root)


@pytest.fixture
def clinic(source):
    with tempfile.TemporaryDirectory(prefix="clinic-moving-", dir=MEMORY) as folder:
        shutil.copytree(source.root, Path(folder) / "clinic")
        yield Clinic(Path(folder) / "clinic")


@pytest.fixture(scope="module")
def moved(source, maria):
    """There and back once for all; killed in the middle at first, then run again."""
    with tempfile.TemporaryDirectory(prefix="clinic-moving-", dir=MEMORY) as folder:
        shutil.copytree(source.root, Path(folder) / "clinic")
        clinic = Clinic(Path(folder) / "clinic")
        found, url = {"before": clinic.rows(), "url": maria.new("moved")}, maria.url("moved")
        with clinic.start("migrate_database", url, "-v2") as killed:
            for line in killed.stderr:
                if line.startswith("patients_"):
                    break
            killed.kill()
        found["after killing"] = (clinic.root / ".env").exists(), clinic.rows()
        found["there"] = clinic.manage("migrate_database", url)
        found["settings"] = (clinic.root / ".env").read_text()
        found["kept"] = next(clinic.root.glob("db.sqlite3.before-move-*")).stat().st_size
        found["checked"] = clinic.manage("check_stock") + clinic.manage("check_cash")
        found["back"] = clinic.manage("migrate_database", "sqlite")
        found["after"] = clinic.rows()
        clinic.manage("verify_audit")
        yield found


def test_a_move_that_is_killed_leaves_the_old_database_in_use(moved):
    assert moved["after killing"] == (False, moved["before"])


def test_a_clinic_moves_there_and_back_and_loses_nothing(moved):
    before, after = moved["before"], moved["after"]

    changed = {name for name in before if before[name] != after[name]}
    new = set(after["security_auditentry"]) - set(before["security_auditentry"])

    assert "Moved" in moved["there"]
    assert "Moved" in moved["back"]
    assert moved["url"] in moved["settings"]
    assert moved["kept"]
    assert moved["checked"].count("agree") == 2
    assert changed <= NOT_COPIED
    assert set(before["security_auditentry"]) < set(after["security_auditentry"])
    assert ["database_moved" in row for row in new] == [True, True]


def test_it_is_refused_while_the_clinic_runs(clinic, maria):
    import fcntl

    (clinic.root / "run").mkdir()
    with (clinic.root / "run" / "serve.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        said = clinic.manage("migrate_database", maria.new("busy"), status=1)

    assert "The clinic is running" in said
    assert maria.run("SHOW TABLES", "busy") == []


def test_a_database_that_holds_something_is_refused(clinic, maria):
    url = maria.new("filled")
    maria.run("CREATE TABLE t (i INT)", "filled")

    said = clinic.manage("migrate_database", url, status=1)

    assert "holds other tables (t, 1 in all)" in said
    assert maria.run("SHOW TABLES", "filled") == [("t",)]


def test_everything_that_is_wrong_is_said_at_once_with_what_mends_it(maria):
    maria.new("wrong", "latin1")
    maria.run(
        "CREATE TABLE wrong.t (i INT); CREATE USER weak@localhost; "
        "GRANT SELECT, INSERT ON wrong.* TO weak@localhost; SET GLOBAL max_allowed_packet = 1048576"
    )

    found = server.look(maria.url("wrong", "weak"))
    maria.run("SET GLOBAL max_allowed_packet = 67108864")

    said = [server.in_english(one) for one in found["faults"]]
    for words in (
        "ALTER DATABASE `wrong` CHARACTER SET utf8mb4",
        "GRANT UPDATE, DELETE, TRIGGER, CREATE, ALTER, DROP, INDEX, REFERENCES ON `wrong`.* TO "
        "'weak'@'localhost';",
        "SET GLOBAL max_allowed_packet",
        "holds other tables",
    ):
        assert any(words in one for one in said), (words, said)
    assert [server.in_english(one) for one in found["notes"]][0].startswith("Backups can't be")


def test_no_unencrypted_word_goes_to_another_machine():
    assert server.is_local("mysql://a:b@127.0.0.1:3306/c")
    assert server.is_local("mysql://a:b@db/c?unix_socket=/run/x")
    assert not server.is_local("mysql://a:b@192.168.1.9/c")
    assert server.as_taken_by("mysqlclient", server.options_of("mysql://a:b@db/c?tls_ca=/ca"))[
        "ssl_mode"
    ] == "VERIFY_IDENTITY"  # fmt: skip
    assert server.as_taken_by("PyMySQL", server.options_of("mysql://a:b@db/c?tls_ca=/ca"))[
        "ssl_verify_identity"
    ]


def test_a_database_made_by_hand_is_the_one_that_migrate_makes(clinic, maria, moved, tmp_path):
    """And the clinic works on it with an account that may change no table."""
    clinic.manage("sql_scripts", tmp_path / "sql")
    maria.new("by_hand")
    for name in ("2-tables.sql", "3-triggers.sql"):
        maria.run((tmp_path / "sql" / "mariadb" / name).read_text(), "by_hand")
    maria.run(f"CREATE USER least@localhost; GRANT {LEAST} ON by_hand.* TO least@localhost")

    done = clinic.manage("migrate", DATABASE_URL=maria.url("by_hand", "least"))

    assert "No migrations to apply" in done
    assert maria.schema("by_hand") == maria.schema("moved")
    shutil.rmtree(clinic.root / "audit-checkpoints")  # the other database's
    on_it = {"DATABASE_URL": maria.url("by_hand", "least")}
    assert clinic.manage("create_first_admin", **on_it).strip()
    clinic.manage("seal_audit", **on_it)
    clinic.manage("verify_audit", **on_it)


def test_the_scripts_make_the_same_file_on_sqlite(source, tmp_path):
    source.manage("sql_scripts", tmp_path / "sql")
    with contextlib.closing(sqlite3.connect(tmp_path / "by_hand")) as made:
        for name in ("2-tables.sql", "3-triggers.sql"):
            made.executescript((tmp_path / "sql" / "sqlite" / name).read_text())
        with contextlib.closing(sqlite3.connect(source.file)) as migrated:
            assert outline(made) == outline(migrated)


def outline(database) -> dict[str, list]:
    """Columns, indexes and triggers of each table, in whatever order they were made."""
    found = {}
    for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'"):
        columns = [row[1:] for row in database.execute(f'PRAGMA table_info("{table}")')]
        keys = [row[2:] for row in database.execute(f'PRAGMA foreign_key_list("{table}")')]
        indexes = [row[1:3] for row in database.execute(f'PRAGMA index_list("{table}")')]
        named = [row for row in indexes if not row[0].startswith("sqlite_autoindex")]
        guards = database.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", [table]
        ).fetchall()
        found[table] = [sorted(map(repr, part)) for part in (columns, keys, named, guards)]
    return found
