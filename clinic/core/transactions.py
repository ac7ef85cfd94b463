"""The one transaction decorator of all verbs.

SQLite takes the write lock at BEGIN IMMEDIATE and waits up to its 5 s time-out, so a repeat would
only double the wait. MySQL and MariaDB end one of two deadlocked transactions (1213) or give up
waiting (1205): those are repeated with jittered back-off, at most 6 tries and 5 s in all. So are
those that a cluster's node refuses because another node was first (1213, also at COMMIT).

A server that goes away takes what was not committed with it: that is repeated over a new
connection. When the answer to COMMIT itself is lost, nobody knows: that is never repeated here.
"""

import functools
import random
import time
from collections.abc import Callable
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import InterfaceError, InternalError, OperationalError, connection, transaction

from clinic.core import fences, together
from clinic.core.errors import Busy, Unanswered
from clinic.core.parts import is_full

TRIES = 6
SECONDS = 5.0
REPEATABLE = {1205, 1213, 1020}
# No member of the cluster, shutting down, connection ended, server gone, answer lost, left alone.
GONE = {1047, 1053, 1927, 2006, 2013, 2055, 4031}
NOT_THERE = {2002, 2003}
UNKNOWN_AT_COMMIT = GONE | {0, 1180}  # PyMySQL's 0: the connection was found closed
# Disk full, table full, read-only, error while writing; no server, server gone.
NO_ROOM = {3, 1021, 1114, 1290, 1792, 1836} | GONE | NOT_THERE


class Verb:
    """One run of a whole verb; what its parts know of rows that they hold (security.tracking)."""

    def __init__(self):
        self.known: dict = {}


_verb: ContextVar[Verb | None] = ContextVar("verb", default=None)
_parts: dict[Callable, Callable] = {}  # by verb: the same without a transaction of its own
_endings: list[Callable[[], None]] = []


def before_commit(ending: Callable[[], None]) -> None:
    """`ending()` runs in every verb's transaction when its work is done (security.put_off)."""
    _endings.append(ending)


def current_verb() -> Verb | None:
    """The verb that runs now, the whole one; None outside."""
    return _verb.get()


def _code(error: BaseException | None) -> int | None:
    args = getattr(error, "args", ())
    return args[0] if args and isinstance(args[0], int) else None


def is_busy(error: OperationalError) -> bool:
    """True when the database refused only because others hold its locks."""
    return _code(error) in REPEATABLE or "database is locked" in str(error)


def is_gone(error: BaseException | None) -> bool:
    """True when the server, or this node of it, went away; another connection may be answered."""
    return isinstance(error, OperationalError) and _code(error) in GONE


def is_away(error: BaseException | None) -> bool:
    """True when there is no server at the moment: what can wait tries again later."""
    return is_gone(error) or (isinstance(error, OperationalError) and _code(error) in NOT_THERE)


def cannot_write(error: BaseException | None) -> bool:
    """True when there is no room, the database may not write or isn't there: waiting won't help."""
    if is_full(error):
        return True
    if not isinstance(error, OperationalError):
        return False
    words = ("is full", "readonly database", "disk I/O error", "unable to open database file")
    return _code(error) in NO_ROOM or any(word in str(error) for word in words)


def atomic_retry(verb):
    """Run `verb` in its own transaction; repeat after a deadlock or a server that went away before
    COMMIT; Busy when repeating can't help, Unanswered when COMMIT's answer was lost."""
    verb = _ended(verb)

    @functools.wraps(verb)
    def run(*args, **kwargs):
        if connection.in_atomic_block:  # part of a larger verb: that one repeats as a whole
            with _nothing_kept_if_it_fails(), transaction.atomic():
                return verb(*args, **kwargs)
        deadline = time.monotonic() + SECONDS
        for attempt in range(1, TRIES + 1):
            try:
                return _run_and_commit(verb, args, kwargs)
            except OperationalError as error:
                gone, last = is_gone(error), attempt == TRIES or time.monotonic() > deadline
                if not (gone or is_busy(error)) or (gone and last):
                    raise
                if _code(error) is None or last:  # SQLite, which has waited already
                    raise Busy from error
                if gone:  # a node that lost the majority still answers; the next may serve
                    connection.close()
                connection.health_check_done = False  # on a cluster: first see what the other did
                time.sleep(random.uniform(0.01, 0.05) * 2**attempt)  # noqa: S311  # nosec B311 # jitter
        raise AssertionError("unreachable")

    _parts[run] = verb
    return run


def atomic_part(verb):
    """As `atomic_retry` by itself; inside of another verb simply a part of it, without a savepoint.

    For what refuses before it writes: whoever catches its refusal has nothing to take back.
    """
    alone = atomic_retry(verb)

    @functools.wraps(verb)
    def run(*args, **kwargs):
        return (_parts[alone] if connection.in_atomic_block else alone)(*args, **kwargs)

    _parts[run] = _parts[alone]
    return run


def part_of(verb):
    """The verb for a caller whose own transaction fails with it: no savepoint is needed."""
    return _parts.get(verb, verb)


@contextmanager
def _nothing_kept_if_it_fails():
    """What was asked ahead, and what is known of locked rows, may have been taken back."""
    try:
        yield
    except BaseException:
        together.forget()
        if (verb := _verb.get()) is not None:
            verb.known.clear()
        raise


def _ended(verb):
    """The verb and, unless it is part of another, what was put off until its end."""

    @functools.wraps(verb)
    def run(*args, **kwargs):
        if _verb.get() is not None:
            return verb(*args, **kwargs)
        token = _verb.set(Verb())
        try:
            result = verb(*args, **kwargs)
            for ending in _endings:
                ending()
            return result
        finally:
            _verb.reset(token)

    return run


def _run_and_commit(verb, args, kwargs):
    at_commit = False
    try:
        with _nothing_kept_if_it_fails(), transaction.atomic():
            result = verb(*args, **kwargs)
            at_commit = True
        return result
    except (OperationalError, InterfaceError, InternalError) as error:
        if at_commit and _code(error) in UNKNOWN_AT_COMMIT:
            connection.close()
            raise Unanswered from error
        raise


def lock(queryset):
    """`queryset` with its rows locked until the transaction ends.

    SQLite has no row locks; there the whole transaction holds the write lock from its start. A
    cluster's nodes don't know each other's: there the lock is written down as well.
    """
    if not connection.features.has_select_for_update:
        return queryset
    of = ("self",) if connection.features.has_select_for_update_of else ()
    locked = queryset.select_for_update(of=of)
    return fences.fenced(locked) if fences.are_needed() else locked
