"""The registration report (R-165): how many numbers were given, how, and what became of them."""

from collections import Counter, defaultdict
from decimal import Decimal

from django.db.models import Count
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clinic.core.plots import Plot, bars
from registration.models import Period, Registration
from registration.reports import absent, names
from registration.reports.table import NUMBER, SHORT, Asked, Column, Report, Row, Table
from registration.states import WITH_DOCTOR, VisitState

Source = Registration.Source
SEEN = {VisitState.FINISHED, *WITH_DOCTOR}
OVER = {VisitState.CANCELLED, VisitState.LAPSED}
COUNTED = ["all", Source.DESK, Source.ONLINE, Source.PAPER, "added", "seen", "open"]
COUNTED += [VisitState.CANCELLED, VisitState.LAPSED]
PERIODS = list(Period.values)


def visits(asked: Asked) -> Table:
    """One row for each doctor and part of the day, or for each day."""
    by_day = asked.group == "day"
    sums: dict[tuple, Counter] = defaultdict(Counter)
    days: Counter = Counter()
    for day, doctor, period, *what, count in _counted(asked):
        key = (day,) if by_day else (doctor, PERIODS.index(period))
        for name in _kinds(*what):
            sums[key][name] += count
        days[day] += count
    rows = _by_day(sums) if by_day else _by_doctor(sums)
    whole = sum(sums.values(), Counter())
    lead = [Column(_("Date"), SHORT)] if by_day else _doctor_columns()
    return Table(
        columns=[*lead, *_count_columns()],
        rows=rows,
        total=[_("Total"), *[""] * (len(lead) - 1), *_cells(whole)] if rows else None,
        plot=_plot(days) if len(days) > 1 else None,
        notes=_notes(asked) if rows else [],
        empty=_("Nobody was registered in this period."),
    )


def _counted(asked: Asked):
    """(day, doctor, part of the day, source, added, state, how many); one query."""
    rows = Registration.objects.filter(day__gte=asked.since, day__lte=asked.until)
    fields = ["day", "session__clinician", "session__period", "source", "added", "state"]
    return rows.values_list(*fields).annotate(count=Count("pk")).order_by()


def _kinds(source: str, added: bool, state: str) -> list[str]:
    """Under which of the counts such a number falls."""
    fate = "seen" if state in SEEN else state if state in OVER else "open"
    return ["all", source, fate, *(["added"] if added else [])]


def _cells(counts: Counter) -> list[int]:
    return [counts[name] for name in COUNTED]


def _by_doctor(sums: dict[tuple, Counter]) -> list[Row]:
    doctors = names.of_doctors(doctor for doctor, _period in sums)
    return [
        Row([doctors[doctor], Period(PERIODS[period]).label, *_cells(counts)])
        for (doctor, period), counts in sorted(
            sums.items(), key=lambda item: (doctors[item[0][0]], item[0])
        )
    ]


def _by_day(sums: dict[tuple, Counter]) -> list[Row]:
    return [Row([date_format(day), *_cells(counts)]) for (day,), counts in sorted(sums.items())]


def _doctor_columns() -> list[Column]:
    return [Column(_("Doctor"), SHORT), Column(_("Part of the day"), SHORT)]


def _count_columns() -> list[Column]:
    words = [
        _("Numbers given"),
        _("At the desk"),
        _("Online"),
        _("On paper"),
        _("Added numbers"),
        _("Seen by the doctor"),
        _("Not seen yet"),
        _("Registration cancelled"),
        _("Lapsed"),
    ]
    return [Column(word, NUMBER) for word in words]


def _plot(days: Counter) -> Plot:
    values = [(f"{day:%m-%d}", Decimal(count), "") for day, count in sorted(days.items())]
    return bars(_("Numbers given each day"), values)


def _notes(asked: Asked) -> list[str]:
    """Why numbers were cancelled, and how many did not come."""
    cancelled = Registration.objects.filter(
        day__gte=asked.since, day__lte=asked.until, state=VisitState.CANCELLED
    )
    reasons = cancelled.values_list("cancel_reason").annotate(count=Count("pk"))
    words = [f"{_reason(reason)} {count}" for reason, count in reasons.order_by("-count")]
    notes = [_("Cancelled because: %(reasons)s") % {"reasons": "，".join(words)}] if words else []
    missed = absent.count(asked)
    if missed:
        notes.append(
            ngettext(
                "%(count)s person with a promised time did not come.",
                "%(count)s people with a promised time did not come.",
                missed,
            )
            % {"count": missed}
        )
    return notes


def _reason(reason: str) -> str:
    return str(dict(Registration.CancelReason.choices).get(reason, "–"))


VISITS = Report(
    "registration_report",
    gettext_lazy("Registration report"),
    gettext_lazy("Numbers given, how, and what became of them"),
    visits,
    groups=(("", gettext_lazy("By doctor")), ("day", gettext_lazy("By day"))),
)
