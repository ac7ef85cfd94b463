"""What is due is run by exactly one process, whichever holds the lease in the database."""

import contextlib
import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from clinic.core import modules
from clinic.core.errors import Busy, Unanswered
from clinic.core.models import Lease
from clinic.core.transactions import atomic_retry, lock

log = logging.getLogger("clinic.scheduler")
LEASE_SECONDS = 90
PAUSE_SECONDS = int(os.environ.get("CLINIC_PACE_SECONDS", "20"))
RENEW_SECONDS = 20
QUIET = timedelta(minutes=3)  # a task in pieces of its own may keep everybody waiting
TASK, FAILED = "task:", "failed "


@dataclass(frozen=True)
class Task:
    """A function to be called every so many seconds; it commits in pieces of at most 200 ms."""

    name: str
    every: int
    run: Callable[[], object]
    module: str = ""  # the part of the system it warns about; nothing is run while that is off


@dataclass(frozen=True)
class State:
    """Whether somebody runs what is due, and what failed when it was last tried."""

    is_alive: bool
    ever: bool  # somebody ran it once
    tasks: int
    failed: list[str]


_tasks: dict[str, Task] = {}
_held: dict[str, object] = {}  # this process's lease while it runs tasks: holder, renewed


def register(name: str, *, every: int, run: Callable[[], object], module: str = "") -> None:
    """Apps register their periodic work in ready(); a second registration replaces the first."""
    _tasks[name] = Task(name, every, run, module)


def holder_name() -> str:
    """This process, for people who look at the lease."""
    return f"{socket.gethostname()}:{os.getpid()}"


@atomic_retry
def take_lease(name: str, *, holder: str, seconds: int) -> bool:
    """True when `holder` now holds the lease, because it was free, run out, or its own."""
    Lease.objects.get_or_create(name=name)
    lease = lock(Lease.objects.filter(name=name)).get()
    now = timezone.now()
    # What runs longer than a lease does was taken while the clock ran ahead.
    longest = now + timedelta(seconds=max(seconds, LEASE_SECONDS))
    if lease.holder != holder and lease.until is not None and now < lease.until <= longest:
        return False
    lease.holder, lease.until = holder, now + timedelta(seconds=seconds)
    lease.save()
    return True


def still_here() -> None:
    """Long tasks call this between their pieces, so that no other process takes the lease over.

    Outside of `run_due` it does nothing; a busy database is no reason to stop, either.
    """
    if not _held or time.monotonic() - _held["renewed"] < RENEW_SECONDS:
        return
    _held["renewed"] = time.monotonic()
    with contextlib.suppress(Busy, Unanswered):
        take_lease("scheduler", holder=_held["holder"], seconds=LEASE_SECONDS)


def run_due(*, holder: str | None = None) -> list[str]:
    """Run every task whose time has come, if this process holds the lease; return their names.

    A failing task is logged and does not keep the others from running.
    """
    holder = holder or holder_name()
    if not take_lease("scheduler", holder=holder, seconds=LEASE_SECONDS):
        return []
    _held.update(holder=holder, renewed=time.monotonic())
    try:
        return _run_tasks()
    finally:
        _held.clear()


def run_round(*, holder: str | None = None) -> list[str]:
    """`run_due` for those who come again soon: a busy database is no reason to fail."""
    try:
        return run_due(holder=holder)
    except Busy:
        return []
    finally:
        close_old_connections()


def run_forever(stop: threading.Event) -> None:
    """Round after round, until `stop` is set."""
    while not stop.wait(PAUSE_SECONDS):
        try:
            run_round()
        except Exception:  # nobody stands above a thread who would start it again
            log.exception("the scheduler's round failed")


def _run_tasks() -> list[str]:
    done = []
    for task in _tasks.values():
        if task.module and not modules.is_on(task.module):
            continue
        if take_lease(f"{TASK}{task.name}", holder=f"done {timezone.now()}", seconds=task.every):
            try:
                task.run()
            except Exception:  # one broken task must not stop the others
                log.exception("scheduled task %s failed", task.name)
                _note_failure(task.name)
            done.append(task.name)
    return done


def _note_failure(name: str) -> None:
    """On the task's own lease, until it is tried again: nobody reads logs every day."""
    with contextlib.suppress(Busy, Unanswered, DatabaseError):
        _write_failure(name)


@atomic_retry
def _write_failure(name: str) -> None:
    lease = lock(Lease.objects.filter(name=f"{TASK}{name}")).get()
    lease.holder = f"{FAILED}{timezone.now()}"
    lease.save()


def state() -> State:
    """For the doctor and the administrator's page; one query."""
    leases = {lease.name: lease for lease in Lease.objects.all()}
    lease = leases.get("scheduler")
    failed = [name for name in _tasks if _has_failed(leases.get(f"{TASK}{name}"))]
    ever = lease is not None and lease.until is not None
    is_alive = ever and lease.until > timezone.now() - QUIET
    return State(is_alive, ever, len(_tasks), failed)


def _has_failed(lease: Lease | None) -> bool:
    return lease is not None and lease.holder.startswith(FAILED)
