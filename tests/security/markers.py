"""Finding a text that must not lie anywhere: every spelling of it, in every place that is kept."""

import base64
import json
import os
import re
import zlib
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{40,}={0,2}")


def spellings(text: str) -> set[bytes]:
    """`text` as UTF-8 and UTF-16, in hex, base64 of any alignment, JSON escapes, in an address."""
    found = {text.encode(), json.dumps(text)[1:-1].encode(), quote(text).encode()}
    found |= {text.encode("utf-16-le"), text.encode("utf-16-be")}
    for plain in (text.encode(), json.dumps(text)[1:-1].encode()):
        found |= {plain.hex().encode(), plain.hex().upper().encode()}
        for shift in range(3):
            coded = base64.b64encode(b"\0" * shift + plain + b"\0\0")
            inner = coded[(shift * 8 + 5) // 6 : (shift + len(plain)) * 8 // 6]
            found |= {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}
    return found


def cells():
    """(table, bytes) of every value of every row in the database."""
    connection.close()  # and with it SQLite writes its log into the file
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            for row in cursor.fetchall():
                for value in row:
                    yield table, value if isinstance(value, bytes) else str(value).encode()


def unpacked(value: bytes):
    """The value itself, and what base64 and zlib (signed sessions) hide in it."""
    yield value
    for piece in _BASE64.findall(value):
        whole = piece.rstrip(b"=")
        try:
            inner = base64.urlsafe_b64decode(whole + b"=" * (-len(whole) % 4))
        except ValueError:
            continue
        yield inner
        try:
            yield zlib.decompress(inner)
        except zlib.error:
            continue


# What is stored outside the database and the folders below: functions without arguments that give
# paths. A second place of backups belongs here: `STORES.append(lambda: folder.rglob("*"))`.
STORES = []
FOLDERS = ("files", "logs", "run", "backups", "drafts", "exports")
FOLDERS += ("audit-checkpoints", "audit-archive", "tls")


def database_files() -> list[Path]:
    """The database's own files: rows, free pages, logs of redo and undo; none if out of reach."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return [Path(f"{name}{end}") for end in ("", "-wal", "-journal")]
    with connection.cursor() as cursor:
        cursor.execute("FLUSH TABLES")
        cursor.execute("SELECT @@datadir")
        data = Path(cursor.fetchone()[0])
    if not os.access(data, os.R_OK | os.X_OK):  # a server elsewhere: its rows were searched
        return []
    shared = [path for path in data.iterdir() if path.is_file()]
    return [*shared, *(data / name).rglob("*")]


def kept_files() -> dict[str, bytes]:
    """The database's own files and everything stored beside them, for a moment or for good."""
    folder = Path(settings.DATA_DIR)
    paths = [path for sub in FOLDERS for path in (folder / sub).rglob("*")]
    paths += [path for store in STORES for path in store()]
    paths += database_files()
    return {str(path): _without_empty_blocks(path) for path in paths if path.is_file()}


def _without_empty_blocks(path: Path) -> bytes:
    """A fresh log of MariaDB is 96 MB of zeros, which need not be searched 400 times."""
    content, block = path.read_bytes(), 65536
    if len(content) < 1 << 20:
        return content
    blocks = (content[at : at + block] for at in range(0, len(content), block))
    return b"".join(part for part in blocks if part.strip(b"\0"))


def places_of(texts: dict[str, str]) -> set[tuple[str, str]]:
    """(what, where) for every text that can be found, whatever its spelling."""
    wanted = {what: spellings(text) for what, text in texts.items()}
    found = set()
    for table, value in cells():
        for reading in unpacked(value):
            found |= {(what, table) for what in wanted if _holds(reading, wanted[what])}
    connection.close()
    for path, content in kept_files().items():
        found |= {(what, Path(path).name) for what in wanted if _holds(content, wanted[what])}
    return found


def _holds(content: bytes, wanted: set[bytes]) -> bool:
    return any(spelling in content for spelling in wanted)
