"""An import whose process is killed in the middle goes on where it was, and makes nothing twice."""

import subprocess
import time

import pytest

from clinic.core import jobs
from clinic.core.models import Job
from clinic.core.tables import imports
from pharmacy.models import Drug
from security.permissions import Role
from tests.concurrency.together import end, run_together, start, tell
from tests.conftest import person
from tests.factories.tables import checked, csv, driven

pytestmark = pytest.mark.django_db(transaction=True)
LINES = [f"K{n:03d},试验药{n}片,0.1g×{n % 30 + 1}片/盒,盒,某厂,1.00,片剂,西药" for n in range(200)]
FUNCTION = "tests.concurrency.importers:go_on"


def started(lines=LINES):
    """A list that was checked, being written from now on."""
    by = person("storekeeper", "郑库管", Role.STOREKEEPER)
    table = checked(by, csv(*lines))
    imports.start(table_id=table.pk, by=by)
    return table


def worker(job_id) -> subprocess.Popen:
    """A process of its own that works at the import."""
    process = start(FUNCTION)
    tell(process, {"job": str(job_id)})
    return process


def position(job_id) -> int:
    return Job.objects.values_list("position", flat=True).get(pk=job_id)


def kill_after(process, job_id, slices: int) -> None:
    """SIGKILL once so many slices are behind; whatever it is doing then is lost."""
    try:
        until, from_ = time.monotonic() + 30, position(job_id)
        while position(job_id) < from_ + slices:
            assert time.monotonic() < until and process.poll() is None
            time.sleep(0.005)
    finally:
        end(process)


def test_three_kills_lose_nothing_and_double_nothing():
    table = started()
    for slices in (3, 2, 4):
        kill_after(worker(table.job_id), table.job_id, slices)
    assert 9 <= position(table.job_id) < 20

    jobs.run_waiting()

    table = driven(table)
    assert (table.state, table.created, table.unchanged, table.refused) == ("done", 200, 0, 0)
    assert sorted(Drug.objects.values_list("code", flat=True)) == [f"K{n:03d}" for n in range(200)]


def test_two_processes_at_one_import_share_the_work():
    table = started(LINES[:60])

    answers = run_together(FUNCTION, [{"job": str(table.job_id)}] * 2)

    table.refresh_from_db()
    assert [answer.get("error") for answer in answers] == [None, None]
    assert (table.state, table.created) == ("done", 60)
    assert Drug.objects.count() == 60
