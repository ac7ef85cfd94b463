"""A month of one refrigerator: the table, and the plot as numbers for the template's SVG."""

import calendar
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.utils import timezone

from pharmacy import cold
from pharmacy.models import ColdUnit, TemperatureRecord

Slot = TemperatureRecord.Slot
WIDTH, HEIGHT = 960, 220
LEFT, RIGHT, TOP, BOTTOM = 40, 950, 12, 196


@dataclass
class Cell:
    """One slot of one day: all rows in their order, the last one counts."""

    day: date
    slot: str
    rows: list[TemperatureRecord] = field(default_factory=list)
    state: str = ""  # "missing" (late or forgotten), "waits" (still to be read), "" else

    @property
    def last(self) -> TemperatureRecord | None:
        return self.rows[-1] if self.rows else None

    @property
    def wrong(self) -> list[TemperatureRecord]:
        return self.rows[:-1]

    @property
    def slot_word(self) -> str:
        return Slot(self.slot).label


def cells_of(units: list[ColdUnit], first: date, last: date) -> dict[tuple, Cell]:
    """Every slot from `first` to `last` by (unit, day, slot), in one query."""
    rows = TemperatureRecord.objects.filter(
        unit__in=[unit.pk for unit in units], day__gte=first, day__lte=last
    )
    found = defaultdict(list)
    for row in rows.select_related("made_by").order_by("pk"):
        found[(row.unit_id, row.day, row.slot)].append(row)
    today = timezone.localdate()
    cells = {}
    for unit in units:
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            day = date.fromordinal(ordinal)
            for slot in Slot.values:
                key = (unit.pk, day, slot)
                state = "" if found.get(key) else _state(day, slot, today)
                cells[key] = Cell(day, slot, found.get(key, []), state)
    return cells


def _state(day: date, slot: str, today: date) -> str:
    if day > today:
        return ""
    return "missing" if day < today or cold.is_missing(slot) else "waits"


def today_of(units: list[ColdUnit]) -> list[dict]:
    """Every refrigerator with its two slots of today."""
    today = timezone.localdate()
    cells = cells_of(units, today, today)
    return [
        {"unit": unit, "cells": [cells[(unit.pk, today, slot)] for slot in Slot.values]}
        for unit in units
    ]


def month_of(text: str) -> date:
    """The first day of the month asked for as 2026-11, else of this month."""
    try:
        asked = date.fromisoformat(f"{text}-01")
    except ValueError:
        asked = timezone.localdate().replace(day=1)
    return min(max(asked, date(2000, 1, 1)), timezone.localdate().replace(day=1))


def month(unit: ColdUnit, first: date) -> dict:
    """The table's days and the plot of one month."""
    days = calendar.monthrange(first.year, first.month)[1]
    last = first.replace(day=days)
    cells = cells_of([unit], first, last)
    rows = [
        [cells[(unit.pk, first.replace(day=number), slot)] for slot in Slot.values]
        for number in range(1, days + 1)
    ]
    read = [cell for pair in rows for cell in pair if cell.last]
    # A refrigerator is taken into use some day: nothing was missing before its first reading.
    start = _first_day(unit)
    for pair in rows:
        for cell in pair:
            if start is None or cell.day < start:
                cell.state = ""
    return {
        "days": [{"day": pair[0].day, "cells": pair} for pair in rows],
        "outside": sum(not cell.last.in_range for cell in read),
        "missing": sum(cell.state == "missing" for pair in rows for cell in pair),
        "read": len(read),
        "plot": plot(unit, [cell for pair in rows for cell in pair]),
    }


def _first_day(unit: ColdUnit) -> date | None:
    return unit.readings.order_by("day").values_list("day", flat=True).first()


def plot(unit: ColdUnit, cells: list[Cell]) -> dict:
    """Geometry of the drawing: limits, grid, line and points, all as plain numbers."""
    values = [float(cell.last.celsius) for cell in cells if cell.last]
    low, high = float(unit.low), float(unit.high)
    bottom, top = min([low, *values]) - 2, max([high, *values]) + 2
    step = (RIGHT - LEFT) / len(cells)

    def y(celsius: float) -> float:
        return round(BOTTOM - (celsius - bottom) / (top - bottom) * (BOTTOM - TOP), 1)

    points = [
        {
            "x": round(LEFT + (place + 0.5) * step, 1),
            "y": y(float(cell.last.celsius)),
            "inside": cell.last.in_range,
            "celsius": cell.last.celsius,
        }
        for place, cell in enumerate(cells)
        if cell.last
    ]
    for point in points:
        point["left"], point["top"] = round(point["x"] - 3.5, 1), round(point["y"] - 3.5, 1)
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "right": RIGHT,
        "bottom": BOTTOM,
        "limits": [{"y": y(low), "celsius": unit.low}, {"y": y(high), "celsius": unit.high}],
        "days": [
            {"x": round(LEFT + (number * 2 + 1) * step, 1), "number": number + 1}
            for number in range(len(cells) // 2)
            if number == 0 or (number + 1) % 5 == 0
        ],
        "line": " ".join(f"{point['x']},{point['y']}" for point in points),
        "points": points,
        "last": points[-1]["celsius"] if points else None,
    }
