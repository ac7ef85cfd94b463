"""Everything hostile at once: `python -m tests.hostile [--full] [--seed N] [--database URL]`.

Walks every page as every person, then tries each field, address, parameter, header and upload.
Prints each fault when it is found and a table at the end; ends with 1 when there was one.
"""

import argparse
import logging
import os
import random
import sys
import time
from itertools import islice
from pathlib import Path

TELL = 25_000  # requests between two words about how far it is


def main() -> int:
    words = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    words.add_argument("--database", default="", help="URL of a server (mysql://…), else SQLite")
    words.add_argument("--full", action="store_true", help="every value in every field: hours")
    words.add_argument("--requests", type=int, default=5000, help="so many, without --full")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--only", default="", help="parts, as fields,addresses,headers,uploads")
    words.add_argument("--minutes", type=float, default=0, help="stop after so many")
    words.add_argument("--share", default="1/1", help="2/3: the second third, with --full --kept")
    words.add_argument("--people", default="", help="only these accounts, as doctor,frontdesk")
    words.add_argument("--kept", default="", help="a folder: the clinic is made there once")
    asked = words.parse_args()
    if asked.database and asked.database != "sqlite":
        os.environ["DATABASE_URL"] = asked.database
    from tests.benchmarks.ground import scratch_database

    with scratch_database():
        from django.conf import settings

        settings.STORAGES["staticfiles"] = {
            "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        }
        logging.disable(logging.CRITICAL)
        return attack(asked)


def told(words: str) -> None:
    print(words, flush=True)


def tell(fault) -> None:
    request = fault.request
    print(
        f"FAULT {fault.what}: {request.method} {request.address[:110]} as {fault.who or 'nobody'}\n"
        f"      {request.about[:100]}: {request.title[:60]}\n      {fault.detail[:300]}",
        flush=True,
    )


def attack(asked) -> int:
    from tests.hostile import plan

    begun = time.monotonic()
    people = set(filter(None, asked.people.split(",")))
    folder = Path(asked.kept) if asked.kept else None
    whole = plan.Plan(progress=tell, tell=told, folder=folder, people=people)
    lab = whole.lab
    print(f"{lab.count['pages']} pages walked in {time.monotonic() - begun:.0f} s", flush=True)
    chance, until = random.Random(asked.seed), time.monotonic() + asked.minutes * 60
    only = set(filter(None, asked.only.split(",")))
    source = whole.work(chance) if asked.full else islice(whole.sample(chance), asked.requests)
    share, shares = map(int, asked.share.split("/"))
    try:
        for number, (part, who, request) in enumerate(source):
            if number % shares != share - 1 or (only and part not in only):
                continue
            if asked.minutes and time.monotonic() > until:
                print("stopped: the time is over")
                break
            lab.send(who, request, part)
            if lab.count.total() % TELL == 0:
                told(f"{lab.count.total()} requests, {time.monotonic() - begun:.0f} s")
    except KeyboardInterrupt:  # hours are not lost because somebody has to stop
        print("stopped by hand")
    print(f"{sum(lab.count.values())} requests in {time.monotonic() - begun:.0f} s")
    for part, count in sorted(lab.count.items()):
        print(f"  {part:16} {count:8}")
    print("answers:", dict(sorted(lab.statuses.items())))
    print("slowest:", *(f"{took:.1f} s {what[:90]}" for took, what in lab.slowest), sep="\n  ")
    print(f"{len(lab.faults)} faults")
    for key, fault in lab.faults.items():
        print(f"  {lab.again[key]} times {fault.what} {key[1]} {fault.detail[:200]}")
    return bool(lab.faults)


if __name__ == "__main__":
    sys.exit(main())
