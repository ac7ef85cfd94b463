"""The served clinic is killed at random moments of a running day and started again.

python -m tests.faults kills [--database sqlite|mariadb] [--front nginx|granian]
    [--what everything|worker|application|front|database|any] [--times 100] [--seed N]
"""

import random
import time
from pathlib import Path

from tests.faults.served import PASSWORD, Clinic
from tests.faults.trial import Trial

PAUSES = (0.0, 3.0)  # seconds from the first deed after one kill to the next


def run(clinic: Clinic, options, folder: Path) -> list[str]:
    chance = random.Random(options.seed)  # noqa: S311
    trial = Trial(clinic, folder / "journal.jsonl", PASSWORD, options.seed)
    trial.begin()
    for number in range(1, options.times + 1):
        trial.wait_for_deeds(1)  # else a loaded machine is killed before anybody has begun
        time.sleep(chance.uniform(*PAUSES))
        kill_once(trial, number, pick(chance, options))
        if trial.wrong:
            break
    return trial.end()


def pick(chance: random.Random, options) -> str:
    if options.what != "any":
        return options.what
    kinds = ["everything", "everything", "worker", "application", "front"]
    if options.front == "granian":
        kinds = ["everything", "everything", "worker"]
    return chance.choice(kinds + ["database"] * 2 * (options.database == "mariadb"))


def kill_once(trial: Trial, number: int, kind: str) -> None:
    """Kill, bring back as the machine's own service would, look what is there."""
    clinic = trial.clinic
    before = trial.acknowledged()
    hit = clinic.kill(kind)
    began = time.monotonic()
    if kind == "everything":
        clinic.serve()
    else:
        trial.wait_until_back(hit)
    took = time.monotonic() - began
    trial.note_fault(kind, took, before)
    trial.look()
    words = f"{len(hit)} killed, back after {took:.1f} s, {before} deeds"
    print(f"{number:4d}. {kind}: {words}", flush=True)
