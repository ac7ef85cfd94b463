"""What a served clinic takes of this machine: processor and memory of each of its programs.

Read from /proc (Linux). The supervisor's number stands in the data directory; everything below it
belongs to the clinic, a database server of its own included. A program that ended meanwhile is
counted by whoever waited for it: each round of the scheduler is one that the host waited for.
"""

import contextlib
import json
import os
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

FRONT, APPLICATION, SCHEDULER, DATABASE, REST = GROUPS = (
    "front", "application", "scheduler", "database", "rest",
)  # fmt: skip
TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
EVERY = 5.0  # seconds between two looks at the memory: each walks through all pages


@dataclass(frozen=True)
class Program:
    """One process as /proc shows it now."""

    pid: int
    name: str
    command: str
    own: float  # seconds of CPU
    waited: float  # of its children that have ended
    children: tuple[int, ...]


def supervisor_of(data: Path) -> int:
    """The process that serves this data directory; 0 where nobody does."""
    try:
        note = json.loads((data / "run" / "serve.lock").read_bytes() or b"null") or {}
        return note["pid"] if Path(f"/proc/{note['pid']}").is_dir() else 0
    except (OSError, ValueError, KeyError):
        return 0


def program(pid: int) -> Program:
    """OSError when it has ended."""
    folder = Path(f"/proc/{pid}")
    name, _paren, rest = (folder / "stat").read_text().partition("(")[2].rpartition(")")
    user, system, waited_user, waited_system = map(int, rest.split()[11:15])
    children = (folder / "task" / str(pid) / "children").read_text().split()
    return Program(
        pid=pid,
        name=name,
        command=(folder / "cmdline").read_text(errors="replace").replace("\0", " "),
        own=(user + system) / TICK,
        waited=(waited_user + waited_system) / TICK,
        children=tuple(map(int, children)),
    )


def tree(pid: int) -> list[Program]:
    """The process and everything below it."""
    try:
        found = program(pid)
    except (OSError, ValueError):
        return []
    return [found, *(below for child in found.children for below in tree(child))]


def groups(pid: int) -> list[tuple[str, Program]]:
    """Every program of the clinic with the group that it belongs to."""
    everybody = tree(pid)
    parents = {child: one for one in everybody for child in one.children}
    return [(_group(one, parents), one) for one in everybody]


def _group(one: Program, parents: dict[int, Program]) -> str:
    """The host's forks look like the host: its web server has workers, a round has nobody."""
    parent = parents.get(one.pid)
    if one.name == "nginx":
        return FRONT
    if one.name in ("mariadbd", "mysqld"):
        return DATABASE
    if "granian" in one.command:
        return APPLICATION
    if "host.py" in one.command:
        if parent is None or "host.py" not in parent.command:
            return APPLICATION  # the host itself
        is_below = parents.get(parent.pid) is not None and "host.py" in parents[parent.pid].command
        return APPLICATION if one.children or is_below else SCHEDULER
    return REST


def cpu_seconds(pid: int) -> Counter:
    """Of each group since its programs started."""
    spent: Counter = Counter()
    for group, one in groups(pid):
        is_host = "host.py" in one.command and group == APPLICATION and _is_host(one)
        spent[group] += one.own
        spent[SCHEDULER if is_host else group] += one.waited
    return spent


def _is_host(one: Program) -> bool:
    """Whoever waits for the scheduler's rounds; the web server waits for its workers."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        above = int(Path(f"/proc/{one.pid}/stat").read_text().rpartition(")")[2].split()[1])
        return "host.py" not in Path(f"/proc/{above}/cmdline").read_text(errors="replace")
    return False


def memory_mb(pid: int) -> Counter:
    """Proportional set size of each group: what programs share is counted once."""
    held: Counter = Counter()
    for group, one in groups(pid):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{one.pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    held[group] += int(line.split()[1]) / 1024
    return held


class Watch(threading.Thread):
    """Looks at a served clinic from `start` to `end`; `usage` then tells what it took."""

    def __init__(self, data: Path, every: float = EVERY):
        super().__init__(daemon=True)
        self.pid, self.every = supervisor_of(data), every
        if not self.pid:
            raise OSError(f"Nobody on this machine serves {data}.")
        self.over = threading.Event()
        self.most: Counter = Counter()
        self.last: Counter = Counter()
        self.before, self.own_before = cpu_seconds(self.pid), _own_seconds()
        self.usage: dict = {}

    def run(self) -> None:
        while not self.over.wait(self.every):
            self.look()

    def look(self) -> None:
        self.last = memory_mb(self.pid)
        if self.last.total() > self.most.total():
            self.most = self.last

    def end(self) -> dict:
        """Seconds of CPU and MB by group, and the seconds that this process took itself."""
        self.over.set()
        self.join()
        self.look()
        after = cpu_seconds(self.pid)
        self.usage = {
            "cpu_seconds": {name: round(after[name] - self.before[name], 2) for name in GROUPS},
            "memory_mb_most": _rounded(self.most),
            "memory_mb_end": _rounded(self.last),
            "own_cpu_seconds": round(_own_seconds() - self.own_before, 2),
        }
        return self.usage


def _rounded(held: Counter) -> dict[str, float]:
    return {name: round(held[name], 1) for name in GROUPS}


def _own_seconds() -> float:
    times = os.times()
    return times.user + times.system
