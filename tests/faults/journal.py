"""A day's journal read again: what was begun, and how each deed ended."""

import json
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Deed:
    number: int
    who: str
    verb: str
    facts: dict = field(default_factory=dict)
    end: str = "begun"  # begun, done, refused, unknown
    since: float = 0.0  # when it was begun, and when its end was known, by the judge's own clock
    until: float = 0.0

    @property
    def is_done(self) -> bool:
        return self.end == "done"

    @property
    def is_open(self) -> bool:
        """Nobody knows: no answer came, or the program that asked was gone first."""
        return self.end in ("begun", "unknown")


OWN = {"at", "is", "n", "who", "verb"}


def read(path: Path, *, after: int = 0) -> list[Deed]:
    """The deeds that were begun, in their order; a last line that was cut off is left out."""
    deeds: dict[int, Deed] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if "n" not in row or row["n"] < after:
            continue
        deed = deeds.setdefault(row["n"], Deed(row["n"], row["who"], row["verb"]))
        deed.facts.update({name: value for name, value in row.items() if name not in OWN})
        if row["is"] == "begin":
            deed.since = row["at"]
        else:
            deed.end, deed.until = row["is"], row["at"]
    return list(deeds.values())
