"""The supervisor goes on: a program that is stuck is ended and started anew, a log that can't be
written ends nobody."""

import os
import signal
import subprocess
import sys
import time

import pytest

from installer.setup import supervisor
from tests.installer.tools import CHECKOUT, alive

STUCK = """
import pathlib, sys, time
time.sleep(0.3)
pathlib.Path(sys.argv[1]).touch()
pathlib.Path(sys.argv[2]).open("a").write("started ")
time.sleep(600)
"""


@pytest.fixture
def child(tmp_path):
    """Just started; it has not said yet that it lives."""
    plan = {"name": "application", "argv": ["/bin/sleep", "600"], "env": {}, "wave": 1,
            "stop": "TERM", "heartbeat": str(tmp_path / "heartbeat")}  # fmt: skip
    child = supervisor.Child(plan)
    child.start()
    yield child
    child.kill_group()
    os.waitpid(child.pid, 0)


def beats(child, moment: float) -> None:
    with open(child.plan["heartbeat"], "a"):
        os.utime(child.plan["heartbeat"], (moment, moment))


def test_who_has_not_begun_yet_is_waited_for(child, monkeypatch):
    monkeypatch.setattr(supervisor, "HUNG_SECONDS", -1)

    assert not child.is_hung()


def test_silence_is_measured_by_no_clock_that_somebody_sets(child, monkeypatch):
    """Set forward or back by hours, the heartbeat's time is another one, and so it lives."""
    said = []
    for moment in (time.time(), time.time() + 7200, time.time() - 7200):
        beats(child, moment)
        said.append(child.is_hung())

    monkeypatch.setattr(supervisor, "HUNG_SECONDS", -1)

    assert said == [False, False, False]
    assert child.is_hung()


def test_a_stuck_program_is_ended_and_started_again(tmp_path):
    heartbeat, told = tmp_path / "heartbeat", tmp_path / "told"
    code = f"""
import sys
sys.path.insert(0, {str(CHECKOUT)!r})
from installer.setup import supervisor
supervisor.HUNG_SECONDS, supervisor.BEAT_SECONDS = 0.5, 0.2
argv = [sys.executable, "-c", {STUCK!r}, {str(heartbeat)!r}, {str(told)!r}]
plan = {{"name": "application", "argv": argv, "env": {{}}, "wave": 1, "stop": "TERM",
        "heartbeat": {str(heartbeat)!r}}}
supervisor.signal.pthread_sigmask(supervisor.signal.SIG_BLOCK, supervisor.WATCHED)
sys.exit(supervisor.Supervisor([supervisor.Child(plan)]).run())
"""
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 30

    while not (told.exists() and told.read_text().count("started") > 1):
        assert alive(process.pid) and time.monotonic() < deadline
        time.sleep(0.1)

    process.terminate()
    assert "application does not answer any more; ending it" in process.communicate(timeout=30)[1]


def ends(keeper, child, status: int) -> None:
    """It is over with this program, and it is there again."""
    child.kill_group()
    os.waitpid(child.pid, 0)
    keeper.ended(child.pid, status)
    child.start()


def test_who_is_killed_again_and_again_is_started_again(child):
    keeper = supervisor.Supervisor([child])

    for _kill in range(2 * supervisor.TRIES):
        ends(keeper, child, -signal.SIGKILL)

    assert not child.hopeless


def test_who_ends_again_and_again_is_given_up(child):
    keeper = supervisor.Supervisor([child])

    for failure in range(1, supervisor.TRIES + 1):
        ends(keeper, child, 1)
        assert child.hopeless == (failure == supervisor.TRIES)


def test_a_log_on_a_full_disk_ends_nobody(monkeypatch):
    with open("/dev/full", "w") as full:
        monkeypatch.setattr(sys, "stderr", full)

        supervisor.say("application ended (status 1); starting it again")

        monkeypatch.undo()
        os.dup2(os.open("/dev/null", os.O_WRONLY), full.fileno())  # what is left in its buffer
