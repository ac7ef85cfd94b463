"""A clinic whose disks run full: small volumes of its own, filled to the last byte.

test_full_disk.py runs this in a mount namespace, where it may mount. By hand, as anybody, with a
new installation (`keyring init`, `migrate`) that is thrown away afterwards in CLINIC_DATA_DIR:

    export DJANGO_SETTINGS_MODULE=clinic.settings
    unshare --mount --map-root-user -- python -m tests.security.backup.filled

It prints what was said and found as JSON.
"""

import errno
import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

import manage  # noqa: E402
from clinic.core import files  # noqa: E402
from clinic.core.models import Setting, StoredFile  # noqa: E402
from clinic.core.transactions import cannot_write  # noqa: E402
from security import audit, checkpoints, keyring, seals  # noqa: E402
from security.backup import archive, folders  # noqa: E402
from security.models import AuditArchive, AuditEntry, BackupRecord, User  # noqa: E402
from tests.helpers import SecureClient  # noqa: E402
from tests.security.archiving import years  # noqa: E402

ROOT = Path(settings.DATA_DIR)
OTHER = ROOT.with_name("other")  # a disk beside, which has room
PAGE = 4096
PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"


class Volume:
    """A file system of so many kB in the place of this folder, with what lay in it."""

    def __init__(self, folder: Path, kilobytes: int):
        self.folder, self.ballast = folder, folder / "ballast"
        aside = folder.with_name(folder.name + ".aside")
        folder.mkdir(mode=0o700, exist_ok=True)
        shutil.copytree(folder, aside)
        size = f"size={kilobytes}k,mode=700"
        subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder], check=True)
        shutil.copytree(aside, folder, dirs_exist_ok=True)
        shutil.rmtree(aside)

    @contextmanager
    def full(self, *, leave: int = 0):
        """Not a byte more fits, but for `leave`; room comes back at the end."""
        self.fill(leave)
        try:
            yield self
        finally:
            self.ballast.unlink()

    def fill(self, leave: int = 0) -> None:
        with self.ballast.open("ab", buffering=0) as out:
            try:
                while True:
                    out.write(b"\0" * PAGE)
            except OSError as error:
                assert error.errno == errno.ENOSPC, error
            out.truncate(max(0, out.tell() - leave))

    def files(self) -> dict[str, bytes]:
        """Name and content of what lies here; a database is told by its rows elsewhere."""
        found = [p for p in self.folder.rglob("*") if p.is_file() and p != self.ballast]
        return {str(p.relative_to(self.folder)): p.read_bytes() for p in found}


def said(*words) -> str:
    """What manage.py prints, with its exit status before it when that is not 0."""
    out, sys.argv = StringIO(), ["manage.py", *map(str, words)]
    with redirect_stdout(out), redirect_stderr(out):
        try:
            manage.main()
        except SystemExit as ended:
            word = ended.code if isinstance(ended.code, int) else 1
            text = "" if isinstance(ended.code, int) else ended.code
            return f"{word}: {out.getvalue()}{text}".strip()
    return out.getvalue().strip()


def leftovers() -> list[str]:
    """Anything half that was left lying."""
    found = [*ROOT.rglob("*.part"), *ROOT.rglob("*scratch*"), *ROOT.rglob("clinic-backup-*")]
    return sorted(str(path.relative_to(ROOT)) for path in found)


def backups() -> list[Path]:
    return folders.finished(folders.backup_dir())


# --- one volume after the other -----------------------------------------------------------------


def of_backups() -> dict:
    """The backups lie on a disk of their own that runs full in the middle of writing one."""
    said("backup")
    time.sleep(1)  # a backup's name tells the second
    (ROOT / "files").mkdir(exist_ok=True)
    (ROOT / "files" / "scan").write_bytes(os.urandom(3_000_000))
    volume = Volume(folders.backup_dir(), 12_000)
    folders.SMALLEST_ROOM = 0  # somebody else fills the disk after the room was checked
    with volume.full(leave=1_000_000):
        before = volume.files()
        refused = said("backup")
        same = volume.files() == before
    record = BackupRecord.objects.latest("pk")
    after = said("backup")
    (ROOT / "files" / "scan").unlink()
    return {
        "refused": refused,
        "old ones as they were": same,
        "left": leftovers(),
        "record": [record.state, record.error],
        "after": after,
        "whole": [bool(archive.read_through(path)) for path in backups()],
    }


def of_second_place() -> dict:
    """The stick for the second copies is full."""
    stick = ROOT.with_name("stick")
    Setting.objects.create(key="backup.second_place", value=str(stick))
    volume = Volume(stick, 2_000)
    with volume.full(leave=100_000):
        first = said("backup")
        full = BackupRecord.objects.latest("pk")
        on_stick = [name for name in volume.files() if name != ".lock"]
    said("backup")
    Setting.objects.all().delete()
    return {
        "first": first,
        "record": [full.state, full.second, full.second_error],
        "on the stick": on_stick,
        "after": BackupRecord.objects.latest("pk").second,
    }


def of_checkpoints() -> dict:
    """The disk ends in the middle of a checkpoint's line, behind the first digit of its count."""
    for _entry in range(12):
        audit.record("print")
    folder = checkpoints.folder()
    volume = Volume(folder, 64)
    seal = seals.latest()
    line = f"{seal.seq + 1 if seal else 1} " + "0" * 64 + " 1"
    audit_month = folder / f"{django.utils.timezone.now():%Y-%m}.txt"
    audit_month.write_text("-" * (PAGE - 1 - len(line)) + "\n")
    with volume.full():
        sealed = seals.seal_all()
        torn = audit_month.read_text().splitlines()[-1]
    then = said("verify_audit")
    audit.record("print")
    seals.seal_all()
    return {
        "sealed": sealed,
        "torn": torn.split(" ")[-1],
        "then": then,
        "later": said("verify_audit"),
        "named": max(one.seq for one in checkpoints.read()) == seals.latest().seq,
    }


def of_keys() -> dict:
    """The key ring's folder has no room for a new ring."""
    folder = keyring.keyring_path().parent
    volume = Volume(folder, 16)
    with volume.full():
        before = volume.files()
        refused = said("rotate_keys", "--purpose", "data")
        ring = keyring.keyring_path().name
        same = volume.files()[ring] == before[ring]
    return {
        "refused": refused,
        "ring as it was": same,
        "left": leftovers(),
        "after": said("rotate_keys", "--purpose", "data"),
        "key": keyring.ring().active("data").id,
    }


def of_archives() -> dict:
    """Old entries of the audit log are archived to another disk, which is full."""
    volume = Volume(OTHER, 64)
    with volume.full():
        entries = AuditEntry.objects.count()
        refused = said("archive_audit", "--to", OTHER)
        there = list(volume.files())
    return {"refused": refused, "there": there, "gone": entries - AuditEntry.objects.count()}


# --- everything on one disk ---------------------------------------------------------------------


def of_everything(leave: int) -> dict:
    """Database, keys, files, backups on one disk, as in most clinics; it is full."""
    connection.close()
    used = sum(path.stat().st_size for path in ROOT.rglob("*") if path.is_file())
    volume = Volume(ROOT, 2 * used // 1024 + 4_000)  # a backup copies the database first
    client = SecureClient(raise_request_exception=False, headers={"host": "localhost"})
    wrong = {"username": "nobody", "password": "not-a-word"}
    scan = {"content": os.urandom(50_000), "purpose": "test", "media_type": "x", "by": person()}
    backup, there, archives = backups()[-1], counts(), set(OTHER.glob("*.clinicaudit"))
    steps = {
        "backup": lambda: said("backup"),
        "rotate": lambda: said("rotate_keys", "--purpose", "data"),
        "archive": lambda: said("archive_audit", "--to", OTHER),
        "trial": lambda: said("verify_backup"),
        "restore": lambda: said("restore", backup, "--yes"),
        "scan": lambda: refusal(lambda: files.store(**scan)),
        "page": lambda: client.post("/login/", wrong).status_code,
    }
    found = {}
    with volume.full(leave=leave):
        for name, step in steps.items():
            volume.fill(leave)  # whoever gives up leaves room behind
            found[name] = step()
        found["left"] = leftovers() + sorted(map(str, set(OTHER.glob("*.clinicaudit")) - archives))
    found["same"] = counts() == there and backup.exists()
    found["page after"] = client.post("/login/", wrong).status_code
    found["scan after"] = files.read(files.store(**scan)) == scan["content"]
    found["after"] = [
        said(*words.split())
        for words in (
            *("rotate_keys --resume", f"archive_audit --to {OTHER}", "backup", "verify_backup"),
            *("seal_audit", f"verify_audit --archives {OTHER}", "verify_encryption"),
        )
    ]
    return found


def counts() -> list[int]:
    """Of what nobody may lose, and of what must not appear by halves."""
    stored = [path for path in (ROOT / "files").rglob("*") if path.is_file()]
    return [
        User.objects.count(),
        StoredFile.objects.count(),
        len(stored),
        AuditArchive.objects.count(),
    ]


def person() -> User:
    return User.objects.get_or_create(username="somebody")[0]


def refusal(verb) -> str:
    try:
        verb()
    except Exception as error:
        return f"{'full' if cannot_write(error) else 'fault'}: {error}"
    return "done"


if __name__ == "__main__":
    settings.STORAGES["staticfiles"]["BACKEND"] = PLAIN
    years()
    answer = {
        "backups": of_backups(),
        "second": of_second_place(),
        "checkpoints": of_checkpoints(),
        "keys": of_keys(),
        "archives": of_archives(),
        "almost": of_everything(leave=10 * PAGE),  # what is written first fits, the rest doesn't
        "brim": of_everything(leave=0),
    }
    json.dump(answer, sys.stdout, indent=1)
