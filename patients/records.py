"""What higher floors add to a patient's file; they fill these registries in AppConfig.ready.

A patient's file knows nothing of visits or prescriptions, yet its chart shows them, a merge moves
them and an export carries them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True)
class Section:
    """One part of the chart page: a template and the function that gives its context."""

    key: str
    title: object
    order: int
    template: str
    context: Callable[[object, object], dict]


_sections: dict[str, Section] = {}
_in_use: list[Callable[[object], bool]] = []
_merge_handlers: list[Callable] = []
_fhir: list[Callable] = []
_last_visits: list[Callable[[list[UUID]], dict[UUID, date]]] = []
_recent: list[Callable[[int], dict[UUID, date]]] = []
_beginnings: dict[str, Callable[..., dict]] = {}


def register_section(key: str, *, title, order: int, template: str, context: Callable) -> None:
    """Show `template` on the chart with `context(patient, request)`; the same key replaces."""
    _sections[key] = Section(key, title, order, template, context)


def sections() -> list[Section]:
    """The chart's sections in their order."""
    return sorted(_sections.values(), key=lambda section: (section.order, section.key))


def register_last_visits(ask: Callable[[list[UUID]], dict[UUID, date]]) -> None:
    """`ask(patient ids)` gives the day of each one's last visit, in one query."""
    _last_visits.append(ask)


def last_visits(patients: Iterable[UUID]) -> dict[UUID, date]:
    """The last day on which anything above recorded a visit, by patient."""
    ids, found = list(patients), {}
    for ask in _last_visits if ids else ():
        for patient, day in ask(ids).items():
            found[patient] = max(day, found.get(patient, day))
    return found


def register_recent_visits(ask: Callable[[int], dict[UUID, date]]) -> None:
    """`ask(limit)` gives the people who were here last or are today, and the day, in one query."""
    _recent.append(ask)


def recent_visits(limit: int) -> dict[UUID, date]:
    """At most `limit` people of every app that records visits: a search puts them before others."""
    found: dict[UUID, date] = {}
    for ask in _recent:
        for patient, day in ask(limit).items():
            found[patient] = max(day, found.get(patient, day))
    return found


def register_in_use(check: Callable[[object], bool]) -> None:
    """`check(patient)` tells whether something unfinished hangs on this file."""
    _in_use.append(check)


def is_in_use(patient) -> bool:
    """True while any registered check says so."""
    return any(check(patient) for check in _in_use)


def register_merge_handler(move: Callable) -> None:
    """`move(kept=…, merged=…, by=…)` moves what belongs to the merged file and tells which rows.

    What it told, given back as `only=` with the two files exchanged, undoes the merge: what the
    kept file had before, or got since by itself, stays where it is.
    """
    _merge_handlers.append(move)


def merge_handlers() -> list[Callable]:
    return list(_merge_handlers)


def register_fhir(contribute: Callable) -> None:
    """`contribute(patient)` gives the resources this app adds to an export."""
    _fhir.append(contribute)


def fhir_contributors() -> list[Callable]:
    return list(_fhir)


def register_beginning(kind: str, find: Callable[..., dict]) -> None:
    """`find(key, by=)` gives what a new file begins with when it is opened for `kind:key`."""
    _beginnings[kind] = find


def beginning(source: str, *, by) -> dict:
    """Fields of a new file that somebody typed elsewhere already; none for an unknown source."""
    kind, _colon, key = source.partition(":")
    return _beginnings[kind](key, by=by) if kind in _beginnings else {}
