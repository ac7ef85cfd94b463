"""How long people waited and how long they were with the doctor, by doctor and hour (R-105).

Waiting is from the check-in, or the registration where there is none, to the first call; the
consultation from its start to its end, an examination in between included.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.plots import Plot, bars
from registration.models import Registration
from registration.reports import names
from registration.reports.table import NONE, NUMBER, SHORT, Asked, Column, Report, Row, Table

TENTH = Decimal("0.1")


@dataclass
class Times:
    """Seconds waited and seconds with the doctor, of each visit."""

    waited: list[int] = field(default_factory=list)
    inside: list[int] = field(default_factory=list)

    def cells(self) -> list:
        return [*_figures(self.waited), *_figures(self.inside)]


def _figures(seconds: list[int]) -> list:
    return [len(seconds), minutes(median(seconds)), minutes(p90(seconds))]


def median(seconds: list[int]) -> Decimal | None:
    """The one in the middle; of two in the middle the mean."""
    if not seconds:
        return None
    ordered, half = sorted(seconds), len(seconds) // 2
    if len(ordered) % 2:
        return Decimal(ordered[half])
    return Decimal(ordered[half - 1] + ordered[half]) / 2


def p90(seconds: list[int]) -> Decimal | None:
    """The smallest that at least nine in ten did not exceed (nearest rank)."""
    if not seconds:
        return None
    return Decimal(sorted(seconds)[-(-len(seconds) * 9 // 10) - 1])


def minutes(seconds: Decimal | None):
    return NONE if seconds is None else (seconds / 60).quantize(TENTH, ROUND_HALF_UP)


def times(asked: Asked) -> Table:
    """One row for each doctor, each hour of the check-in, or each doctor and hour."""
    groups: dict[tuple, Times] = defaultdict(Times)
    hours: dict[int, Times] = defaultdict(Times)
    whole = Times()
    for doctor, came, called, started, finished in _moments(asked):
        hour = timezone.localtime(came).hour
        for found in (groups[_key(asked.group, doctor, hour)], hours[hour], whole):
            _add(found.waited, came, called)
            _add(found.inside, started, finished)
    lead = _lead(asked.group)
    rows = _rows(asked.group, groups)
    return Table(
        columns=[*lead, *_measures()],
        rows=rows,
        total=[_("Total"), *[""] * (len(lead) - 1), *whole.cells()] if rows else None,
        plot=_plot(hours) if whole.waited else None,
        empty=_("Nobody was called in this period."),
    )


def _moments(asked: Asked) -> Iterable[tuple]:
    """(doctor, came, called, started, finished) of everybody who was called; one query."""
    called = Registration.objects.filter(
        day__gte=asked.since, day__lte=asked.until, first_called_at__isnull=False
    )
    fields = ["checked_in_at", "registered_at", "first_called_at", "started_at", "finished_at"]
    for doctor, came, registered, *rest in called.values_list("session__clinician", *fields):
        yield doctor, came or registered, *rest


def _add(to: list[int], first: datetime | None, last: datetime | None) -> None:
    """Of a number on paper the moments were typed in later: none is made of a negative time."""
    if first is not None and last is not None and last >= first:
        to.append(int((last - first).total_seconds()))


def _key(group: str, doctor: int, hour: int) -> tuple:
    return {"hour": (hour,), "both": (doctor, hour)}.get(group, (doctor,))


def _rows(group: str, groups: dict[tuple, Times]) -> list[Row]:
    if group == "hour":
        hours = sorted(groups.items())
        return [Row([hour_words(hour), *found.cells()]) for (hour,), found in hours]
    doctors = names.of_doctors(key[0] for key in groups)
    ordered = sorted(groups.items(), key=lambda item: (doctors[item[0][0]], item[0]))
    return [
        Row([doctors[doctor], *map(hour_words, hour), *found.cells()])
        for (doctor, *hour), found in ordered
    ]


def hour_words(hour: int) -> str:
    return f"{hour:02d}:00–{hour + 1:02d}:00"


def _lead(group: str) -> list[Column]:
    doctor, hour = Column(_("Doctor"), SHORT), Column(_("Hour of check-in"), SHORT)
    return {"hour": [hour], "both": [doctor, hour]}.get(group, [doctor])


def _measures() -> list[Column]:
    words = [
        _("People called"),
        _("Waited, median, min"),
        _("Waited, P90, min"),
        _("Consulted"),
        _("Consultation, median, min"),
        _("Consultation, P90, min"),
    ]
    return [Column(word, NUMBER) for word in words]


def _plot(hours: dict[int, Times]) -> Plot:
    """Every hour from the first to the last, so that a quiet one is seen as quiet."""
    known = [hour for hour, found in hours.items() if found.waited]
    shown = range(min(known), max(known) + 1)
    found = [hours[hour].waited if hour in hours else [] for hour in shown]
    values = [
        (f"{hour:02d}:00", (median(waited) or Decimal(0)) / 60, "")
        for hour, waited in zip(shown, found, strict=True)
    ]
    ticks = [p90(waited) / 60 if waited else None for waited in found]
    return bars(
        _("Minutes waited by hour of check-in: bar the median, line the 90th percentile"),
        values,
        most_labels=24,
        ticks=ticks,
    )


TIMES = Report(
    "waiting_times",
    gettext_lazy("Waiting times"),
    gettext_lazy("From check-in to the first call, and with the doctor"),
    times,
    groups=(
        ("", gettext_lazy("By doctor")),
        ("hour", gettext_lazy("By hour")),
        ("both", gettext_lazy("By doctor and hour")),
    ),
)
