"""The day's own account: what somebody set out to do, and what the clinic acknowledged.

Each deed is one line in the journal before its request and one after it, so that a fault in between
can be judged: done, refused (in words, nothing changed), or unknown (no answer came).
"""

import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Deed:
    """Something that somebody does to the clinic's records."""

    number: int
    who: str
    verb: str
    facts: dict = field(default_factory=dict)
    end: str = "unknown"  # done, refused, unknown
    book: "Book | None" = field(default=None, repr=False)

    def done(self, **facts) -> None:
        """The clinic has acknowledged it."""
        self._ends("done", facts)

    def refused(self, *why: str, **facts) -> None:
        """The clinic has said in words that it does not do this; nothing has changed."""
        self._ends("refused", {**facts, "why": list(why)})

    def _ends(self, how: str, facts: dict) -> None:
        self.end = how
        self.facts.update(facts)

    def __enter__(self) -> "Deed":
        return self

    def __exit__(self, kind, error, trace) -> None:
        if error is not None:
            self.facts["error"] = f"{kind.__name__}: {error}"[:300]
        self.book.close(self)


class Book:
    """Thread-safe; with a path also kept as lines of JSON that survive this program."""

    def __init__(self, journal: Path | str | None = None):
        self.deeds: list[Deed] = []
        self.complaints: list[str] = []  # what must never happen, in words
        self.remarks: list[str] = []  # what is worth knowing and no fault
        self.lock = threading.Lock()
        self.stream = open(journal, "a", encoding="utf-8") if journal else None  # noqa: SIM115

    def doing(self, who: str, verb: str, **facts) -> Deed:
        """`with book.doing("desk1", "register", plan=17) as deed: ... deed.done(number="A001")`.

        A deed that is left without `done` or `refused` has an unknown end.
        """
        with self.lock:
            deed = Deed(len(self.deeds), who, verb, dict(facts), book=self)
            self.deeds.append(deed)
            self._write("begin", deed, deed.facts)
        return deed

    def close(self, deed: Deed) -> None:
        with self.lock:
            self._write(deed.end, deed, deed.facts)

    def complain(self, who: str, what: str) -> None:
        """Something that must not happen; any of these fails the day."""
        with self.lock:
            self.complaints.append(f"{who}: {what}")
            self._line({"is": "complaint", "who": who, "what": what})

    def remark(self, who: str, what: str) -> None:
        with self.lock:
            self.remarks.append(f"{who}: {what}")

    def done(self, verb: str) -> list[Deed]:
        """The acknowledged deeds of this kind."""
        with self.lock:
            return [one for one in self.deeds if one.verb == verb and one.end == "done"]

    def counts(self) -> dict[str, dict[str, int]]:
        """How often each verb ended how."""
        with self.lock:
            tally = Counter((one.verb, one.end) for one in self.deeds)
        found: dict[str, dict[str, int]] = {}
        for (verb, end), number in sorted(tally.items()):
            found.setdefault(verb, {})[end] = number
        return found

    def _write(self, kind: str, deed: Deed, facts: dict) -> None:
        self._line({"is": kind, "n": deed.number, "who": deed.who, "verb": deed.verb, **facts})

    def _line(self, row: dict) -> None:
        if self.stream is None:
            return
        line = {"at": round(time.time(), 3), **row}
        self.stream.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
        self.stream.flush()

    def shut(self) -> None:
        with self.lock:
            if self.stream is not None:
                self.stream.close()
                self.stream = None
