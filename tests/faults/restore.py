"""The PC is lost in the middle of a day: the newest backup goes onto a new data directory."""

import shutil
import time
from datetime import datetime
from pathlib import Path

from django.db import close_old_connections, connections

from security.models import BackupRecord
from tests.faults import journal
from tests.faults.judge import COUNTS, judge
from tests.faults.served import PASSWORD
from tests.faults.trial import Trial

HALF_HOURS = 5  # of the clinic's time; people work a little in each
DEEDS = 12
PROMISED = 60  # minutes: what an hourly backup may lose


def run(clinic, options, folder: Path) -> list[str]:
    trial = Trial(clinic, folder / "journal.jsonl", PASSWORD, options.seed)
    trial.begin()
    for number in range(1, HALF_HOURS + 1):
        trial.wait_for_deeds(DEEDS)
        clinic.clock.set(number * 30 * 60)
        print(f"{number * 30} minutes: {trial.acknowledged()} deeds", flush=True)
        time.sleep(5)  # the scheduler looks every two seconds
    trial.wait_for_deeds(DEEDS)
    trial.look()
    clinic.kill("everything")
    lost_at = clinic.clock.of(time.time())
    trial.work.stop()
    connections.close_all()
    backup = newest()
    wrong = trial.wrong + put_back(clinic, backup, folder)
    wrong += compare(journal.read(trial.path), backup, clinic.clock, lost_at)
    return wrong + go_on(clinic, options, folder)


def newest() -> BackupRecord:
    """As the clinic's own page names it; the file itself is all that is used."""
    return BackupRecord.objects.filter(state="good").order_by("-pk")[0]


def put_back(clinic, backup: BackupRecord, folder: Path) -> list[str]:
    """A new installation, the keys from the safe, the file from the other disk."""
    connections.close_all()
    saved = folder / "saved"
    saved.mkdir()
    shutil.copy(clinic.data / "backups" / backup.file_name, saved)
    shutil.copy(clinic.data / "keys" / "keyring.json", saved)
    clinic.end_the_rest()
    clinic.data.rename(folder / "lost")
    clinic.install()
    ring = clinic.data / "keys" / "keyring.json"
    ring.unlink()
    shutil.copy(saved / "keyring.json", ring)
    ring.chmod(0o400)
    began = time.monotonic()
    said = clinic.manage("restore", str(saved / backup.file_name), "--yes").stdout
    print(f"restored in {time.monotonic() - began:.1f} s: {said.strip().splitlines()[0]}")
    return []


def compare(deeds, backup: BackupRecord, clock, lost_at: float) -> list[str]:
    """What was acknowledged before the backup is there; what was begun after it is not."""
    close_old_connections()
    taken = backup.started_at.timestamp()
    done = backup.finished_at.timestamp()
    minutes = (lost_at - taken) / 60
    before = [one for one in deeds if one.is_done and clock.of(one.until) < taken]
    after = [one for one in deeds if one.is_done and clock.of(one.since) > done]
    wrong = judge(before)
    wrong += [
        f"{one.verb} {one.number} was done after the backup and is there"
        for one in after
        if _is_there(one)
    ]
    print(
        f"the newest backup is of {datetime.fromtimestamp(taken):%H:%M:%S} by the clinic's clock, "
        f"{minutes:.0f} minutes old; {len(before)} deeds before it are there, "
        f"{len(after)} after it are lost"
    )
    if not before or not after:
        wrong.append("nothing was compared")
    if minutes > PROMISED:
        wrong.append(f"{minutes:.0f} minutes are lost, {PROMISED} were promised")
    return wrong


def _is_there(deed) -> bool:
    count = COUNTS.get(deed.verb)
    if count is None:
        return False
    try:
        return count(deed.facts) > 0
    except Exception:  # noqa: BLE001 - its record itself is gone
        return False


def go_on(clinic, options, folder: Path) -> list[str]:
    """Everybody signs in again and works on; then all proofs."""
    clinic.serve()
    trial = Trial(clinic, folder / "afterwards.jsonl", PASSWORD, options.seed + 1)
    trial.begin()
    trial.wait_for_deeds(DEEDS)
    return trial.end()
