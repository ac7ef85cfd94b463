"""The database's own server does not answer for half a minute: stopped, then killed again and
again whenever it is started."""

import os
import signal
import threading
from pathlib import Path

from tests.faults.served import PASSWORD
from tests.faults.trial import Trial

SECONDS = 30


def run(clinic, options, folder: Path) -> list[str]:
    trial = Trial(clinic, folder / "journal.jsonl", PASSWORD, options.seed)
    trial.begin()
    for number in range(1, options.times + 1):
        trial.wait_for_deeds(5)
        server = clinic.pids("database")[0]
        os.kill(server, signal.SIGSTOP)
        trial.during(f"{number}. stopped", SECONDS)
        os.kill(server, signal.SIGCONT)
        trial.must_go_on("stopped")
        trial.wait_for_deeds(5)
        over = threading.Event()
        killer = threading.Thread(target=kill_until, args=(clinic, over))
        killer.start()
        trial.during(f"{number}. killed", SECONDS)
        over.set()
        killer.join()
        trial.must_go_on("killed")
    return trial.end()


def kill_until(clinic, over: threading.Event) -> None:
    """Whenever it has been started again."""
    while not over.wait(0.5):
        clinic.kill("database")
