"""Killed while archiving, at any point: nothing is lost, and the next run goes on."""

import signal

import pytest
from django.db import connection

from security.audit_archive import make, places
from security.models import AuditArchive, AuditEntry, AuditSealed
from tests.concurrency.together import start, tell
from tests.security.archiving import (
    EACH,
    POINTS,
    YEARS_AGO,
    archived_files,
    faults,
    macs,
    old_log,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def before(archive_folders):
    """The code of every entry there was."""
    old_log()
    return macs()


@pytest.fixture
def kill_at(before):
    """`kill_at(point)`: a process that archives is killed there."""
    connection.close()
    process = start("tests.security.archiving:die_again_and_again", bufsize=1)
    tell(process, {"root": str(places.own_folder().parent)})

    def kill(point: str) -> None:
        process.stdin.write(point + "\n")
        assert int(process.stdout.readline()) == -signal.SIGKILL, point

    yield kill
    process.communicate()


def test_killed_at_each_point_nothing_is_lost_and_no_half_file_looks_finished(before, kill_at):
    for point in POINTS:
        kill_at(point)
        assert before.items() <= macs().items(), point
        nameless = point == "before the file has its name"  # the row is there, its file a part yet
        assert faults() == ([("archive_file_missing", 1)] if nameless else []), point
        named = {row.file for row in AuditArchive.objects.all()}
        assert {path.name for path in archived_files()} <= named, point

    make.archive()

    assert faults() == []
    assert before.items() <= macs().items()
    old = EACH * len(YEARS_AGO)
    assert sum(row.entries for row in AuditArchive.objects.all()) == old
    assert len(set(before) & set(AuditEntry.objects.values_list("pk", flat=True))) == 2 * EACH
    assert not AuditSealed.objects.filter(seal_id__lte=len(YEARS_AGO)).exists()
    assert not list(places.own_folder().glob("*.part"))
    told = AuditEntry.objects.filter(event="audit_removed").count()
    assert told == AuditArchive.objects.count()
