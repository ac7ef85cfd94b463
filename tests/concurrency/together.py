"""Runs a function in several processes at the same moment, each with its own database connection.

Threads would share too much and SQLite's in-memory database would share nothing, so races are run
as people make them: as separate processes on the test database's file or server. They are forked
from one that has loaded everything and opened nothing, and used again: to load it all takes a
second, and the first request of a process ten times as long as the next.
"""

import multiprocessing
import time
from multiprocessing.connection import wait

from django.conf import settings
from django.db import connection

from tests.concurrency import racer

NURSERY = multiprocessing.get_context("forkserver")
NURSERY.set_forkserver_preload(["tests.concurrency.nursery"])
# What a test may have set for itself; everything else is as in the process of a real clinic.
SETTINGS = ("CLINIC_KEYRING", "CLINIC_CHECKPOINT_DIR")
START_SECONDS = 60
_resting: list[tuple] = []  # processes and their pipes, between two races


class Worker:
    """A process of its own that has loaded everything and begins when it is told to."""

    def __init__(self, function: str):
        """`function` is "module:name"; what it returns must be plain data."""
        own = {name: getattr(settings, name) for name in SETTINGS}
        self.process, self.talk = _resting.pop() if _resting else _started()
        self.talk.send(("race", (function, str(connection.settings_dict["NAME"]), own)))
        self._hear("ready", START_SECONDS)

    def begin(self, **arguments) -> "Worker":
        self.talk.send(("begin", arguments))
        return self

    def answer(self, seconds: float = 60) -> dict:
        """{"result": ...} or {"error": name of the exception, "text"}."""
        return self._hear("answer", seconds)

    def ask(self, value, seconds: float = 60):
        """What a function that takes one question after the other says to this one."""
        self.talk.send(("ask", value))
        return self._hear("told", seconds)

    def wait_until_it_looks(self, seconds: float = 60) -> None:
        """Leaves it there, between looking and writing."""
        self._hear("looks", seconds)

    def _hear(self, kind: str, seconds: float):
        until = time.monotonic() + seconds
        while self.talk.poll(max(0, until - time.monotonic())):
            said, value = self.talk.recv()
            if said == kind:
                return value
            assert said == "looks", said
            self.go_on(value)  # nobody is waited for
        raise AssertionError(f"not {kind} within {seconds} s")

    def go_on(self, looks: int) -> None:
        self.talk.send(("go on", looks))

    def rest(self) -> None:
        """It has answered: the next race may use it again."""
        _resting.append((self.process, self.talk))

    def end(self) -> int:
        """Kill it where it stands, unless it has ended by itself; its exit status."""
        self.process.kill()
        return self.wait()

    def wait(self, seconds: float | None = None) -> int:
        self.process.join(seconds)
        status = self.process.exitcode
        assert status is not None, f"not at its end within {seconds} s"
        self.talk.close()
        self.process.close()
        return status


def send_home() -> None:
    """End the processes that rest: each holds the database open."""
    while _resting:
        process, talk = _resting.pop()
        talk.close()
        process.kill()
        process.join()
        process.close()


def run_together(function: str, calls: list[dict], *, seconds: int = 60) -> list[dict]:
    """Call `function` once per dict of arguments, all at once; the answers in the calls' order."""
    workers: list[Worker] = []
    answers: dict[Worker, dict] = {}
    try:
        for _call in calls:
            workers.append(Worker(function))
        for worker, call in zip(workers, calls, strict=True):
            worker.begin(**call)
        _race(workers, answers, seconds)
        return [answers[worker] for worker in workers]
    finally:
        for worker in workers:
            if worker in answers:
                worker.rest()
            else:
                worker.end()


def _race(workers: list[Worker], answers: dict[Worker, dict], seconds: float) -> None:
    """Collect the answers; when all who still run have looked, they go on together."""
    until = time.monotonic() + seconds
    running, looking = {worker.talk: worker for worker in workers}, {}
    while running:
        heard = wait(list(running), max(0, until - time.monotonic()))
        assert heard, f"no answer within {seconds} s"
        for talk in heard:
            said, value = talk.recv()
            if said == "answer":
                answers[running.pop(talk)] = value
                looking.pop(talk, None)
            else:
                assert said == "looks", said
                looking[talk] = value
        if looking.keys() == running.keys():
            for talk, looks in looking.items():
                running[talk].go_on(looks)
            looking.clear()


def _started() -> tuple:
    here, there = NURSERY.Pipe()
    process = NURSERY.Process(target=racer.run, args=(there,), daemon=True)
    process.start()
    there.close()
    return process, here
