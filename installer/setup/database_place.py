"""Where an installation's database is: a file of its own, or a server."""

from pathlib import Path

from installer.setup import envfile
from installer.setup.paths import DataDir

SQLITE = "sqlite:///"


def on_server(data: DataDir) -> bool:
    return envfile.read(data.env).get("DATABASE_URL", SQLITE).startswith("mysql")


def sqlite_file(data: DataDir) -> Path:
    url = envfile.read(data.env).get("DATABASE_URL", "")
    return Path(url.removeprefix(SQLITE)) if url.startswith(SQLITE) else data.root / "db.sqlite3"
