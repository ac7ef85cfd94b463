"""The disk becomes read-only while people work; the machine is started anew, nothing else."""

from pathlib import Path

from tests.faults.served import PASSWORD
from tests.faults.trial import Trial

SECONDS = 15


def run(clinic, options, folder: Path) -> list[str]:
    trial = Trial(clinic, folder / "journal.jsonl", PASSWORD, options.seed)
    trial.begin()
    for number in range(1, options.times + 1):
        trial.wait_for_deeds(5)
        clinic.disk.fail()
        trial.during(f"{number}. read-only disk", SECONDS)
        clinic.kill("everything")
        clinic.end_the_rest()
        clinic.disk.mend()
        clinic.serve()
        trial.must_go_on("read-only disk")
    if not trial.told():
        trial.wrong.append("nobody was told that the disk is read-only")
    return trial.end()
