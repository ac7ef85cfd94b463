"""Work too long for one page: done in slices by whoever has time, and gone on with after a stop.

A kind of job is a function `work(job, memory)`: it does one slice in a transaction of its own, with
the job's row locked (reading a file is many short ones). Two processes at the same job do no harm:
the later one finds the position moved. `memory` lives as long as one process keeps at the job.
"""

import logging
import time
from collections.abc import Callable
from uuid import UUID

from django.db import connection
from django.utils import timezone

from clinic.core import scheduler
from clinic.core.errors import Busy, Unanswered
from clinic.core.models import Job
from clinic.core.transactions import is_away

log = logging.getLogger("clinic.jobs")
AT_ONCE = 2.0  # seconds that the page which starts a job works at it itself
PAUSE = 0.1  # at most, between two slices
SCHEDULED = 15.0  # seconds for each job in one round of the scheduler: others want their turn

_kinds: dict[str, Callable[[Job, dict], None]] = {}


_at_hand: dict = {}  # the job worked at last and its memory: a list begun anew costs a replay


def register(kind: str, work: Callable[[Job, dict], None]) -> None:
    """Apps tell in ready() how their jobs are worked at."""
    _kinds[kind] = work


def drive(job_id: UUID, *, seconds: float = AT_ONCE) -> bool:
    """Work at the job for so long; True when nothing is left to do by itself.

    A busy database, or one that is away, leaves the rest to the scheduler. A fault of ours ends the
    job as failed.
    """
    until = time.monotonic() + seconds
    memory = _memory_of(job_id)
    try:
        while time.monotonic() < until:
            job = Job.objects.get(pk=job_id)
            if job.state != Job.State.WAITING:
                return True
            began = time.monotonic()
            _kinds[job.kind](job, memory)
            scheduler.still_here()
            _let_others(time.monotonic() - began)
        return not Job.objects.filter(pk=job_id, state=Job.State.WAITING).exists()
    except (Busy, Unanswered):  # the job's own row says how far it came
        return False
    except Exception as error:  # whatever it was: the job must not be tried for ever
        if is_away(error):
            return False
        log.exception("job %s failed", job_id)
        Job.objects.filter(pk=job_id, state=Job.State.WAITING).update(
            state=Job.State.FAILED, error=type(error).__name__, finished_at=timezone.now()
        )
        return True


def _let_others(took: float) -> None:
    """As long a pause as the slice took.

    SQLite has no queue for its one writer: whoever waits looks every tenth of a second, and would
    hardly ever find a moment between slices that follow each other at once.
    """
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        time.sleep(min(took, PAUSE))


def _memory_of(job_id: UUID) -> dict:
    """What this process remembers of the job it worked at last; of another one nothing."""
    if _at_hand.get("job") != job_id:
        _at_hand.clear()
        _at_hand.update(job=job_id, memory={})
    return _at_hand["memory"]


def run_waiting() -> None:
    """Called by the scheduler: go on with what a page began or a stopped process left."""
    waiting = Job.objects.filter(
        kind__in=_kinds, state=Job.State.WAITING, due_at__lte=timezone.now()
    )
    for job_id in list(waiting.order_by("due_at").values_list("pk", flat=True)):
        drive(job_id, seconds=SCHEDULED)


def connect() -> None:
    """The scheduler looks for waiting jobs from now on."""
    scheduler.register("core.jobs", every=1, run=run_waiting)
