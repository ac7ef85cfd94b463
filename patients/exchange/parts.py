"""What an export of one file consists of: parts that the apps register in AppConfig.ready.

A file knows nothing of visits or drugs, yet its copy and its workbook hold them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from uuid import UUID


class Look(Enum):
    """How a part stands on paper; in a workbook every part is a table."""

    FACTS = "facts"  # one row, as label and value
    BLOCKS = "blocks"  # a heading and label and value for every row
    TABLE = "table"


@dataclass(frozen=True)
class Asked:
    """Who reads the file, and how much of it is wanted."""

    by: object
    # None: all of them; ids of registration's consultations, which are above this floor.
    visits: frozenset[UUID] | None = None
    on_paper: bool = False
    # Guarded records too, whoever made them: the whole house is handed over.
    with_secrets: bool = False

    def wants(self, visit: UUID) -> bool:
        return self.visits is None or visit in self.visits


@dataclass(frozen=True)
class Part:
    """One sheet of the workbook, one section of the copy.

    `rows(patient, asked)` gives a list of cells for each row, in the order of `columns`, with the
    same number of queries however many rows there are.
    """

    key: str
    title: object
    order: int
    columns: tuple
    rows: Callable[[object, Asked], list[list]]
    look: Look = Look.TABLE
    lead: int = 0  # of blocks: so many columns are the heading
    on_paper: bool = True


@dataclass(frozen=True)
class VisitLine:
    """A visit to choose for a copy."""

    pk: UUID
    day: date
    words: str
    is_closed: bool = field(default=False)  # a guarded one that this person may not read


_parts: dict[str, Part] = {}
_visits: list[Callable[[object, object], list[VisitLine]]] = []
_visited: list[Callable[..., Iterable]] = []


def register(part: Part) -> None:
    """The same key replaces."""
    _parts[part.key] = part


def parts() -> list[Part]:
    """All parts in their order."""
    return sorted(_parts.values(), key=lambda part: (part.order, part.key))


def register_visits(lines: Callable[[object, object], list[VisitLine]]) -> None:
    """`lines(patient, user)` gives the finished visits, the newest first."""
    _visits.append(lines)


def visits(patient, user) -> list[VisitLine]:
    """The visits of which a copy can be made."""
    found = [line for ask in _visits for line in ask(patient, user)]
    return sorted(found, key=lambda line: line.day, reverse=True)


def register_visited(ask: Callable[..., Iterable]) -> None:
    """`ask(since, until, by=…)` gives a queryset of the ids of patients who saw a doctor then;
    `by`: only those whom this person saw."""
    _visited.append(ask)


def visited(since: date | None, until: date | None, *, by=None) -> list:
    """One subquery of patients' ids from each app that knows visits."""
    return [ask(since, until, by=by) for ask in _visited]
