"""The disk is filled to the last byte while people work, and emptied again."""

from pathlib import Path

from tests.faults.served import PASSWORD
from tests.faults.trial import Trial

FULL_SECONDS = 15


def run(clinic, options, folder: Path) -> list[str]:
    trial = Trial(clinic, folder / "journal.jsonl", PASSWORD, options.seed)
    trial.begin()
    clinic.disk.shrink()
    for number in range(1, options.times + 1):
        trial.wait_for_deeds(5)
        clinic.disk.fill()
        trial.during(f"{number}. full disk", FULL_SECONDS)
        clinic.disk.free()
        trial.must_go_on("full disk")
    if not trial.told():
        trial.wrong.append("nobody was told that the disk is full")
    return trial.end()
