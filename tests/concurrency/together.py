"""Runs a function in several processes at the same moment, each with its own database connection.

Threads would share too much and SQLite's in-memory database would share nothing, so races are run
as people make them: as separate processes on the test database's file or server. They are forked
from one that has loaded everything and opened nothing: to load it all takes each a second.
"""

import importlib
import multiprocessing
import os

from django.conf import settings
from django.db import connection

from clinic.databases.cluster import nodes
from security import keyring

NURSERY = multiprocessing.get_context("forkserver")
NURSERY.set_forkserver_preload(["tests.concurrency.nursery"])
# What a test may have set for itself; everything else is as in the process of a real clinic.
SETTINGS = ("CLINIC_KEYRING", "CLINIC_CHECKPOINT_DIR")
START_SECONDS = 60


class Worker:
    """A process of its own that has loaded everything and begins when it is told to."""

    def __init__(self, function: str):
        """`function` is "module:name"; what it returns must be plain data."""
        connection.close()
        own = {name: getattr(settings, name) for name in SETTINGS}
        self._talk, theirs = NURSERY.Pipe()
        arguments = (function, str(connection.settings_dict["NAME"]), own, theirs)
        self.process = NURSERY.Process(target=_work, args=arguments, daemon=True)
        self.process.start()
        theirs.close()
        if not self._talk.poll(START_SECONDS) or self._talk.recv() != "ready":
            raise AssertionError("a worker did not start")

    def begin(self, **arguments) -> "Worker":
        self._talk.send(arguments)
        return self

    def answer(self, seconds: float = 60) -> dict:
        """{"result": ...} or {"error": name of the exception, "text"}."""
        if not self._talk.poll(seconds):
            raise AssertionError(f"no answer within {seconds} s")
        return self._talk.recv()

    def end(self) -> int:
        """Kill it where it stands, unless it has ended by itself; its exit status."""
        self.process.kill()
        return self.wait()

    def wait(self, seconds: float | None = None) -> int:
        self.process.join(seconds)
        status = self.process.exitcode
        assert status is not None, f"not at its end within {seconds} s"
        self._talk.close()
        self.process.close()
        return status


def run_together(function: str, calls: list[dict], *, seconds: int = 60) -> list[dict]:
    """Call `function` once per dict of arguments, all at once; the answers in the calls' order."""
    workers = []
    try:
        workers += [Worker(function) for _call in calls]
        for worker, call in zip(workers, calls, strict=True):
            worker.begin(**call)
        return [worker.answer(seconds) for worker in workers]
    finally:
        for worker in workers:
            worker.end()


def _work(function: str, database: str, own: dict, talk) -> None:
    settings.DATABASES["default"]["NAME"] = database
    _begin_at_another_node(settings.DATABASES["default"])
    for name, value in own.items():
        setattr(settings, name, value)
    keyring.reset()
    module, _colon, name = function.partition(":")
    call = getattr(importlib.import_module(module), name)
    connection.ensure_connection()
    assert str(connection.settings_dict["NAME"]) == database
    talk.send("ready")
    arguments = talk.recv()
    try:
        answer = {"result": call(**arguments)}
    except Exception as error:
        answer = {"error": type(error).__name__, "text": str(error)}
    talk.send(answer)


def _begin_at_another_node(config: dict) -> None:
    """On a cluster all its nodes are written to at once, which nobody should do and nothing may
    suffer from."""
    others = nodes.parse(config["OPTIONS"].get("others", ""))
    known = [(config["HOST"], config["PORT"]), *others]
    turn = os.getpid() % len(known)
    (config["HOST"], config["PORT"]), *rest = known[turn:] + known[:turn]
    if rest:
        config["OPTIONS"]["others"] = ",".join(f"{host}:{port}" for host, port in rest)
