"""The simulated day with kill -9 at random moments of it; it proves every deed at its end."""

import json
import math
import random
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.faults import proofs
from tests.faults.kills import pick
from tests.faults.served import PASSWORD
from tests.installer.tools import CHECKOUT, alive

LEFT = 900  # seconds after the day's own end until it is given up
AWAY = ("no answer", " 502", " 503", " 504")  # how the day ends such a sentence
SHOWN = 60  # last lines of what the day says
MOST = 20  # each doctor has a letter
# Patients that one of them gets through in a minute, kills included; the fewest there are.
STAFF = {"desks": (5, 1), "nurses": (5, 1), "doctors": (1.25, 2), "pharmacists": (2.5, 2)}


def run(clinic, options, folder: Path) -> list[str]:
    since, chance = datetime.now(UTC), random.Random(options.seed)  # noqa: S311
    said = folder / "said.txt"
    day = start(clinic, options, folder, said)
    try:
        wait_for_work(day, folder / "journal.jsonl")
        killed = kill_again_and_again(clinic, day, options, chance)
        day.wait(options.minutes * 60 + LEFT)
    finally:
        if day.poll() is None:
            day.kill()
            day.wait()
    print("\n".join(said.read_text(encoding="utf-8").splitlines()[-SHOWN:]))
    print(f"killed {killed} times")
    wrong = broken(folder / "day.json")
    if killed < options.times:
        wrong.append(f"only {killed} kills: the day was too short for more")
    wrong += proofs.of_the_rows(since)
    return wrong + proofs.of_the_commands(clinic, slow=True)


def broken(told: Path) -> list[str]:
    """What the day found; that answers were missing is what was done to it."""
    if not told.exists():
        return ["the day did not come to its end"]
    found = json.loads(told.read_text(encoding="utf-8"))
    faults = [f"{one['name']}: {fault}" for one in found["proofs"] for fault in one["faults"]]
    return [words for words in found["complaints"] + faults if not words.endswith(AWAY)]


def start(clinic, options, folder: Path, said: Path) -> subprocess.Popen:
    command = [sys.executable, "manage.py", "simulate_day", "--prepare", "--url", clinic.url]
    command += ["--visits", str(options.visits), "--minutes", str(options.minutes)]
    command += ["--journal", str(folder / "journal.jsonl"), "--json", str(folder / "day.json")]
    command += ["--seed", str(options.seed), "--password", PASSWORD]
    for word, (served, least) in STAFF.items():
        many = min(MOST, max(least, math.ceil(options.visits / options.minutes / served)))
        command += [f"--{word}", str(many)]
    with said.open("wb") as stream:
        return subprocess.Popen(
            command, env={**clinic.environment(), "CLINIC_DATA_DIR": str(clinic.data)},
            cwd=CHECKOUT, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream,
        )  # fmt: skip


def wait_for_work(day: subprocess.Popen, journal: Path) -> None:
    while day.poll() is None and not (journal.exists() and '"is": "done"' in journal.read_text()):
        time.sleep(0.2)


def kill_again_and_again(clinic, day: subprocess.Popen, options, chance: random.Random) -> int:
    """At random moments of the day as it is planned; what was put off is made up for."""
    begun, length = time.monotonic(), options.minutes * 60
    moments = sorted(chance.uniform(0, length) for _ in range(options.times))
    for number, moment in enumerate(moments, 1):
        time.sleep(max(0.0, begun + moment - time.monotonic()))
        if day.poll() is not None:
            return number - 1
        kind = pick(chance, options)
        hit = clinic.kill(kind)
        killed = time.monotonic()
        if kind == "everything":
            clinic.serve()
        else:
            while any(alive(pid) for pid in hit):
                time.sleep(0.02)
            clinic.wait_until_it_answers()
        print(f"{number:4d}. {kind}: back after {time.monotonic() - killed:.1f} s", flush=True)
    return options.times
