"""Questions that are going to be asked travel to a database's server together.

The way to a server and back takes longer than finding a few rows. What is asked ahead is answered
once, to whoever asks the same inside; nothing of it outlives the block. SQLite is asked within the
process: there nobody asks ahead.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import DEFAULT_DB_ALIAS, connections

_kept: ContextVar[dict | None] = ContextVar("kept", default=None)
_lesson: ContextVar["_Lesson | None"] = ContextVar("lesson", default=None)
_usual: dict[str, tuple] = {}  # by page: its questions, with the places of their arguments


@contextmanager
def answers_kept() -> Iterator[None]:
    """Inside, answers that came ahead wait for whoever asks."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def ask_ahead(*questions: tuple) -> list[tuple]:
    """Ask these of the server in one go: (prepared, arguments) each; tells which came.

    What can't be asked so, or finds nobody who keeps answers, is left to be asked later.
    """
    kept = _kept.get()
    if kept is None or not _is_far():
        return []
    connection = connections[DEFAULT_DB_ALIAS]
    known = {
        key: one[0].question(one[1], connection.ops)
        for asked, args in questions
        if (one := asked.ahead(args)) and (key := _key(*one)) not in kept
    }
    if len(known) < 2:
        return []
    came = {}
    with connection.cursor() as cursor:
        params = [one for _sql, params in known.values() for one in params]
        cursor.execute(";".join(sql for sql, _params in known.values()), params)
        for key in known:
            came[key] = cursor.fetchall()
            cursor.nextset()
    kept.update(came)  # all or none: whoever begins again asks again
    return list(came)


@contextmanager
def asked_together(*questions: tuple) -> Iterator[None]:
    """Inside, these are answered by what came ahead. In a verb: after its locks, before it writes.

    Whoever begins again after a deadlock asks again: nothing is left over.
    """
    if not _is_far():
        yield
        return
    if _kept.get() is None:
        with answers_kept():
            ask_ahead(*questions)
            yield
        return
    came = ask_ahead(*questions)
    try:
        yield
    finally:
        _drop(came)


def answer(plan, arguments: tuple):
    """The rows that came ahead for this question, or None; told once."""
    lesson, kept = _lesson.get(), _kept.get()
    if lesson is not None:
        lesson.note(plan, arguments)
    return kept.pop(_key(plan, arguments), None) if kept else None


def forget() -> None:
    """What was asked ahead may be otherwise by now."""
    if kept := _kept.get():
        kept.clear()


@contextmanager
def usual_questions(page: str, *values) -> Iterator[None]:
    """Inside, whatever this page asked last time about nothing but `values` is asked together.

    What was asked in vain is left out the next time, and what was new comes in: a part of the
    system may be switched off, a page may show more to others.
    """
    kept = _kept.get()
    if kept is None or not _is_far():
        yield
        return
    lesson = _Lesson(values)
    token = _lesson.set(lesson)
    came = ask_ahead(*((asked, _put(places, values)) for asked, places in _usual.get(page, ())))
    try:
        yield
        _usual[page] = tuple(lesson.asked)
    finally:
        _lesson.reset(token)
        _drop(came)


class _Lesson:
    """What one page asks about these values."""

    def __init__(self, values: tuple):
        self.values = values
        self.asked: dict[tuple, None] = {}

    def note(self, plan, arguments: tuple) -> None:
        places = tuple(map(self._place, arguments))
        if None not in places:
            self.asked[plan.of, places] = None

    def _place(self, argument) -> int | None:
        same = (n for n, one in enumerate(self.values) if type(one) is type(argument))
        return next((n for n in same if self.values[n] == argument), None)


def _key(plan, arguments: tuple) -> tuple:
    return plan, tuple(tuple(one) if isinstance(one, list) else one for one in arguments)


def _drop(keys: list[tuple]) -> None:
    kept = _kept.get()
    for key in keys:
        kept.pop(key, None)


def _put(places: tuple, values: tuple) -> tuple:
    return tuple(values[place] for place in places)


def _is_far() -> bool:
    return connections[DEFAULT_DB_ALIAS].vendor == "mysql"
