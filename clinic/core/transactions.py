"""The one transaction decorator of all verbs.

SQLite takes the write lock at BEGIN IMMEDIATE and waits up to its 5 s time-out, so a repeat would
only double the wait. MySQL and MariaDB end one of two deadlocked transactions (1213) or give up
waiting (1205): those are repeated with jittered back-off, at most 6 tries and 5 s in all.
"""

import functools
import random
import time

from django.db import OperationalError, connection, transaction

from clinic.core.errors import Busy
from clinic.core.parts import is_full

TRIES = 6
SECONDS = 5.0
REPEATABLE = {1205, 1213, 1020}
# Disk full, table full, read-only, error while writing; no server, server gone.
NO_ROOM = {3, 1021, 1114, 1290, 1792, 1836, 2002, 2003, 2006, 2013}


def _code(error: OperationalError) -> int | None:
    return error.args[0] if error.args and isinstance(error.args[0], int) else None


def is_busy(error: OperationalError) -> bool:
    """True when the database refused only because others hold its locks."""
    return _code(error) in REPEATABLE or "database is locked" in str(error)


def cannot_write(error: BaseException | None) -> bool:
    """True when there is no room, the database may not write or isn't there: waiting won't help."""
    if is_full(error):
        return True
    if not isinstance(error, OperationalError):
        return False
    words = ("is full", "readonly database", "disk I/O error", "unable to open database file")
    return _code(error) in NO_ROOM or any(word in str(error) for word in words)


def atomic_retry(verb):
    """Run `verb` in its own transaction; repeat after a deadlock; Busy when that can't help."""

    @functools.wraps(verb)
    def run(*args, **kwargs):
        if connection.in_atomic_block:  # part of a larger verb: that one repeats as a whole
            with transaction.atomic():
                return verb(*args, **kwargs)
        deadline = time.monotonic() + SECONDS
        for attempt in range(1, TRIES + 1):
            try:
                with transaction.atomic():
                    return verb(*args, **kwargs)
            except OperationalError as error:
                if not is_busy(error):
                    raise
                last = attempt == TRIES or time.monotonic() > deadline
                if connection.vendor == "sqlite" or last:
                    raise Busy from error
                time.sleep(random.uniform(0.01, 0.05) * 2**attempt)  # noqa: S311  # nosec B311 # jitter
        raise AssertionError("unreachable")

    return run


def lock(queryset):
    """`queryset` with its rows locked until the transaction ends.

    SQLite has no row locks; there the whole transaction holds the write lock from its start.
    """
    return (
        queryset.select_for_update(of=("self",))
        if _supports_of()
        else (
            queryset.select_for_update() if connection.features.has_select_for_update else queryset
        )
    )


def _supports_of() -> bool:
    return connection.features.has_select_for_update_of
