"""Set-up as a row of named steps: begun, finished, and taken back when one of them fails.

The journal (`logs/setup.json` in the data directory) tells what was begun and what was finished.
After a power cut the next run goes through all steps again; each sees for itself what is there.
"""

import contextlib
import datetime as dt
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from installer.setup import words
from installer.setup.envfile import replace_file
from installer.setup.paths import DataDir, version
from installer.setup.run import Log

KEPT_RUNS = 5


def _nothing(_work) -> None:
    """There is nothing to take back."""


def _always(_work) -> bool:
    return True


@dataclass(frozen=True)
class Step:
    """`do` looks first whether its work is done already; `undo` puts back what this run changed."""

    name: str
    title: Callable[[object], str] | str
    do: Callable
    undo: Callable = _nothing
    wanted: Callable[..., bool] = _always

    def words(self, work) -> str:
        return self.title if isinstance(self.title, str) else self.title(work)


class Journal:
    """What the runs of set-up on this data directory began and finished, and when."""

    def __init__(self, data: DataDir):
        self.path = data.logs / "setup.json"
        self.runs = self._read()

    def _read(self) -> list[dict]:
        try:
            return json.loads(self.path.read_text(encoding="utf-8"))["runs"]
        except (OSError, ValueError, KeyError, TypeError):
            return []

    def was_left_unfinished(self) -> bool:
        """Whether the first installation was cut off before anybody could work with it."""
        if not self.runs:
            return False
        begun = {step["name"] for run in self.runs for step in run["steps"]}
        ended = any(run["result"] == "done" for run in self.runs)
        return all(run["fresh"] for run in self.runs) and not ended and "start" not in begun

    def begin(self, *, fresh: bool) -> None:
        run = {"version": version(), "fresh": fresh, "begun": _now(), "result": "", "steps": []}
        self.runs = [*self.runs[1 - KEPT_RUNS :], run]
        self.write()

    def begin_step(self, name: str) -> None:
        self.runs[-1]["steps"].append({"name": name, "begun": _now(), "ended": None})
        self.write()

    def end_step(self, seconds: float) -> None:
        self.runs[-1]["steps"][-1].update(ended=_now(), seconds=round(seconds, 1))
        self.write()

    def end(self, result: str) -> None:
        self.runs[-1].update(ended=_now(), result=result)
        self.write()

    def write(self) -> None:
        replace_file(self.path, json.dumps({"runs": self.runs}, indent=1).encode())


def _now() -> str:
    return dt.datetime.now().astimezone().isoformat(timespec="seconds")


def carry_out(work, steps: list[Step], journal: Journal, log: Log) -> None:
    """All steps in their order; when one fails, those that this run began are taken back."""
    begun: list[Step] = []
    try:
        for one in steps:
            if one.wanted(work):
                begun.append(one)
                _do(one, work, journal, log)
    except BaseException as error:
        log.write(f"-- failed: {error!r}")
        take_back(work, begun, log)
        with contextlib.suppress(OSError):  # the disk may be full, or the folder gone
            journal.end("undone")
        raise
    journal.end("done")


def _do(one: Step, work, journal: Journal, log: Log) -> None:
    began = time.monotonic()
    with step(one.words(work)):
        journal.begin_step(one.name)
        log.write(f"-- {one.name} {_now()}")
        one.do(work)
        journal.end_step(time.monotonic() - began)


def take_back(work, begun: list[Step], log: Log) -> None:
    """The last first. What can't be taken back is noted and doesn't keep the others."""
    for one in reversed(begun):
        try:
            one.undo(work)
        except Exception as error:  # noqa: BLE001 - the reason of the failure itself is told
            with contextlib.suppress(OSError):
                log.write(f"-- {one.name} can't be taken back: {error!r}")


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    """A line for each step, with its time, so that a person sees that something happens."""
    words.say(title, end=" ... ")
    began = time.monotonic()
    try:
        yield
    except BaseException:
        words.finish("failed")
        raise
    words.finish(f"done ({time.monotonic() - began:.1f} s)")
