"""Vital signs over time, as small plots with a table behind them (R-63, R-65)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.curves import Curves, Line, Size, curves
from patients.age import age_years
from patients.measured import at_follow_ups
from registration.chart import history
from registration.vitals import VITALS, as_text, standing_out

MOST = 60  # values of each plot, the newest
ADULT, OLD = 18, 65
WIDE, SMALL = Size(790, 190, left=46, right=112), Size(380, 118, left=46, right=96)


@dataclass(frozen=True)
class Kind:
    """One plot: which values, on what size."""

    key: str
    title: object
    values: tuple[str, ...]
    size: Size = SMALL


KINDS = [
    Kind("pressure", gettext_lazy("Blood pressure"), ("systolic", "diastolic"), WIDE),
    Kind("glucose", gettext_lazy("Blood glucose"), ("glucose",)),
    Kind("weight", gettext_lazy("Weight"), ("weight",)),
    Kind("temperature", gettext_lazy("Temperature"), ("temperature",)),
]


@dataclass(frozen=True)
class Trend:
    """A plot, and the same in a table."""

    kind: Kind
    unit: object
    plot: Curves
    rows: list[dict]
    labels: list

    @property
    def is_wide(self) -> bool:
        return self.kind.size is WIDE


def section(patient, request) -> dict | None:
    """Only what was measured; without any value the section is left out."""
    outside = [history.Visit(day, vitals=found) for day, found in at_follow_ups(patient)]
    visits = history.of(patient, request) + outside
    visits.sort(key=lambda visit: visit.day, reverse=True)
    years = age_years(patient.birth_date, timezone.localdate())
    found = [trend for kind in KINDS if (trend := _trend(kind, visits, years))]
    return {"trends": found} if found else None


def _trend(kind: Kind, visits: list[history.Visit], years: int) -> Trend | None:
    measured = [visit for visit in visits if any(key in visit.vitals for key in kind.values)]
    measured = measured[:MOST]
    if not measured:
        return None
    limits = limits_of(kind.key, years)
    unit = VITALS[kind.values[0]].unit
    lines = [_line(kind, key, measured, limits.get(key)) for key in kind.values]
    lines = [line for line in lines if line.points]
    return Trend(
        kind=kind,
        unit=unit,
        plot=curves(_spoken(kind, lines, unit, measured), lines, size=kind.size),
        rows=[_row(kind, visit) for visit in measured],
        labels=[VITALS[key].label for key in kind.values],
    )


def _line(kind: Kind, key: str, measured: list[history.Visit], limit: Decimal | None) -> Line:
    """Oldest first, as it is drawn."""
    points = [(v.day, Decimal(v.vitals[key])) for v in reversed(measured) if key in v.vitals]
    last = as_text(points[-1][1]) if points else ""
    word = f"{VITALS[key].label} {last}" if len(kind.values) > 1 else f"{last} {VITALS[key].unit}"
    limit_word = _("line %(limit)s") % {"limit": as_text(limit)} if limit is not None else ""
    return Line(points, word, limit, limit_word)


def limits_of(kind: str, years: int) -> dict[str, Decimal]:
    """The control lines of adults (R-63, R-65); of glucose that of a fasting person."""
    if years < ADULT:
        return {}
    if kind == "pressure":
        return {"systolic": Decimal(150 if years >= OLD else 140), "diastolic": Decimal(90)}
    return {"glucose": Decimal(7)} if kind == "glucose" else {}


def _spoken(kind: Kind, lines: list[Line], unit, measured: list[history.Visit]) -> str:
    """The plot in one sentence, for whoever doesn't see it."""
    return _(
        "%(what)s (%(unit)s), %(count)s values from %(first)s to %(last)s; latest %(value)s"
    ) % {
        "what": kind.title,
        "unit": unit,
        "count": len(measured),
        "first": _day(measured[-1].day),
        "last": _day(measured[0].day),
        "value": "/".join(as_text(line.points[-1][1]) for line in lines),
    }


def _row(kind: Kind, visit: history.Visit) -> dict:
    return {"day": visit.day, "cells": list(_cells(kind, visit))}


def _cells(kind: Kind, visit: history.Visit) -> Iterator[dict]:
    for key in kind.values:
        value = visit.vitals.get(key, "")
        mark = standing_out(key, Decimal(value)) if value else ""
        yield {"value": value, "mark": mark}


def _day(day: date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")
