"""MariaDB and MySQL: a consistent dump over our own connection, and the way back.

Not mariadb-dump: it need not be installed on the clinic's PC, its version has to suit the server's,
and the password would have to be handed over in a file. What it does is little: one repeatable-read
snapshot, each table's CREATE statement, its rows in the order of the key, and the triggers.
Reading the rows back in the same way proves a restore row by row.
"""

import base64
import hashlib
import json

from django.db import DEFAULT_DB_ALIAS, DatabaseError

from security.backup.errors import BackupError

VENDOR = "mysql"
ROWS = 500
LAST = ("django_migrations", "security_keycheck")  # without them nothing starts on half a database
SCHEMA = "schema.json"
_QUIET = "SET foreign_key_checks=0, unique_checks=0, sql_mode='NO_AUTO_VALUE_ON_ZERO'"


def _text(value):
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"b": base64.b64encode(value).decode()}
    return str(value)  # decimals, dates and times: the server reads its own spelling


def encode(row) -> bytes:
    """One row as a line, always the same for the same row."""
    line = json.dumps(row, default=_text, ensure_ascii=False, separators=(",", ":"))
    return line.encode() + b"\n"


def decode(line: bytes) -> list:
    row = json.loads(line)
    return [base64.b64decode(v["b"]) if isinstance(v, dict) else v for v in row]


def quote(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


class _Session:
    """A connection of our own beside Django's, with the driver's plain cursor."""

    def __init__(self, connection):
        self._wrapper = connection.copy(alias=DEFAULT_DB_ALIAS)
        self._wrapper.settings_dict = {**connection.settings_dict, "CONN_MAX_AGE": 0}

    def open(self):
        try:
            self._wrapper.connect()
            self.raw = self._wrapper.connection
        except DatabaseError as error:
            raise BackupError("database", error) from None

    def close(self):
        self._wrapper.close()

    def query(self, sql, args=None):
        try:
            with self.raw.cursor() as cursor:
                cursor.execute(sql, args)
                return list(cursor.fetchall())
        except self._wrapper.Database.Error as error:
            raise BackupError("database", str(error.args[-1] if error.args else error)) from None

    def columns(self, table) -> tuple[list[str], str]:
        """(columns that are stored, the primary key's)."""
        found = self.query(
            "SELECT column_name, column_key, extra FROM information_schema.columns "
            "WHERE table_schema = DATABASE() AND table_name = %s ORDER BY ordinal_position",
            (table,),
        )
        stored = [name for name, _key, extra in found if "GENERATED" not in str(extra).upper()]
        keys = [name for name, key, _extra in found if key == "PRI"]
        if len(keys) != 1:
            raise BackupError("database", f"{table}: no single primary key")
        return stored, keys[0]

    def table_names(self) -> list[str]:
        found = self.query(
            "SELECT table_name FROM information_schema.tables "
            "WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' ORDER BY table_name"
        )
        return [name for (name,) in found]

    def pages(self, table):
        """The rows in pieces: by key, for the driver would load a whole table at once."""
        columns, key = self.columns(table)
        at = columns.index(key)
        wanted = ", ".join(map(quote, columns))
        head = f"SELECT {wanted} FROM {quote(table)}"  # noqa: S608  # nosec B608 # the server's own names
        tail = f" ORDER BY {quote(key)} LIMIT {ROWS}"
        rows = self.query(head + tail)
        while rows:
            yield rows
            if len(rows) < ROWS:
                return
            rows = self.query(f"{head} WHERE {quote(key)} > %s{tail}", (rows[-1][at],))


class Snapshot:
    """One moment of the database, held by a transaction that only reads."""

    def __init__(self, connection, progress):
        self._session = _Session(connection)
        self.progress = progress
        self.query = self._session.query

    def __enter__(self):
        self._session.open()
        self.query("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        self.query("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        self.tables = {name: {} for name in self._session.table_names()}
        return self

    def __exit__(self, *_error):
        self._session.close()

    def size(self) -> int:
        return 0  # nothing is written beside the archive

    def write_to(self, archive) -> None:
        schema = {
            "tables": {t: self._create(t) for t in self.tables},
            "columns": {t: self._session.columns(t)[0] for t in self.tables},
            "triggers": [self._trigger(t) for (t, *_rest) in self.query("SHOW TRIGGERS")],
        }
        archive.add_bytes(f"database/{SCHEMA}", json.dumps(schema).encode())
        first = [name for name in self.tables if name not in LAST]
        for table in [*first, *(name for name in LAST if name in self.tables)]:
            digest, count = hashlib.sha256(), 0
            for number, rows in enumerate(self._session.pages(table)):
                content = b"".join(map(encode, rows))
                digest.update(content)
                count += len(rows)
                archive.add_bytes(f"database/{table}/{number:08}", content, listed=False)
                self.progress()
            self.tables[table] = {"rows": count, "sha256": digest.hexdigest()}

    def _create(self, table):
        return self.query(f"SHOW CREATE TABLE {quote(table)}")[0][1]

    def _trigger(self, name):
        """Without its DEFINER: the account may be another one on the new server."""
        text = self.query(f"SHOW CREATE TRIGGER {quote(name)}")[0][2]
        return "CREATE TRIGGER " + text.split("TRIGGER", 1)[1].lstrip()


class Target:
    """A schema that a backup is loaded into: a scratch one, or the clinic's own."""

    def __init__(self, connection, progress, *, scratch=True):
        self._session = _Session(connection)
        self.progress = progress
        own = connection.settings_dict["NAME"]
        self.name = f"{own}_scratch" if scratch else own
        self._scratch = scratch
        self._schema = None

    def __enter__(self):
        self._session.open()
        if self._scratch:
            try:
                self._session.query(f"DROP DATABASE IF EXISTS {quote(self.name)}")
                self._session.query(f"CREATE DATABASE {quote(self.name)} CHARACTER SET utf8mb4")
                self._session.query(f"USE {quote(self.name)}")
            except BackupError:
                self._session.close()
                raise BackupError("scratch", self.name) from None
        self._session.query(_QUIET)
        return self

    def __exit__(self, *_error):
        try:
            if self._scratch:
                self._session.query(f"DROP DATABASE IF EXISTS {quote(self.name)}")
        finally:
            self._session.close()

    def take(self, member: str, stream) -> None:
        parts = member.split("/")
        if parts[1:] == [SCHEMA]:
            self._make_tables(json.loads(stream.read()))
        elif len(parts) == 3 and self._schema and parts[1] in self._schema["tables"]:
            self._load(parts[1], [decode(line) for line in stream.read().splitlines()])
        else:
            raise BackupError("damaged", member)
        self.progress()

    def _make_tables(self, schema):
        self._schema = schema
        for table in self._session.table_names():
            self._session.query(f"DROP TABLE {quote(table)}")
        for statement in schema["tables"].values():
            self._session.query(statement)

    def _load(self, table, rows):
        columns = self._schema["columns"][table]
        names = ", ".join(map(quote, columns))
        blanks = ", ".join(["%s"] * len(columns))
        sql = f"INSERT INTO {quote(table)} ({names}) VALUES ({blanks})"  # noqa: S608  # nosec B608
        wrapper = self._session._wrapper
        try:
            with self._session.raw.cursor() as cursor:
                cursor.executemany(sql, rows)
            self._session.raw.commit()
        except wrapper.Database.Error as error:
            raise BackupError("database", f"{table}: {error.args[0]}") from None

    def complete(self, manifest) -> None:
        """The triggers come last: they would refuse or repeat what is being loaded."""
        for statement in (self._schema or {}).get("triggers", ()):
            self._session.query(statement)

    def differences(self, manifest):
        there = self._session.table_names()
        for table, known in manifest["tables"].items():
            if table not in there:
                yield f"{table}: 0/{known['rows']}"
                continue
            digest, count = hashlib.sha256(), 0
            for rows in self._session.pages(table):
                digest.update(b"".join(map(encode, rows)))
                count += len(rows)
                self.progress()
            if count != known["rows"]:
                yield f"{table}: {count}/{known['rows']}"
            elif digest.hexdigest() != known["sha256"]:
                yield f"{table}: sha256"
