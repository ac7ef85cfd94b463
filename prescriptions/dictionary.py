"""Frequencies and routes as coded tables: free text would make the day count impossible (R-116)."""

import csv
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Frequency:
    """How often (R-164). `times` a day is exact; None where there is no fixed number."""

    code: str
    name: str
    times: Fraction | None
    needs_days: bool
    asks_quantity: bool
    execution_times: tuple[str, ...] = ()

    @property
    def is_once(self) -> bool:
        """Exactly one dose, whatever the days."""
        return self.times is None and not self.asks_quantity


@dataclass(frozen=True)
class Route:
    """How a drug is taken or given."""

    code: str
    name: str


def _rows(name: str) -> list[dict]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def frequencies() -> dict[str, Frequency]:
    """All frequencies by code, in the order of the table."""
    return {
        row["code"]: Frequency(
            code=row["code"],
            name=row["name"],
            times=Fraction(row["times_per_day"]) if row["times_per_day"] else None,
            needs_days=row["needs_days"] == "1",
            asks_quantity=row["asks_quantity"] == "1",
            execution_times=tuple(filter(None, row["execution_times"].split(";"))),
        )
        for row in _rows("frequencies.csv")
    }


@cache
def routes() -> dict[str, Route]:
    """All routes by code, in the order of the table."""
    return {row["code"]: Route(row["code"], row["name"]) for row in _rows("routes.csv")}


# As doctors say and type them; what is stored and printed is the full name.
SHORT_ROUTES = {"肌注": "肌内注射", "静注": "静脉注射", "静滴": "静脉滴注", "皮下": "皮下注射"}


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


@cache
def _known(table) -> dict[str, object]:
    """Rows by code and by name."""
    found = {}
    for row in table().values():
        found[_plain(row.code)] = found[_plain(row.name)] = row
    return found


def find_frequency(text: str) -> Frequency | None:
    """The frequency whose code or name this is, typed in any width or case."""
    return _known(frequencies).get(_plain(text))


def find_route(text: str) -> Route | None:
    """The route whose code, name or usual short name this is."""
    words = _plain(text)
    return _known(routes).get(SHORT_ROUTES.get(words, words))


def frequency_of(code: str) -> Frequency:
    """A stored code's row."""
    return frequencies()[code]


def route_of(code: str) -> Route:
    """A stored code's row."""
    return routes()[code]
