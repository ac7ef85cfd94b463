"""Does everything that is sealed still open? By command at any time, and once a week by itself.

The result is an entry of the log, which the daily report and the administrator's home show.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import DEFAULT_DB_ALIAS
from django.utils.timezone import localtime, now

from clinic.core import scheduler
from security import audit, keyring, places, seals
from security.models import AuditEntry
from security.verdict import NIGHT

log = logging.getLogger("clinic.keyring")
EVENT = "encryption_verify"
BATCH = 500
SHOWN = 20
SOON, LATE = timedelta(days=6, hours=12), timedelta(days=8)
SEALED_EVERY = timedelta(seconds=20)


@dataclass
class Result:
    """How much was opened; every fault goes to `say` one by one."""

    rows: int = 0
    cells: int = 0
    faults: int = 0


def run(
    *,
    say: Callable[[object], object],
    between: Callable[[], object] = lambda: None,
    database: str = DEFAULT_DB_ALIAS,
    batch: int = BATCH,
) -> Result:
    """Open every cell, draft and file, recompute every blind index; what was found is kept."""
    keyring.ring()
    result = Result()
    for place in places.all_places(database):
        for checked, found in place.verify(database, batch=batch):
            result.rows, result.cells = result.rows + 1, result.cells + checked
            result.faults += len(found)
            for fault in found:
                say(fault)
            if result.rows % batch == 0:
                between()
    if database == DEFAULT_DB_ALIAS:
        _keep(result)
    return result


def _keep(result: Result) -> AuditEntry:
    return audit.record(
        EVENT,
        outcome="failed" if result.faults else "ok",
        screen="encryption_verify",
        data={"rows": result.rows, "cells": result.cells, "faults": result.faults},
    )


def last() -> AuditEntry | None:
    return AuditEntry.objects.filter(event=EVENT).order_by("-timestamp", "-pk").first()


def broken() -> AuditEntry | None:
    """The last run when something did not open, for the administrator's home."""
    result = last()
    return result if result and result.outcome == "failed" else None


def verify_weekly() -> None:
    """Called by the scheduler: at night, or by day on a machine that is off at night."""
    before = last()
    age = now() - before.timestamp if before else LATE
    if age >= LATE or (age > SOON and localtime().hour in NIGHT):
        run(say=_Log(), between=_Meanwhile())


class _Log:
    """The first faults stand in the log file; thousands of them would tell no more."""

    said = 0

    def __call__(self, fault) -> None:
        self.said += 1
        if self.said <= SHOWN:
            log.error("verify_encryption: %s", fault)


class _Meanwhile:
    """A run over everything takes minutes: sealing does not wait, and the lease is kept."""

    def __init__(self):
        self._sealed_at = now()

    def __call__(self) -> None:
        scheduler.still_here()
        if now() - self._sealed_at > SEALED_EVERY:
            seals.seal_new()
            self._sealed_at = now()
