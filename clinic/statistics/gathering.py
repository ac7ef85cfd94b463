"""From the records to tallies: a fixed number of queries, plain columns only.

What is encrypted is never read: a month of ten thousand visits decrypts nothing. The rows are read
whole: in pages the number of queries would grow with them.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Count, Q
from django.utils import timezone

from clinic.core.days import day_after, moment
from clinic.core.models import Opinion
from clinic.statistics import hiding
from clinic.statistics.figures import SATISFIED
from clinic.statistics.spans import DAY, MONTH, Span, span_of, whole
from clinic.statistics.tallies import Tally
from patients.completeness import incomplete
from patients.models import Patient
from pharmacy.takes.result import posted_between
from prescriptions.evaluation.gathering import FINISHED
from prescriptions.models import Evaluation, PaperPrescription, Prescription
from prescriptions.states import RxState
from registration.models import Registration
from registration.states import VisitState

VISITS, SHEETS = {"waiting", "consultation", "daily"}, {"electronic", "compliance", "allergies"}
CLINIC = 0  # stands for the clinic where a figure belongs to no doctor


class Found:
    """A tally for each span, figure and doctor."""

    def __init__(self):
        self._tallies: dict[tuple[Span, str], dict[int, Tally]] = defaultdict(dict)

    def at(self, span: Span, key: str, doctor: int) -> Tally:
        return self._tallies[span, key].setdefault(doctor, Tally())

    def of(self, span: Span, key: str) -> dict[int, Tally]:
        return self._tallies.get((span, key), {})


def gather(spans: list[Span], keys: Iterable[str]) -> Found:
    """All figures named, for spans that follow one another; completeness has a way of its own."""
    found, wanted = Found(), set(keys)
    if wanted & VISITS:
        _visits(found, spans)
    if wanted & SHEETS:
        _sheets(found, spans)
        _handwritten(found, spans)
    if "stock" in wanted:
        _takes(found, spans)
    if wanted & {"patients", "staff"}:
        _opinions(found, spans)
    return found


# --- visits ---------------------------------------------------------------------------------------

MOMENTS = ("checked_in_at", "registered_at", "first_called_at", "started_at", "finished_at")


def _visits(found: Found, spans: list[Span]) -> None:
    """A visit belongs to the day for which its number was given, also when it ends after it."""
    rows = Registration.objects.filter(day__gte=spans[0].since, day__lte=spans[-1].until)
    rows = rows.filter(Q(first_called_at__isnull=False) | Q(state=VisitState.FINISHED))
    rows = rows.exclude(state=VisitState.CANCELLED).order_by()
    fields = ("day", "session__clinician", "state", "away_seconds", *MOMENTS)
    spans_of: dict[date, Span | None] = {}
    worked: set[tuple[date, int]] = set()
    for day, doctor, state, away, came, registered, called, started, finished in rows.values_list(
        *fields
    ):
        if day not in spans_of:
            spans_of[day] = span_of(day, spans)
        span = spans_of[day]
        if span is None:
            continue
        _time(found.at(span, "waiting", doctor), came or registered, called)
        if state != VisitState.FINISHED:
            continue
        _time(found.at(span, "consultation", doctor), started, finished, away)
        daily = found.at(span, "daily", doctor)
        daily.n += 1
        if (day, doctor) not in worked:
            worked.add((day, doctor))
            daily.days += 1


def _time(tally: Tally, first: datetime | None, last: datetime | None, less: int = 0) -> None:
    """Of a number on paper the moments were typed in later: none is made of a negative time."""
    if first is None or last is None or last < first:
        return
    tally.n += 1
    tally.seconds.append(max(0, int((last - first).total_seconds()) - less))


# --- prescriptions --------------------------------------------------------------------------------


def _sheets(found: Found, spans: list[Span]) -> None:
    """A sheet belongs to the day on which it was handed in."""
    rows = Prescription.objects.filter(
        state__in=FINISHED,
        submitted_at__gte=moment(spans[0].since),
        submitted_at__lt=day_after(spans[-1].until),
    ).order_by()
    fields = ("consultation__clinician", "consultation", "submitted_at", "state")
    fields += ("evaluation__judged_at", "evaluation__result", "evaluation__allergy_asked")
    asked: dict[tuple[Span, int], dict] = defaultdict(dict)
    for doctor, visit, submitted, state, judged, result, was_asked in rows.values_list(*fields):
        span = span_of(timezone.localdate(submitted), spans)
        if span is None:
            continue
        if state != RxState.LAPSED:
            _count(found.at(span, "electronic", doctor), True)
        if judged is None:
            continue
        _count(found.at(span, "compliance", doctor), result == Evaluation.Result.REASONABLE)
        visits = asked[span, doctor]
        visits[visit] = visits.get(visit, True) and was_asked
    for (span, doctor), visits in asked.items():
        for was_asked in visits.values():
            _count(found.at(span, "allergies", doctor), not was_asked)


def _handwritten(found: Found, spans: list[Span]) -> None:
    rows = PaperPrescription.objects.filter(
        withdrawn_at__isnull=True, day__gte=spans[0].since, day__lte=spans[-1].until
    )
    for day, doctor, codes in rows.values_list("day", "clinician", "codes"):
        span = span_of(day, spans)
        if span is not None:
            _count(found.at(span, "electronic", doctor), False)
            _count(found.at(span, "compliance", doctor), not codes)


def _count(tally: Tally, counts: bool) -> None:
    tally.n += 1
    tally.part += counts


# --- the clinic as a whole ------------------------------------------------------------------------


def _takes(found: Found, spans: list[Span]) -> None:
    rows = posted_between(spans[0].since, spans[-1].until).order_by()
    for posted, counted, right in rows.values_list("posted_at", "counted", "right"):
        span = span_of(timezone.localdate(posted), spans)
        if span is not None:
            tally = found.at(span, "stock", CLINIC)
            tally.n += counted or 0
            tally.part += right or 0


def _opinions(found: Found, spans: list[Span]) -> None:
    """In batches of at least five answers: the difference of two spans tells no single one.

    Of days (the staff's: months) that are over; else who watches the page sees each answer come.
    """
    today = timezone.localdate()
    rows = Opinion.objects.filter(day__lt=today).values_list("asked", "day", "score")
    steps: dict[str, dict[Span, Tally]] = {"patients": {}, "staff": {}}
    for asked, day, score, count in rows.annotate(count=Count("pk")).order_by("day"):
        key = "staff" if asked == Opinion.Asked.STAFF else "patients"
        step = whole(MONTH if key == "staff" else DAY, day)
        if step.until < today:
            part = count * (score >= SATISFIED)
            steps[key].setdefault(step, Tally()).add(Tally(n=count, part=part))
    for key, tallies in steps.items():
        batches = hiding.batches({step: tally.n for step, tally in tallies.items()})
        for span in spans:
            held = {step for step in tallies if _holds(span, step)}
            shown = [step for batch in batches if held.issuperset(batch) for step in batch]
            if held and not shown:
                found.at(span, key, CLINIC).n = 1  # there are some, and too few
            for step in shown:
                found.at(span, key, CLINIC).add(tallies[step])


def _holds(span: Span, step: Span) -> bool:
    if step.kind == DAY:
        return span.since <= step.since <= span.until
    return whole(MONTH, span.since).since <= step.since <= span.until


def seen_by(span: Span, *, doctor: int | None = None, department: int | None = None):
    """The patients whom a doctor (this one, one of this department) saw in these days."""
    visits = Registration.objects.filter(
        day__gte=span.since, day__lte=span.until, started_at__isnull=False
    ).exclude(state=VisitState.CANCELLED)
    if doctor:
        visits = visits.filter(session__clinician=doctor)
    elif department:
        visits = visits.filter(session__clinician__department=department)
    return Patient.objects.filter(pk__in=visits.order_by().values("patient"))


def files(span: Span, **whose) -> Tally:
    """One query."""
    lacking = Count("pk", filter=incomplete())
    counted = seen_by(span, **whose).aggregate(n=Count("pk"), lacking=lacking)
    return Tally(n=counted["n"], part=counted["n"] - counted["lacking"])
