"""The supervisor makes sure that a reload was heard: a missed one would keep an old certificate."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.installer.tools import CHECKOUT

pytestmark = pytest.mark.installer
SUPERVISOR = CHECKOUT / "installer" / "setup" / "supervisor.py"
# A front that begins to listen to SIGHUP late, misses as many as it is told, and starts a worker
# for each one that it hears.
FRONT = """
import os, signal, subprocess, sys, time
late, missed, log = float(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
def say(word):
    with open(log, "a") as stream:
        stream.write(word + "\\n")
heard = 0
def hear(*_):
    global heard
    heard += 1
    say("missed" if heard <= missed else "reloaded")
    if heard > missed:
        subprocess.Popen(["/bin/sleep", "60"])
say("started")
time.sleep(late)
signal.signal(signal.SIGHUP, hear)
say("listens")
while True:
    signal.pause()
"""


@pytest.fixture
def front(tmp_path):
    """`front(late, missed)`: the supervisor with such a front; answers it and what was said."""
    running = []

    def serve(late: float, missed: int):
        log, plan, lock = (tmp_path / name for name in ("said", "plan.json", "lock"))
        log.touch()
        argv = [sys.executable, "-c", FRONT, str(late), str(missed), str(log)]
        child = {"name": "front", "argv": argv, "env": {}, "stop": "TERM", "wave": 1}
        helper = ["/bin/true"]
        plan.write_text(
            json.dumps(
                {
                    "cwd": str(tmp_path),
                    "volatile": "",
                    "children": [{**child, "reload": "HUP"}],
                    "announce": helper,
                    "housekeeping": helper,
                }
            )
        )
        held = os.open(lock, os.O_RDWR | os.O_CREAT)
        command = [sys.executable, "-I", "-S", str(SUPERVISOR), str(plan), str(held)]
        running.append(subprocess.Popen(command, pass_fds=[held]))
        os.close(held)
        return running[-1], log

    yield serve
    for process in running:
        process.terminate()
        assert process.wait(20) == 0


def wait_for(log, word, seconds=15) -> list[str]:
    deadline = time.monotonic() + seconds
    while word not in log.read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
    return log.read_text().split()


def test_a_reload_that_the_front_missed_is_asked_for_again(front):
    process, log = front(late=0, missed=1)
    wait_for(log, "listens")

    process.send_signal(signal.SIGHUP)

    assert wait_for(log, "reloaded") == ["started", "listens", "missed", "reloaded"]


def test_a_reload_that_was_heard_is_asked_for_once(front):
    process, log = front(late=0, missed=0)
    wait_for(log, "listens")

    process.send_signal(signal.SIGHUP)
    wait_for(log, "reloaded")
    wait_for(log, "never", seconds=4)

    assert log.read_text().split().count("reloaded") == 1


def test_a_front_that_has_just_started_is_not_killed_by_the_signal(front):
    process, log = front(late=1, missed=0)
    wait_for(log, "started")

    process.send_signal(signal.SIGHUP)

    assert wait_for(log, "reloaded") == ["started", "listens", "reloaded"]
