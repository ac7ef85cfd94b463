"""A data directory of a test's own for backups, and whole installations driven by manage.py."""

import gc
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connection

from security.roles import sync_roles

ROOT = Path(__file__).resolve().parents[3]
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


@pytest.fixture
def clinic_dir(tmp_path, settings, transactional_db):
    """The process's database with folders of its own beside it."""
    settings.DATA_DIR = tmp_path / "data"
    settings.CLINIC_FILES_DIR = str(settings.DATA_DIR / "files")
    settings.CLINIC_BACKUP_DIR = str(settings.DATA_DIR / "backups")
    settings.DATA_DIR.mkdir()
    sync_roles()
    connection.close()
    gc.collect()  # a connection that an earlier test forgot would hold the database's file
    return settings.DATA_DIR


@dataclass(frozen=True)
class Installation:
    """A data directory and its database; every call is a process of its own."""

    root: Path
    database: str = ""

    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("CLINIC_")}
        kept |= {"CLINIC_DATA_DIR": str(self.root), "CLINIC_LANGUAGE": "en"}
        kept["CLINIC_SECRET_KEY"] = "only-for-tests-0123456789-0123456789-0123456789-abcd"
        kept.pop("DATABASE_URL", None)
        return {**kept, "DATABASE_URL": self.database} if self.database else kept

    def start(self, *arguments, **more) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "manage.py", *map(str, arguments)],
            env=self.environment(),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **more,
        )

    def manage(self, *arguments, status=0, **more) -> str:
        process = self.start(*arguments, **more)
        out, err = process.communicate(timeout=120)
        assert process.returncode == status, err[-2000:]
        return out if status == 0 else err

    def code(self, text: str) -> str:
        return self.manage("shell", "--verbosity", "0", "-c", text).strip()

    @property
    def backups(self) -> list[Path]:
        return sorted((self.root / "backups").glob("*.clinicbackup"))


def new_database(name: str) -> str:
    """The URL of an empty database of the kind that the tests run on; "" for SQLite's file."""
    if connection.vendor == "sqlite":
        return ""
    options = connection.settings_dict
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    person = f"{options['USER']}:{options['PASSWORD']}".rstrip(":")
    place = f"{options['HOST'] or 'localhost'}{options['PORT'] and ':'}{options['PORT']}"
    socket = options["OPTIONS"].get("unix_socket", "")
    return f"mysql://{person}@{place}/{name}" + (f"?unix_socket={socket}" if socket else "")


def drop_database(name: str) -> None:
    if connection.vendor != "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")


@pytest.fixture
def folder():
    root = Path(tempfile.mkdtemp(prefix="clinic-backup-", dir=MEMORY))
    yield root
    shutil.rmtree(root)


@pytest.fixture(scope="session")
def first_installation(tmp_path_factory):
    """An installation on SQLite, set up once and copied for each test."""
    root = Path(tempfile.mkdtemp(prefix="clinic-backup-", dir=MEMORY))
    clinic = Installation(root)
    clinic.manage("keyring", "init")
    clinic.manage("migrate", "-v0")
    yield root
    shutil.rmtree(root)


@pytest.fixture
def installation(first_installation, folder):
    """A clinic in a folder of its own, on SQLite."""
    shutil.copytree(first_installation, folder / "clinic")
    return Installation(folder / "clinic")
