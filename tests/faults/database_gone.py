"""The database's own server does not answer for half a minute: stopped, then killed again and
again whenever it is started."""

import os
import signal
import time
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
        ended = time.monotonic() + SECONDS
        while time.monotonic() < ended:
            clinic.kill("database")
            trial.during(f"{number}. killed", 1)
        trial.must_go_on("killed")
    return trial.end()
