"""A clinic at work, a fault, and what is left of both."""

import os
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from django.db import close_old_connections, connections
from django.db.utils import DatabaseError

from clinic.day.book import Book
from tests.faults import journal, proofs
from tests.faults.judge import judge
from tests.faults.load import Work
from tests.installer.tools import alive


class Trial:
    """People work and note each deed; `look` judges what they noted, `end` everything."""

    def __init__(self, clinic, path: Path, password: str, seed: int):
        self.clinic, self.path = clinic, path
        self.since = datetime.now(UTC)
        self.book = Book(path)
        self.work = Work(clinic, self.book, password, seed)
        self.wrong: list[str] = []
        self.faults: list[tuple[str, float, int]] = []
        self.judged = 0  # deeds of the journal that have been looked at

    def begin(self) -> None:
        self.work.begin()

    def acknowledged(self) -> int:
        with self.book.lock:
            return sum(1 for deed in self.book.deeds if deed.end == "done")

    def wait_for_deeds(self, number: int, seconds: float = 120) -> None:
        """Until so many more are acknowledged."""
        wanted, deadline = self.acknowledged() + number, time.monotonic() + seconds
        while self.acknowledged() < wanted and not self.work.failed:
            if time.monotonic() > deadline:
                self.wrong.append(f"nothing was acknowledged for {seconds:.0f} s")
                return
            time.sleep(0.05)

    def note_fault(self, kind: str, seconds: float, before: int) -> None:
        self.faults.append((kind, seconds, before))

    def during(self, kind: str, seconds: float) -> None:
        """Let the fault last, and say what people saw of it."""
        before, told, lost = self.acknowledged(), self.told(), self.lost()
        time.sleep(seconds)
        shown = self.told() - told
        print(
            f"{kind}: {self.acknowledged() - before} deeds in {seconds:.0f} s, "
            f"{self.lost() - lost} answers never came",
            flush=True,
        )
        for words, times in shown.most_common():
            print(f"    shown {times} times: {words or '(to a script)'}", flush=True)

    def must_go_on(self, kind: str, seconds: float = 120) -> None:
        """Everybody has an answer again without anybody's help; how long that took."""
        began, before = time.monotonic(), self.acknowledged()
        self.wait_for_deeds(3, seconds)
        took = time.monotonic() - began
        print(f"{kind}: over; three deeds within {took:.1f} s", flush=True)
        self.note_fault(kind, took, before)
        self.look()

    def told(self) -> Counter:
        told: Counter = Counter()
        for person in self.work.people:
            told.update(dict(person.told))
        return told

    def lost(self) -> int:
        return sum(person.lost for person in self.work.people)

    def wait_until_back(self, hit: list[int], seconds: float = 120) -> None:
        """Another program is there instead, and the clinic answers."""
        deadline = time.monotonic() + seconds
        while any(alive(pid) for pid in hit) and time.monotonic() < deadline:
            time.sleep(0.02)
        self.clinic.wait_until_it_answers(seconds)

    def look(self) -> None:
        """What was noted since the last look, while people go on."""
        self.wrong += self.work.failed
        deeds = [one for one in journal.read(self.path, after=self.judged) if not one.is_open]
        if self.wrong or not deeds:
            return
        self._judge(deeds)
        open_ones = [one.number for one in journal.read(self.path) if one.is_open]
        self.judged = min([*open_ones, max(deed.number for deed in deeds) + 1])

    def end(self) -> list[str]:
        """People finish, everything is proved, and the figures are printed."""
        self.work.end()
        self.wrong += [one for one in self.work.failed if one not in self.wrong]
        deeds = journal.read(self.path)
        self._judge(deeds)
        self.wrong += proofs.of_the_rows(self.since)
        self.wrong += proofs.of_the_commands(self.clinic, slow=True)
        self._print(deeds)
        return self.wrong

    def _judge(self, deeds) -> None:
        close_old_connections()
        try:
            self.wrong += judge(deeds)
        except DatabaseError as error:
            self.wrong.append(f"the judge can't read: {error}")
        finally:
            connections.close_all()

    def _print(self, deeds) -> None:
        ends = Counter(deed.end for deed in deeds)
        print(f"deeds: {len(deeds)}; " + ", ".join(f"{n} {end}" for end, n in sorted(ends.items())))
        verbs = Counter(deed.verb for deed in deeds if deed.is_done)
        print("acknowledged: " + ", ".join(f"{verb} {n}" for verb, n in sorted(verbs.items())))
        for kind in sorted({kind for kind, *_rest in self.faults}):
            times = sorted(seconds for one, seconds, _ in self.faults if one == kind)
            print(
                f"{kind}: {len(times)} times, back after {median(times):.1f} s in the middle, "
                f"{times[-1]:.1f} s at most"
            )
        people = self.work.people
        print(f"answers that never came: {self.lost()}")
        print(f"longest wait of a person: {max(person.waited for person in people):.1f} s")
        for words, times in self.told().most_common():
            print(f"shown {times} times: {words or '(to a script)'}")
        print(f"load: {os.getloadavg()[0]:.1f}")
