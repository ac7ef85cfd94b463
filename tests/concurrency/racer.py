"""A racing process from within: one race after another, each on a connection of its own.

It is forked once and then used again, as a clinic's worker is. What a race changes of the program,
to make a gap wide or to take a lock away, is changed here and put right after the race.
"""

import importlib
import os
import time
from collections.abc import Callable, Iterator

from django.conf import settings
from django.db import connection

from clinic.core import numbers, prepared
from clinic.databases.cluster import nodes
from security import keyring

GAP = 0.15  # seconds between looking and writing, while the others come up to the lock
PATIENCE = 3  # the same without locks: the others come for certain, on a loaded machine later
NOTHING = object()


class _Race:
    """The race this process is in."""

    talk = None
    gap = GAP
    looks = 0
    changed: list[tuple[object, str, object]] = []


# --- what the functions that race ask of it -------------------------------------------------------


def change(owner: object, name: str, value: object) -> None:
    """Set an attribute of a module, class or object until this race is over."""
    _Race.changed.append((owner, name, vars(owner).get(name, NOTHING)))
    setattr(owner, name, value)


def without_locks(*modules) -> None:
    """Their verbs lock no rows, and look until everybody has looked."""
    for module in modules:
        change(module, "lock", lambda rows: rows)
    change(prepared.Held, "__call__", _asked_plainly)
    change(numbers, "_counted_up", lambda name, count: 0)
    _Race.gap = PATIENCE


def _asked_plainly(held: prepared.Held, *which) -> list:
    """Not by the SQL that was prepared while there were locks."""
    return list(held.make(*map(prepared._key, which)))


def look() -> None:
    """Stand still between looking and writing: the gap in which a race happens.

    Until everybody else in the race stands here, too, or has ended. Where a lock keeps the others
    away they never come: then for a moment, in which they come up to it.
    """
    _Race.looks += 1
    _Race.talk.send(("looks", _Race.looks))
    until = time.monotonic() + _Race.gap
    while _Race.talk.poll(max(0, until - time.monotonic())):
        if _Race.talk.recv() == ("go on", _Race.looks):
            return


def lingering(function: Callable) -> Callable:
    def slowly(*args, **kwargs):
        found = function(*args, **kwargs)
        look()
        return found

    return slowly


def linger_after(owner: object, name: str) -> None:
    """Whoever has called this function stands still before going on."""
    change(owner, name, lingering(getattr(owner, name)))


def wait_for_the_others() -> None:
    """Begin once everybody else has looked."""
    gap, _Race.gap = _Race.gap, PATIENCE
    look()
    _Race.gap = gap


def stay_until_killed() -> None:
    """Stand still where others see it; who is not killed within a minute goes on."""
    _Race.gap = 60
    look()


def asked() -> Iterator:
    """What the test asks one after the other, until it asks nothing more."""
    while (value := _hear("ask")) is not None:
        yield value


def tell(value) -> None:
    """The answer to what was asked last."""
    _Race.talk.send(("told", value))


# --- the process ----------------------------------------------------------------------------------


def run(talk) -> None:
    """Race after race, until the test that started us is gone."""
    _Race.talk = talk
    _begin_at_another_node(settings.DATABASES["default"])
    while True:
        try:
            function, database, own = _hear("race")
        except EOFError:
            return
        call = _prepared(function, database, own)
        talk.send(("ready", None))
        answer = _answered(call, _hear("begin"))
        _put_right()
        talk.send(("answer", answer))


def _hear(kind: str):
    """The next message of this kind; a late word to go on is no matter any more."""
    while True:
        said, value = _Race.talk.recv()
        if said == kind:
            return value
        assert said == "go on", said


def _prepared(function: str, database: str, own: dict) -> Callable:
    settings.DATABASES["default"]["NAME"] = database
    for name, value in own.items():
        setattr(settings, name, value)
    keyring.reset()
    module, _colon, name = function.partition(":")
    call = getattr(importlib.import_module(module), name)
    connection.ensure_connection()
    connection.health_check_done = False
    assert str(connection.settings_dict["NAME"]) == database
    return call


def _answered(call: Callable, arguments: dict) -> dict:
    try:
        return {"result": call(**arguments)}
    except Exception as error:
        return {"error": type(error).__name__, "text": str(error)}


def _put_right() -> None:
    if connection.vendor == "mysql":  # whose connections are counted; a file is kept open
        connection.close()
    _Race.gap = GAP
    while _Race.changed:
        owner, name, value = _Race.changed.pop()
        if value is NOTHING:
            delattr(owner, name)
        else:
            setattr(owner, name, value)


def _begin_at_another_node(config: dict) -> None:
    """On a cluster all its nodes are written to at once, which nobody should do and nothing may
    suffer from."""
    others = nodes.parse(config["OPTIONS"].get("others", ""))
    known = [(config["HOST"], config["PORT"]), *others]
    turn = os.getpid() % len(known)
    (config["HOST"], config["PORT"]), *rest = known[turn:] + known[:turn]
    if rest:
        config["OPTIONS"]["others"] = ",".join(f"{host}:{port}" for host, port in rest)
