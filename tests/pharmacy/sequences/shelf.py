"""What must lie where, kept beside the database by plain arithmetic, and what the rules refuse.

Written from the rules (R-107 to R-120, R-174), knowing nothing of tables and locks. A method
changes the shelf or raises No; whoever asks works on a copy and throws it away after a No.
"""

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

TAKING = {"write_off", "use", "move", "to_supplier"}
BY_TWO = {"write_off", "adjustment"}
MOST = 99_999_999  # that a shelf can hold of a batch
REVERSIBLE = TAKING | {"opening", "receipt", "return", "adjustment"}


class No(Exception):
    """A rule refuses this."""


class Key(NamedTuple):
    """What tells one batch from another (R-108)."""

    place: str
    drug: str
    lot: str
    expires: date
    cost: int


class Kind(NamedTuple):
    """What the rules ask of a drug."""

    pack: int
    divisible: bool = True
    narcotic: bool = False


@dataclass
class Line:
    """One batch in a stock-take, and the differences of its counts."""

    first: int | None = None
    second: int | None = None
    done: bool = False

    @property
    def difference(self) -> int | None:
        return self.first if self.second is None else self.second


@dataclass
class Take:
    place: str
    lines: dict[Key, Line]
    state: str = "counting"

    @property
    def is_open(self) -> bool:
        return self.state not in ("posted", "cancelled")

    def counts(self, line: Line) -> bool:
        """True when the line is counted in the take's present round."""
        if line.done:
            return False
        return self.state == "counting" or bool(line.difference) or line.second is not None


@dataclass
class Paper:
    """A document: who answers for it, what it is to do, what it did."""

    kind: str
    by: str
    state: str = "posted"
    place: str = ""
    to_place: str = ""
    rows: list[tuple[Key, int]] = field(default_factory=list)
    moved: list[tuple[Key, int, str]] = field(default_factory=list)  # with the reference
    note: str = ""  # the supplier's own number, while the receipt stands
    harmed: str = ""  # the reference of what came back not intact
    reverses: int | None = None
    reversed_by: int | None = None


@dataclass
class Shelf:
    drugs: dict[str, Kind]
    dispenses: dict[str, bool]
    today: date
    units: dict[Key, int] = field(default_factory=dict)  # in the order in which batches came
    frozen: set[Key] = field(default_factory=set)
    recalled: set[tuple[str, str]] = field(default_factory=set)
    promised: dict[str, tuple[str, int]] = field(default_factory=dict)
    issued: set[str] = field(default_factory=set)
    with_patients: dict[tuple[str, Key], int] = field(default_factory=dict)
    papers: dict[int, Paper] = field(default_factory=dict)
    takes: dict[int, Take] = field(default_factory=dict)
    journal: list[tuple[Key, int]] = field(default_factory=list)  # of one step

    def copy(self) -> "Shelf":
        """The same, on which something can be tried."""
        other = deepcopy(self)
        other.journal = []
        return other

    # --- what lies there -----------------------------------------------------------------------

    def put(self, key: Key, units: int) -> None:
        """One movement. What comes in of a recalled lot is frozen as it comes (R-109)."""
        self.units[key] = self.units.get(key, 0) + units
        self.journal.append((key, units))
        if units > 0 and (key.drug, key.lot) in self.recalled:
            self.frozen.add(key)

    def is_usable(self, key: Key) -> bool:
        """It can be handed out: R-109, R-114."""
        return self.dispenses[key.place] and key not in self.frozen and key.expires >= self.today

    def usable(self, drug: str) -> int:
        return sum(n for key, n in self.units.items() if key.drug == drug and self.is_usable(key))

    def reserved(self, drug: str) -> int:
        return sum(units for name, units in self.promised.values() if name == drug)

    def free(self, drug: str) -> int:
        """What can still be promised (R-113)."""
        return max(0, self.usable(drug) - self.reserved(drug))

    def earliest(self, drug: str) -> list[Key]:
        """Usable batches in the order in which they must go out (R-112)."""
        keys = [k for k, n in self.units.items() if k.drug == drug and n and self.is_usable(k)]
        came = {key: number for number, key in enumerate(self.units)}
        return sorted(keys, key=lambda key: (key.expires, came[key]))

    def _sellable(self, drug: str, units: int) -> None:
        kind = self.drugs[drug]
        require(1 <= units <= MOST and (kind.divisible or units % kind.pack == 0))

    def _two_people(self, drugs, by: str, other: str | None) -> None:
        if any(self.drugs[drug].narcotic for drug in drugs):
            require(other not in (None, by))

    def _all_usable(self) -> dict[str, int]:
        return {drug: self.usable(drug) for drug in self.drugs}

    def _keep_promises(self, before: dict[str, int]) -> None:
        """What is promised to patients stays where it is (R-113)."""
        for drug, left in self._all_usable().items():
            require(left >= before[drug] or left >= self.reserved(drug))

    # --- goods come ----------------------------------------------------------------------------

    def receive(self, rows, *, by: str, accepted_by: str, note: str) -> None:
        for key, units in rows:
            require(key.lot.strip() and key.expires >= self.today)
            self._sellable(key.drug, units)
        self._two_people({key.drug for key, _units in rows}, by, accepted_by)
        require(not note or all(paper.note != note for paper in self.papers.values()))
        self._make(key for key, _units in rows)
        for key, units in rows:
            self.put(key, units)

    def _make(self, keys) -> None:
        """Batches that are new come in this order, whatever the order of the lines."""
        for key in sorted(keys, key=lambda key: (list(self.drugs).index(key.drug), *key[2:])):
            self.units.setdefault(key, 0)

    # --- promises ------------------------------------------------------------------------------

    def reserve(self, wants: dict[str, tuple[str, int]]) -> None:
        wanted = dict.fromkeys(self.drugs, 0)
        for reference, (drug, units) in wants.items():
            self._sellable(drug, units)
            require(reference not in self.promised and reference not in self.issued)
            wanted[drug] += units
        require(all(units <= self.free(drug) for drug, units in wanted.items() if units))
        self.promised.update(wants)

    def release(self, reference: str) -> None:
        require(reference not in self.issued)
        self.promised.pop(reference, None)

    def issue(self, references, *, by: str, witness: str | None, chosen: Key | None = None) -> None:
        require(all(reference in self.promised for reference in references))
        wants = {reference: self.promised[reference] for reference in references}
        self._two_people({drug for drug, _units in wants.values()}, by, witness)
        for reference, (drug, units) in wants.items():
            keys = self.earliest(drug) if chosen is None else [chosen]
            require(all(key.drug == drug and self.is_usable(key) for key in keys))
            for key in keys:
                part = min(units, self.units[key])
                if part:
                    self.put(key, -part)
                    self.with_patients[reference, key] = part
                units -= part
            require(units == 0)
            del self.promised[reference]
            self.issued.add(reference)

    def take_back(self, reference: str, key: Key, units: int, *, intact: bool) -> None:
        """Whole packs come back; what is not intact waits for a second person (R-117, R-118)."""
        out = self.with_patients[reference, key] - self._waiting(reference, key)
        require(1 <= units <= out and units % self.drugs[key.drug].pack == 0)
        if intact:
            require(not self.drugs[key.drug].narcotic)  # never sold again
            self._come_back(reference, key, units)

    def _waiting(self, reference: str, key: Key) -> int:
        drafts = [paper for paper in self.papers.values() if paper.state == "draft"]
        return sum(
            p.rows[0][1]
            for p in drafts
            if (p.harmed, p.rows[:1] and p.rows[0][0]) == (reference, key)
        )

    def _come_back(self, reference: str, key: Key, units: int) -> None:
        self.with_patients[reference, key] -= units
        self.put(key, units)

    # --- one batch -----------------------------------------------------------------------------

    def freeze(self, keys) -> None:
        require(set(keys) - self.frozen)
        self.frozen |= set(keys)

    def unfreeze(self, keys) -> None:
        require(set(keys) & self.frozen)
        require(not any((key.drug, key.lot) in self.recalled for key in keys))
        self.frozen -= set(keys)

    def recall(self, drug: str, lot: str) -> None:
        keys = {key for key in self.units if (key.drug, key.lot) == (drug, lot)}
        require(keys and (drug, lot) not in self.recalled)
        self.recalled.add((drug, lot))
        self.frozen |= keys

    def close_recall(self, drug: str, lot: str) -> None:
        require((drug, lot) in self.recalled)
        self.recalled.remove((drug, lot))

    def write_off(self, key: Key, units: int, *, by: str, witness: str) -> None:
        require(by != witness and 1 <= units <= self.units[key])
        self.put(key, -units)

    def adjust(self, key: Key, counted: int, *, by: str, witness: str) -> None:
        require(by != witness and 0 <= counted <= MOST)
        if counted != self.units[key]:
            self.put(key, counted - self.units[key])

    # --- papers --------------------------------------------------------------------------------

    def draft(self, paper: Paper) -> None:
        for key, units in paper.rows:
            self._judge(paper, key, units)

    def _judge(self, paper: Paper, key: Key, units: int) -> None:
        if paper.kind == "opening":
            require(key.lot.strip())
            return self._sellable(key.drug, units)
        require(1 <= units <= self.units[key])
        require(paper.kind not in ("use", "move") or key not in self.frozen)
        if paper.kind == "use":
            self._sellable(key.drug, units)
            require(key.expires >= self.today)

    def needs_two(self, paper: Paper) -> bool:
        if paper.reverses is not None:
            return self.by_two_back(self.papers[paper.reverses])
        narcotic = any(self.drugs[key.drug].narcotic for key, _units in paper.rows)
        return (
            paper.kind == "write_off" or bool(paper.harmed) or (narcotic and paper.kind in TAKING)
        )

    def by_two_back(self, paper: Paper) -> bool:
        """True when taking the document back is for two people (R-118, R-119, R-120)."""
        narcotic = any(self.drugs[key.drug].narcotic for key, _units, _ref in paper.moved)
        return paper.kind in BY_TWO or narcotic or bool(paper.harmed)

    def post(self, number: int, *, by: str) -> None:
        paper = self.papers[number]
        require(paper.state == "draft")
        require(not self.needs_two(paper) or by != paper.by)
        if paper.reverses is not None:
            self._undo(self.papers[paper.reverses])
        elif paper.kind == "opening":
            self._make(key for key, _units in paper.rows)
            for key, units in paper.rows:
                self._judge(paper, key, units)
                self.put(key, units)
        elif paper.harmed:
            ((key, units),) = paper.rows
            self._come_back(paper.harmed, key, units)
            self.put(key, -units)  # it is on no shelf
        else:
            self._take(paper)
        paper.state = "posted"

    def _take(self, paper: Paper) -> None:
        before = self._all_usable()
        if paper.to_place:
            self._make(key._replace(place=paper.to_place) for key, _units in paper.rows)
        for key, units in paper.rows:
            self._judge(paper, key, units)
            self.put(key, -units)
            if paper.to_place:
                self.put(key._replace(place=paper.to_place), units)
        if paper.kind != "write_off":
            self._keep_promises(before)

    def discard(self, number: int) -> None:
        paper = self.papers[number]
        require(paper.state == "draft")
        paper.state = "discarded"
        if paper.reverses is not None:
            self.papers[paper.reverses].reversed_by = None

    def reverse(self, number: int) -> None:
        """Taken back by another paper, as a whole and once (R-107)."""
        paper = self.papers[number]
        require(paper.state == "posted" and paper.kind in REVERSIBLE)
        require(paper.reversed_by is None)
        if not self.by_two_back(paper):
            self._undo(paper)

    def _undo(self, paper: Paper) -> None:
        before = self._all_usable()
        for key, units, reference in reversed(paper.moved):
            self.put(key, -units)
            if paper.kind == "return" and reference:
                self.with_patients[reference, key] += units
        require(min(self.units.values()) >= 0)
        self._keep_promises(before)
        paper.note = ""

    # --- stock-takes ---------------------------------------------------------------------------

    def begin_take(self, place: str) -> Take:
        there = [key for key, units in self.units.items() if key.place == place and units]
        require(there and not self._held() & set(there))
        return Take(place, {key: Line() for key in there})

    def _held(self) -> set[Key]:
        """What is being counted: nothing is counted in two takes."""
        return {key for take in self.takes.values() if take.is_open for key in take.lines}

    def find(self, take: Take, found: Key, units: int) -> None:
        """A batch that lies there and is not on the list, whatever it cost (R-119)."""
        require(take.state == "counting" and found.lot.strip() and 0 <= units <= MOST)
        known = [key for key in self.units if key[:4] == found[:4]]
        require(not self._held() & set(known))
        if known:
            key = max(reversed(known), key=lambda key: self.units[key])
        else:
            require(units and found.expires >= self.today)
            costs = [key.cost for key in self.units if key.drug == found.drug]
            key = found._replace(cost=costs[-1])
            self.units[key] = 0
        take.lines[key] = Line(first=units - self.units[key])

    def cancel(self, take: Take) -> None:
        require(not any(line.done for line in take.lines.values()))
        take.state = "cancelled"

    def count(self, take: Take, counted: dict[Key, int]) -> None:
        for key, units in counted.items():
            line, difference = take.lines[key], units - self.units[key]
            if take.state == "counting":
                line.first = difference
            else:
                line.second = difference

    def close_count(self, take: Take) -> None:
        lines = [line for line in take.lines.values() if not line.done]
        again = any(line.first and line.second is None for line in lines)
        require(not (take.state == "second" and again))
        take.state = "second" if again else "to_confirm"

    def confirm(self, take: Take, *, counted_by: str, by: str) -> None:
        require(take.state == "to_confirm" and by != counted_by)
        take.state = "posting"

    def book(self, take: Take) -> None:
        """Each difference once; one that would leave less than nothing is counted again."""
        for key, line in take.lines.items():
            if line.done or not line.difference:
                continue
            if self.units[key] + line.difference < 0:
                line.second = None
                continue
            self.put(key, line.difference)
            line.done = True
        again = any(n.first and n.second is None and not n.done for n in take.lines.values())
        take.state = "second" if again else "posted"


def require(condition) -> None:
    if not condition:
        raise No
