"""The schema as SQL, for an administrator who makes the database by hand.

Written from the migrations themselves, in the words Django's own schema editor would send to a
server of that kind; no server is asked. Afterwards `migrate` finds everything there and only fills
in rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils.functional import cached_property

from clinic import settings as clinic_settings
from security import triggers

MODE = "STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION"
NAME = "clinic"


@dataclass(frozen=True)
class Kind:
    """A kind of server; `version` as it says it itself."""

    name: str
    url: str
    version: str = ""


# MariaDB has a type of its own for UUIDs from 10.7 on, which an older one does not know.
KINDS = (
    Kind("sqlite", "sqlite:///:memory:"),
    Kind("mysql", "mysql://clinic@localhost/clinic", "8.0.16"),
    Kind("mariadb-10.6", "mysql://clinic@localhost/clinic", "10.6.0-MariaDB"),
    Kind("mariadb", "mysql://clinic@localhost/clinic", "10.11.0-MariaDB"),
)


def write(folder: Path) -> list[Path]:
    """All scripts of all kinds below `folder`."""
    written = []
    for kind in KINDS:
        place = folder / kind.name
        place.mkdir(parents=True, exist_ok=True)
        for name, text in scripts(kind).items():
            (place / name).write_text(text, encoding="utf-8")
            written.append(place / name)
    return written


def scripts(kind: Kind) -> dict[str, str]:
    """File name → text."""
    connection = pretended(kind)
    found = {}
    if connection.vendor == "mysql":
        found["1-database.sql"] = DATABASE
    found["2-tables.sql"] = _head(connection) + _joined(tables(connection)) + _tail(connection)
    guards = triggers.statements(connection.vendor)
    if connection.vendor == "mysql":
        found["3-triggers.sql"] = "DELIMITER $$\n" + "".join(f"{one}$$\n" for one in guards)
        found["3-triggers.sql"] += "DELIMITER ;\n"
    else:
        found["3-triggers.sql"] = _joined(guards)
    return found


def _joined(statements) -> str:
    return "".join(f"{one.rstrip(';')};\n" for one in statements)


def _head(connection) -> str:
    if connection.vendor == "sqlite":
        return "BEGIN;\n"
    return (
        "SET NAMES utf8mb4;\nSET foreign_key_checks = 0;\nSET default_storage_engine = INNODB;\n"
        f"SET sql_mode = '{MODE}';\n"
    )


def _tail(connection) -> str:
    return "COMMIT;\n" if connection.vendor == "sqlite" else "SET foreign_key_checks = 1;\n"


def tables(connection) -> Iterator[str]:
    """CREATE of all tables and indexes, foreign keys, and what `migrate` has to find done."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    state = loader.project_state(loader.graph.leaf_nodes())
    with connection.schema_editor(collect_sql=True, atomic=False) as editor:
        editor.create_model(MigrationRecorder.Migration)
        for model in state.apps.get_models():  # tables between two come with one of them
            if model._meta.managed and not model._meta.proxy and not model._meta.swapped:
                editor.create_model(model)
    yield from editor.collected_sql
    for app, name in sorted(loader.graph.nodes):
        yield (
            # Text for a file; app and name are our migrations' own.
            f"INSERT INTO django_migrations (app, name, applied) "  # noqa: S608  # nosec B608
            f"VALUES ('{app}', '{name}', '2026-01-01 00:00:00')"
        )


# --- a connection that asks nobody ----------------------------------------------------------------


def pretended(kind: Kind):
    """Django's own dialect of a server of this kind, without the server."""
    config = clinic_settings.database(kind.url)
    whole = connections.configure_settings({DEFAULT_DB_ALIAS: config})
    backend = connections.create_connection
    connections.settings[kind.name] = whole[DEFAULT_DB_ALIAS]
    try:
        connection = backend(kind.name)
    finally:
        del connections.settings[kind.name]
    if connection.vendor == "mysql":
        connection.mysql_server_data = {
            "version": kind.version,
            "sql_mode": MODE,
            "default_storage_engine": "InnoDB",
            "lower_case_table_names": 0,
            "has_zoneinfo_database": False,
        }
        connection.connection = _Speaker()
        connection.ensure_connection = connection.cursor = lambda: None
        connection.introspection.get_storage_engine = lambda _cursor, _table: "InnoDB"
        connection.features.__class__ = _without_questions(connection.features.__class__)
    return connection


def _without_questions(features):
    """What Django asks the server for beyond its version."""

    class Features(features):
        @cached_property
        def _mysql_storage_engine(self):
            return "InnoDB"

    return Features


class _Speaker:
    """Quotes a value as the drivers do."""

    encoders = None

    def escape(self, value, _encoders=None):
        if isinstance(value, (int, float, Decimal)):
            return str(value)
        text = str(value).replace("\\", "\\\\").replace("'", "\\'")
        return f"'{text}'"

    def close(self):
        return None


DATABASE = f"""\
-- Run by the database's administrator. Put a password in the place of the dots.
CREATE DATABASE {NAME} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE USER '{NAME}'@'localhost' IDENTIFIED BY '...';
-- What daily work needs: rows, and the sight of the triggers that guard them.
GRANT SELECT, INSERT, UPDATE, DELETE, TRIGGER ON {NAME}.* TO '{NAME}'@'localhost';
-- Where the trial restore of backups is to run by itself:
-- GRANT ALL ON {NAME}_scratch.* TO '{NAME}'@'localhost';
-- For an upgrade or a restore the account needs besides, and may lose again afterwards:
-- GRANT CREATE, ALTER, DROP, INDEX, REFERENCES ON {NAME}.* TO '{NAME}'@'localhost';
USE {NAME};
"""
