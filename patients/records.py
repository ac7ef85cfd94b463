"""What higher floors add to a patient's file; they fill these registries in AppConfig.ready.

A patient's file knows nothing of visits or prescriptions, yet its chart shows them, a merge moves
them and an export carries them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import NamedTuple
from uuid import UUID

from clinic.core import modules

MOST_DOCUMENTS = 30  # of each app, on the chart


class Place(Enum):
    """Where a section stands on the chart."""

    HALF = "half"  # in the broad column, two beside each other
    WIDE = "wide"  # in the broad column
    BESIDE = "beside"  # in the narrow column


@dataclass(frozen=True)
class Section:
    """One part of the chart page: a template and the function that gives its context."""

    key: str
    title: object
    order: int
    template: str
    context: Callable[[object, object], dict]
    place: Place = Place.WIDE
    module: str = ""  # the part of the system it belongs to, which may be switched off


@dataclass(frozen=True)
class ChartLink:
    """A page about this patient that the chart leads to, for those who may open it."""

    key: str
    title: object
    permissions: tuple[str, ...]
    url_name: str | Callable[[object, object], str]
    order: int
    fits: Callable[[object, object], bool] | None = None
    module: str = ""


@dataclass(frozen=True)
class Caution:
    """A few words that stand under the name on the chart; `tone` is that of a tag."""

    words: str
    tone: str = "warn"
    order: int = 50


@dataclass(frozen=True)
class Document:
    """A paper of this patient: when, what it is, a few more words, and the page that shows it."""

    at: datetime
    title: str
    detail: str = ""
    url: str = ""


class Recent(NamedTuple):
    """Who was here lately, and when; the names where they were asked for."""

    patient: UUID
    day: date
    name: str = ""
    reading: str = ""


@dataclass(frozen=True)
class Drawn:
    """A section with what its app found for this patient."""

    section: Section
    values: dict

    @property
    def count(self):
        return self.values.get("count")


_sections: dict[str, Section] = {}
_chart_links: dict[str, ChartLink] = {}
_cautions: list[Callable[[object, object], Iterable[Caution]]] = []
_asked_about: list[Callable[[], object]] = []
_documents: list[Callable[[object, object], Iterable[Document]]] = []
_in_use: list[Callable[[object], bool]] = []
_merge_handlers: list[Callable] = []
_fhir: list[Callable] = []
_last_visits: list[Callable[[list[UUID]], dict[UUID, date]]] = []
_recent: list[Callable[[int, bool], list[Recent]]] = []
_beginnings: dict[str, Callable[..., dict]] = {}
_visit_values: list[Callable[..., dict]] = []


def register_section(
    key: str,
    *,
    title,
    order: int,
    template: str,
    context: Callable,
    place: Place = Place.WIDE,
    module: str = "",
) -> None:
    """Show `template` on the chart with `context(patient, request)`; the same key replaces.

    `count` in the context is the number beside the section's name; a context that is None leaves
    the section out.
    The context asks the database as often for a long history as for a short one.
    """
    _sections[key] = Section(key, title, order, template, context, place, module)


def sections() -> list[Section]:
    """The chart's sections in their order."""
    found = [one for one in _sections.values() if not one.module or modules.is_on(one.module)]
    return sorted(found, key=lambda section: (section.order, section.key))


def drawn(patient, request) -> list[Drawn]:
    """The sections with their contexts; those that have nothing to say are left out."""
    found = [(section, section.context(patient, request)) for section in sections()]
    return [Drawn(section, values) for section, values in found if values is not None]


def register_asked_about(value: Callable[[], object]) -> None:
    """`value()` is something besides patient and reader that the sections ask about: a moment."""
    _asked_about.append(value)


def asked_about() -> list:
    """These values now (clinic.core.together)."""
    return [value() for value in _asked_about]


def register_chart_link(
    key: str,
    title,
    permission,
    url_name: str,
    *,
    order: int = 50,
    fits: Callable | None = None,
    module: str = "",
) -> None:
    """Lead from the chart to the page `url_name`, whose one argument is the patient's key.

    `url_name` may also be a function of (patient, user) that gives the address, or "" for none.
    `permission`: one, or several of which one is enough. `fits(patient, user)` may leave it out.
    """
    several = (permission,) if isinstance(permission, str) else tuple(permission)
    _chart_links[key] = ChartLink(key, title, several, url_name, order, fits, module)


def chart_links(patient, user) -> list[ChartLink]:
    """The pages about this patient that this person may open, in their order."""
    links = [
        link
        for link in _chart_links.values()
        if any(user.has_perm(permission) for permission in link.permissions)
        and (link.fits is None or link.fits(patient, user))
        and (not link.module or modules.is_on(link.module))
    ]
    return sorted(links, key=lambda link: (link.order, link.key))


def register_cautions(ask: Callable[[object, object], Iterable[Caution]]) -> None:
    """`ask(patient, request)` gives what has to be known before anything is done: a pregnancy."""
    _cautions.append(ask)


def cautions(patient, request) -> list[Caution]:
    """What all of them say, the most urgent first."""
    found = [caution for ask in _cautions for caution in ask(patient, request)]
    return sorted(found, key=lambda caution: caution.order)


def register_documents(ask: Callable[[object, object], Iterable[Document]]) -> None:
    """`ask(patient, request)` gives this app's newest papers, MOST_DOCUMENTS at most."""
    _documents.append(ask)


def documents(patient, request) -> list[Document]:
    """The papers of all apps, the newest first."""
    found = [document for ask in _documents for document in ask(patient, request)]
    return sorted(found, key=lambda document: document.at, reverse=True)


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


def register_recent_visits(ask: Callable[[int, bool], list[Recent]]) -> None:
    """`ask(limit, named)` gives those who were here last or are today, in one query."""
    _recent.append(ask)


def recent_visits(limit: int, *, named: bool) -> list[Recent]:
    """At most `limit` people of every app that records visits, each once with the last day.

    A search puts them before others. Without `named` they have no names.
    """
    found: dict[UUID, Recent] = {}
    for ask in _recent:
        for one in ask(limit, named):
            if one.patient not in found or found[one.patient].day < one.day:
                found[one.patient] = one
    return list(found.values())


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
    """`contribute(patient, by=)` gives the resources this app adds to an export for this person.

    Guarded ones say that they are restricted (fhir_parts.restricted) and are left out where `by`
    may not see them; without a person (None) everything is asked for.
    """
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


def register_visit_values(ask: Callable[..., dict]) -> None:
    """`ask(patient, user=)` gives what today's visit found, by the names of follow-up forms.

    Besides figures: `visit` (its id), `symptoms_other`, `drugs` as (name, times a day, each time).
    """
    _visit_values.append(ask)


def visit_values(patient, *, user) -> dict:
    """Everything that today's visit knows already, so that nobody types it twice (R-68)."""
    found: dict = {}
    for ask in _visit_values:
        found |= ask(patient, user=user)
    return found
