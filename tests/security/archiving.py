"""A log of former years for the tests of the archive, and processes that die while they archive."""

import os
import signal
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from security import audit, checkpoints, seals
from security.audit_archive import files, form, make, places, records, remove
from security.models import AuditArchive, AuditEntry, AuditSeal, AuditSealed
from security.verify import Verification

YEARS_AGO = (1300, 1290, 1280, 1200)  # days; the seals that are old enough by default
LATELY = (1000, 300)
EACH = 5


def use_folder(root: Path) -> None:
    settings.DATA_DIR = root
    settings.CLINIC_BACKUP_DIR = str(root / "backups")
    settings.CLINIC_CHECKPOINT_DIR = str(root / "checkpoints")


def old_log(*, by=None) -> list[AuditEntry]:
    """One seal for each of these days, five entries in each; those of YEARS_AGO come back."""
    for model in (AuditEntry, AuditSealed, AuditSeal):  # what another test's set-up left
        sql(f"DELETE FROM {model._meta.db_table}")  # noqa: S608
    years(by=by)
    return list(AuditEntry.objects.order_by("pk")[: EACH * len(YEARS_AGO)])


def years(*, by=None) -> None:
    """The same into a log that is empty."""
    for days in (*YEARS_AGO, *LATELY):
        moment = timezone.now() - timedelta(days=days)
        with audit.acting_as(by, screen="desk"):
            for number in range(EACH):
                write(moment, days=days, number=number)
        seal_at(moment + timedelta(minutes=1))


def write(moment, **data) -> AuditEntry:
    return AuditEntry.objects.create(
        event="print", action=3, timestamp=moment, additional_data=data
    )


def seal_at(moment) -> None:
    """Seal as if it were that moment: the clock of the sealer is all that is moved."""
    before, seals.now = seals.now, lambda: moment
    try:
        seals.seal_all()
    finally:
        seals.now = before


def sql(statement: str, *values) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def faults(**kwargs) -> list[tuple[str, int]]:
    """What verify_audit finds, files included."""
    run = Verification(
        checkpoints=checkpoints.read(),
        archive_marks=checkpoints.read_archives(),
        archive_folder=places.own_folder(),
        **kwargs,
    )
    return [(fault.kind, fault.number) for fault in run.faults()]


def archived_files() -> list[Path]:
    return sorted(places.own_folder().glob(f"*{places.SUFFIX}"))


def macs() -> dict[int, bytes]:
    """Every entry that is anywhere: in the log, or in a proven file that a row names."""
    found = {pk: bytes(mac) for pk, mac in AuditEntry.objects.values_list("pk", "mac")}
    for row in AuditArchive.objects.all():
        path = places.path_of(row)
        if path.exists():
            files.prove(path, each=lambda page: found.update((e.pk, bytes(e.mac)) for e in page))
    return found


def archive_audit(*words) -> str:
    """The command; what it printed."""
    out = StringIO()
    call_command("archive_audit", *words, stdout=out)
    return out.getvalue()


def refused(*words) -> str:
    """The one sentence in which the command refuses."""
    with pytest.raises(CommandError) as stopped:
        archive_audit(*words)
    said = str(stopped.value)
    assert "\n" not in said and said.endswith(".")
    return said


# --- in processes of their own ------------------------------------------------------------------

POINTS = {
    "before the end is written": (form.Writer, "finish", 1),
    "before it is read back": (files, "prove", 1),
    "before the row": (records, "note", 1),
    "in the transaction of the row": (audit, "record", 1),
    "before the file has its name": (places, "put_in_place", 1),
    "before the checkpoint": (checkpoints, "append_archive", 1),
    "before the first piece": (remove, "remove", 1),
    "in the transaction of a piece": (remove, "_delete", 4),
    "between two pieces": (remove, "_remove_piece", 3),
}


def die_at(root: str, point: str) -> None:
    """Archive in small pieces, and kill this process when the point is reached."""
    use_folder(Path(root))
    remove.PIECE_SECONDS, remove.ROWS, make.ENTRIES = 0, 3, 10
    owner, name, turn = POINTS[point]
    function, turns = getattr(owner, name), iter(range(turn - 1, -1, -1))

    def deadly(*args, **kwargs):
        if next(turns) == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*args, **kwargs)

    setattr(owner, name, deadly)
    make.archive()
