"""What a figure is made of: counted once for each doctor, added up for departments and the whole.

Everything adds up: the doctors' tallies together are the clinic's (tests say so).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

TENTH = Decimal("0.1")


@dataclass
class Tally:
    """`n` is the group: people called, visits, sheets, batches, answers. What else is used
    depends on the figure: `part` of them, seconds of each, or days on which somebody worked."""

    n: int = 0
    part: int = 0
    seconds: list[int] = field(default_factory=list)
    days: int = 0

    def add(self, other: "Tally") -> None:
        self.n += other.n
        self.part += other.part
        self.seconds += other.seconds
        self.days += other.days


def together(tallies: Iterable[Tally]) -> Tally:
    whole = Tally()
    for tally in tallies:
        whole.add(tally)
    return whole


def median(seconds: list[int]) -> Decimal | None:
    """The one in the middle; of two in the middle the mean. In minutes."""
    if not seconds:
        return None
    ordered, half = sorted(seconds), len(seconds) // 2
    middle = ordered[half] if len(ordered) % 2 else Decimal(ordered[half - 1] + ordered[half]) / 2
    return Decimal(middle) / 60


def p90(seconds: list[int]) -> Decimal | None:
    """The smallest that at least nine in ten did not exceed (nearest rank). In minutes."""
    if not seconds:
        return None
    return Decimal(sorted(seconds)[-(-len(seconds) * 9 // 10) - 1]) / 60


def share(tally: Tally) -> Decimal | None:
    """In per cent; None where there is nothing to have a share of."""
    return Decimal(100 * tally.part) / tally.n if tally.n else None


def per_day(tally: Tally) -> Decimal | None:
    return Decimal(tally.n) / tally.days if tally.days else None


def tenths(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(TENTH, ROUND_HALF_UP)
