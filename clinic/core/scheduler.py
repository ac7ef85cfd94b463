"""What is due is run by exactly one process, whichever holds the lease in the database."""

import contextlib
import logging
import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone

from clinic.core import modules
from clinic.core.errors import Busy
from clinic.core.models import Lease
from clinic.core.transactions import atomic_retry, lock

log = logging.getLogger("clinic.scheduler")
LEASE_SECONDS = 90
RENEW_SECONDS = 20


@dataclass(frozen=True)
class Task:
    """A function to be called every so many seconds; it commits in pieces of at most 200 ms."""

    name: str
    every: int
    run: Callable[[], object]
    module: str = ""  # the part of the system it warns about; nothing is run while that is off


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
    if lease.holder != holder and lease.until is not None and lease.until > now:
        return False
    lease.holder, lease.until = holder, now + timezone.timedelta(seconds=seconds)
    lease.save()
    return True


def still_here() -> None:
    """Long tasks call this between their pieces, so that no other process takes the lease over.

    Outside of `run_due` it does nothing; a busy database is no reason to stop, either.
    """
    if not _held or time.monotonic() - _held["renewed"] < RENEW_SECONDS:
        return
    _held["renewed"] = time.monotonic()
    with contextlib.suppress(Busy):
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


def _run_tasks() -> list[str]:
    done = []
    for task in _tasks.values():
        if task.module and not modules.is_on(task.module):
            continue
        if take_lease(f"task:{task.name}", holder=f"done {timezone.now()}", seconds=task.every):
            try:
                task.run()
            except Exception:  # one broken task must not stop the others
                log.exception("scheduled task %s failed", task.name)
            done.append(task.name)
    return done
