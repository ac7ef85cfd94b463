"""A day of 120 patients, lived through HTTPS in a served practice clinic: nothing is lost or done
twice. Only what must hold is asked; how long things take is measured by `tests.benchmarks`."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.browser import installation

pytestmark = pytest.mark.day
# In four minutes instead of one it asks a fifth more of the processors (350 and 293 s, once each):
# people look at their lists while they wait.
VISITS, MINUTES, SECONDS = 120, 1, 900
# A colleague may act between two clicks' answers; tests/browser/test_double_click.py asks the rule.
AGREE = "a double click led to"
NAME = f"day-{os.getpid()}"
STAFF = {"desks": 2, "nurses": 1, "doctors": 3, "pharmacists": 2, "storekeepers": 1}
NOBODY = ("technicians", "cashiers", "auditors", "admins")
# What such a day has to hold; drawn from the seed, so always the same patients. Whether somebody
# who wants to cancel is called first is a matter of seconds.
LIVED = (
    *("register", "new_file", "book", "book_online", "check_in", "check_in_online"),
    *("triage", "call", "call_again", "pass_over", "recall", "start", "record", "exam", "finish"),
    *("sheet", "row", "submit", "approve", "return_sheet", "correct", "dispense", "receive"),
)


@pytest.fixture(scope="module")
def day():
    """What the day told of itself; 120 patients come within a minute, and are served in turn."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    root = Path(tempfile.mkdtemp(prefix="clinic-day-", dir=memory))
    try:
        clinic = installation.install(root / "clinic", name=NAME)
        installation.serve(clinic)
        try:
            said = live(clinic, root / "told.json")
        finally:
            installation.stop(clinic)
        assert (root / "told.json").exists(), said
        yield json.loads((root / "told.json").read_text(encoding="utf-8")) | {"said": said}
    finally:
        shutil.rmtree(root, ignore_errors=True)


def live(clinic, told: Path) -> str:
    people = [f"--{role}={count}" for role, count in STAFF.items()]
    people += [f"--{role}=0" for role in NOBODY]
    done = subprocess.run(
        [
            *(sys.executable, "manage.py", "simulate_day", "--prepare", f"--url={clinic.url}"),
            *(f"--visits={VISITS}", f"--minutes={MINUTES}", "--screens=1", *people),
            *(f"--json={told}", f"--grace={SECONDS}"),
        ],
        env={**installation.environment(), "CLINIC_DATA_DIR": str(clinic.root)},
        cwd=installation.CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS + 300,
    )
    return (done.stdout + done.stderr)[-6000:]


def test_nothing_is_lost_and_nothing_done_twice(day):
    faults = [f"{one['name']}: {one['faults']}" for one in day["proofs"] if one["faults"]]

    assert faults == [], day["said"]
    assert [one for one in day["complaints"] if AGREE not in str(one)] == []
    assert day["failed"] == 0


def test_every_proof_had_something_to_look_at(day):
    assert len(day["proofs"]) >= 13
    assert [one["name"] for one in day["proofs"] if not one["looked"]] == []


def test_the_day_held_all_that_a_day_has(day):
    lived = {verb for verb, ends in day["counts"].items() if ends.get("done")}

    assert set(LIVED) - lived == set()
    assert len(day["account"]["patients"]) == VISITS
