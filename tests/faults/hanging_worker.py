"""The process that answers is stopped: it is there and does nothing. Somebody has to notice."""

import os
import signal
from pathlib import Path

from tests.faults.served import PASSWORD
from tests.faults.trial import Trial
from tests.installer.tools import alive

SECONDS = 100  # until then another one answers


def run(clinic, options, folder: Path) -> list[str]:
    trial = Trial(clinic, folder / "journal.jsonl", PASSWORD, options.seed)
    trial.begin()
    for number in range(1, options.times + 1):
        trial.wait_for_deeds(5)
        worker = clinic.pids("worker")[0]
        os.kill(worker, signal.SIGSTOP)
        trial.during(f"{number}. hanging", 5)
        trial.must_go_on("hanging", SECONDS)
        if alive(worker) and worker in clinic.family():
            os.kill(worker, signal.SIGCONT)
            trial.wrong.append("the hanging process is still there")
    return trial.end()
