"""Killed while archiving, at any point: nothing is lost, and the next run goes on."""

import json
import os
import subprocess
import sys

import pytest
from django.db import connection

from security.audit_archive import make, places
from security.models import AuditArchive, AuditEntry, AuditSealed
from tests.concurrency.together import ROOT
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


def kill_at(point: str) -> None:
    connection.close()
    call = {"root": str(places.own_folder().parent), "point": point}
    process = subprocess.run(
        [sys.executable, "-m", "tests.concurrency.together"]
        + [str(connection.settings_dict["NAME"]), "tests.security.archiving:die_at"],
        input=json.dumps(call) + "\n",
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=os.environ.copy(),
        text=True,
    )
    assert process.returncode == -9, process.stdout


def test_killed_at_each_point_nothing_is_lost_and_no_half_file_looks_finished(before):
    for point in POINTS:
        kill_at(point)
        assert before.items() <= macs().items(), point
        assert faults() == [] or point == "before the file has its name", point
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
