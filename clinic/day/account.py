"""What a day says of itself, as plain values, and what a proof says of it."""

import json
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

from django.utils import timezone

from clinic.day.replay import Replay

# Of a plan what the proofs ask for.
PATIENT = ("number", "name", "visit", "ticket", "patient", "end", "stage", "sheets", "doctor")


@dataclass
class Account:
    """When the day began, its patients and its deeds; and what the clinic knew before it."""

    since: datetime
    patients: list[dict] = field(default_factory=list)
    deeds: list[dict] = field(default_factory=list)

    @classmethod
    def of(cls, since: datetime, plans, book) -> "Account":
        """Of a day that was lived in this process."""
        patients = [
            {name: getattr(one, name) for name in PATIENT} | {"sheets": one.sheets + one.voided}
            for one in plans.all
        ]
        deeds = [
            {"verb": one.verb, "who": one.who, "end": one.end, "facts": dict(one.facts)}
            for one in book.deeds
        ]
        return cls(since, patients, deeds)

    @property
    def day(self) -> date:
        return timezone.localdate(self.since)

    @cached_property
    def replay(self) -> Replay:
        """The day's queues, lived through once more."""
        return Replay(self.day, self.since).run()

    def done(self, verb: str) -> list[dict]:
        return [one for one in self.deeds if one["verb"] == verb and one["end"] == "done"]

    def unanswered(self, verb: str) -> list[dict]:
        """Of these nobody knows whether they are there; either way is right."""
        return [one for one in self.deeds if one["verb"] == verb and one["end"] == "unknown"]

    def save(self, path: Path) -> None:
        told = {"since": self.since.isoformat(), "patients": self.patients, "deeds": self.deeds}
        path.write_text(json.dumps(told, ensure_ascii=False, default=str), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Account":
        told = json.loads(path.read_text(encoding="utf-8"))
        return cls(datetime.fromisoformat(told["since"]), told["patients"], told["deeds"])


@dataclass
class Proof:
    """One thing that must hold: how much was looked at, and what was wrong."""

    name: str
    looked: int = 0
    faults: list[str] = field(default_factory=list)
    words: str = ""

    @property
    def holds(self) -> bool:
        return not self.faults

    def told(self) -> dict:
        return asdict(self)
