"""Health records and outpatient records as the tables of the national data sets (R-69, R-152).

Every column is described in a CSV file beside the app that fills it: the standard's name, its
identifier, its code set, our field, and whether the fact was checked (S) or is from memory (M).
The apps above register the sets they know.

What a reader may not see of a guarded record is left out, and a column says so (R-140). Without the
right to read everybody's outpatient log the sets hold only whom this person has seen (R-143).
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.site import institution
from patients import codes
from patients.age import age_years
from patients.banner import active_allergies, group_names
from patients.duplicates import on_file
from patients.exchange import parts
from patients.exchange.parts import Asked
from patients.exchange.person import birth_words
from patients.exchange.sources import Page, Source, by_key
from patients.models import AllergyStatus, Export, Patient
from security.permissions import P


@dataclass(frozen=True)
class Element:
    """One column: what the standard calls it, and where our value comes from."""

    key: str
    name: str  # the standard's, in Chinese
    identifier: str
    code_set: str
    source: str
    status: str  # S: as public implementations of WS/T 500 have it, M: from memory


@dataclass(frozen=True)
class Period:
    """Whose visits, of which days."""

    since: date
    until: date
    asked: Asked

    @property
    def only(self):
        """The one doctor whose visits are given; None: everybody's."""
        return None if self.asked.by.has_perm(P.READ_DAY_LOG) else self.asked.by


@dataclass(frozen=True)
class DataSet:
    """One table. `rows(period)` is a queryset, `write(found, period)` a dict of each, by key."""

    key: str
    title: object
    standard: str
    order: int
    elements: tuple[Element, ...]
    rows: Callable
    write: Callable[[list, Period], list[dict]]
    patient_of: Callable


_sets: dict[str, DataSet] = {}


def register(data_set: DataSet) -> None:
    """The same key replaces."""
    _sets[data_set.key] = data_set


def data_sets() -> list[DataSet]:
    return sorted(_sets.values(), key=lambda found: found.order)


@cache
def elements(file: Path, key: str) -> tuple[Element, ...]:
    """The columns of one set, as its file describes them."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row.pop("data_set") == key]
    return tuple(Element(**row) for row in rows)


def sources(export: Export) -> list[Source]:
    """The chosen sets, each a sheet in pieces."""
    details = export.details
    since, until = date.fromisoformat(details["since"]), date.fromisoformat(details["until"])
    period = Period(since, until, Asked(export.made_by))
    return [_source(found, period) for found in data_sets() if found.key in details["sets"]]


def _source(found: DataSet, period: Period) -> Source:
    rows = found.rows(period)

    def page(after: str | None, size: int) -> Page:
        some, last = by_key(rows, after, size)
        cells = [
            [row.get(element.key, "") for element in found.elements]
            for row in found.write(some, period)
        ]
        return Page(cells, last, [found.patient_of(row) for row in some])

    heading = [element.name for element in found.elements]
    return Source(str(found.title), heading, rows.count, page)


def dictionary(keys) -> Iterator[list]:
    """The columns in words, for a sheet and for the page."""
    yield [_("Data set"), _("Standard"), _("Column"), _("Identifier"), _("Code set")] + [
        _("Our field"),
        _("Status"),
    ]
    for found in data_sets():
        if found.key in keys:
            for element in found.elements:
                yield [str(found.title), found.standard, element.name, element.identifier] + [
                    element.code_set,
                    element.source,
                    status_word(element.status),
                ]


def status_word(status: str) -> str:
    if status == "S":
        return _("compared with public implementations of WS/T 500")
    return _("from memory, compare with the standard before use")


FILE = Path(__file__).parent.parent / "data" / "data_sets.csv"


def persons(period: Period):
    """Files in force: whoever was seen in the period."""
    seen = Q()
    for ids in parts.visited(period.since, period.until, by=period.only):
        seen |= Q(pk__in=ids)
    return on_file().filter(seen)


def write_persons(found: list[Patient], period: Period) -> list[dict]:
    """Answers of the form as codes; what several may hold is joined by a semicolon."""
    files = Patient.objects.select_related("basics", "created_by")
    files = files.prefetch_related("allergies", "histories")
    whole = files.in_bulk([patient.pk for patient in found])
    names, today = group_names(), timezone.localdate()
    return [_person(whole[patient.pk], names, today) for patient in found]


def _person(patient: Patient, names: dict, today: date) -> dict:
    form = getattr(patient, "basics", None)
    answers = form.answers if form else {}
    allergies = active_allergies(patient, names)
    standing = [row for row in patient.histories.all() if row.state == "active"]
    return {
        "organisation": institution().code,
        "organisation_name": institution().name,
        "health_no": patient.health_no,
        "record_no": patient.record_no,
        "name": patient.name,
        "sex": patient.sex,
        "birth_date": birth_words(patient),
        "age": age_years(patient.birth_date, today),
        "id_type": patient.id_type,
        "id_number": patient.id_number,
        "phone": patient.phone,
        "address": patient.address,
        "contact_name": patient.contact_name,
        "contact_phone": patient.contact_phone,
        "workplace": form.workplace if form else "",
        "payment": patient.get_payment_display(),
        "allergy_flag": flag(patient.allergy_status),
        "allergies": "；".join(a["label"] for a in allergies),
        "past": "；".join(_history(r) for r in standing if r.kind != "family"),
        "family": "；".join(_history(r) for r in standing if r.kind == "family"),
        "genetic": form.genetic if form else "",
        "opened_on": f"{timezone.localtime(patient.created_at):%Y-%m-%d}",
        "opened_by": patient.created_by.full_name,
        **{key: _joined(answers.get(key)) for key in ANSWERS},
    }


def flag(allergy_status: str) -> str:
    """0 none, 1 some; empty where nobody has asked (R-44)."""
    return {AllergyStatus.HAS: "1", AllergyStatus.DENIED: "0"}.get(allergy_status, "")


ANSWERS = ("ethnic", "marital", "education", "occupation", "residence", "abo", "rh", "exposure")
ANSWERS += ("disability",)


def _joined(answer) -> str:
    return ";".join(map(str, answer)) if isinstance(answer, list) else str(answer or "")


def _history(row) -> str:
    named = "family_disease" if row.kind == "family" else "past_disease"
    what = "，".join(filter(None, [codes.chinese(named, row.code) if row.code else "", row.text]))
    return f"{what}（{row.since}）" if row.since else what


def register_all() -> None:
    """Called when the app is ready."""
    register(
        DataSet(
            key="persons",
            title=gettext_lazy("Health records"),
            standard="WS 365-2011",
            order=10,
            elements=elements(FILE, "persons"),
            rows=persons,
            write=write_persons,
            patient_of=lambda patient: patient.pk,
        )
    )
