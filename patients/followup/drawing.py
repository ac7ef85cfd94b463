"""Values over time as geometry for the template: lines with their last value written beside."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from patients.followup.rules import number, pressure_line
from patients.models import CareKind, FollowUp

WIDTH, HEIGHT = 560, 170
LEFT, RIGHT, TOP, BOTTOM = 46, 500, 14, 144


@dataclass(frozen=True)
class Line:
    """One value: its line, its points, and the last one in words."""

    style: str  # a or b
    points: list[dict]

    @property
    def path(self) -> str:
        return " ".join(f"{one['x']},{one['y']}" for one in self.points)

    @property
    def last(self) -> dict:
        return self.points[-1]


@dataclass(frozen=True)
class Plot:
    title: object
    unit: str
    lines: list[Line]
    limits: list[dict]
    days: list[dict]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    bottom: int = BOTTOM


# Per kind: title, unit, values from the thicker line to the thinner, limits.
_PRESSURE = (_("Blood pressure"), "mmHg", ("systolic", "diastolic"))
_DRAWN = {
    CareKind.HYPERTENSION: [_PRESSURE],
    CareKind.DIABETES: [(_("Fasting glucose"), "mmol/L", ("glucose",))],
    CareKind.CHILD: [
        (_("Weight"), "kg", ("weight",)),
        (_("Length"), "cm", ("length",)),
        (_("Head circumference"), "cm", ("head",)),
    ],
    CareKind.PREGNANCY: [_PRESSURE, (_("Weight"), "kg", ("weight",))],
}


def plots(kind: str, done: Iterable[FollowUp], age: int) -> list[Plot]:
    """The plots of one file; a value measured once is no line yet."""
    rows = sorted(done, key=lambda row: row.done_on)
    drawn = []
    for title, unit, keys in _DRAWN.get(kind, []):
        series = [_series(rows, key) for key in keys]
        if any(len(one) > 1 for one in series):
            drawn.append(_plot(title, unit, [s for s in series if s], _limits(kind, keys, age)))
    return drawn


def _limits(kind: str, keys: tuple, age: int) -> list[Decimal]:
    if "systolic" in keys:
        lines = pressure_line(age) if kind == CareKind.HYPERTENSION else (140, 90)
        return [Decimal(line) for line in lines]
    return [Decimal(7)] if kind == CareKind.DIABETES else []


def _series(rows: list[FollowUp], key: str) -> list[tuple[date, Decimal]]:
    return [
        (row.done_on, value) for row in rows if (value := number(row.findings, key)) is not None
    ]


def _plot(title, unit: str, series: list, limits: list[Decimal]) -> Plot:
    values = [value for one in series for _day, value in one] + limits
    low, high = min(values), max(values)
    edge = (high - low) / 10 or Decimal(1)
    low, high = low - edge, high + edge
    days = sorted({day for one in series for day, _value in one})
    span = max((days[-1] - days[0]).days, 1)

    def x(day: date) -> float:
        return round(LEFT + (RIGHT - LEFT) * (day - days[0]).days / span, 1)

    def y(value: Decimal) -> float:
        return round(BOTTOM - float((value - low) / (high - low)) * (BOTTOM - TOP), 1)

    lines = [
        Line(style, [{"x": x(day), "y": y(v), "value": v, "day": day} for day, v in one])
        for style, one in zip(("a", "b"), series, strict=False)
    ]
    shown = [days[0], days[-1]] if len(days) > 1 else days
    return Plot(
        title,
        unit,
        lines,
        [{"y": y(limit), "value": limit} for limit in limits],
        [{"x": x(day), "day": day} for day in shown],
    )
