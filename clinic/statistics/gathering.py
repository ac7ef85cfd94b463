"""From the records to tallies: a fixed number of queries, plain columns only.

What is encrypted is never read: a month of ten thousand visits decrypts nothing. The rows are read
whole: in pages the number of queries would grow with them.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from clinic.core.days import day_after, moment
from clinic.core.models import Opinion
from clinic.statistics import hiding
from clinic.statistics.columns import Seconds, number_of_day, number_of_moment
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


def _visits(found: Found, spans: list[Span]) -> None:
    """A visit belongs to the day for which its number was given, also when it ends after it."""
    rows = Registration.objects.filter(day__gte=spans[0].since, day__lte=spans[-1].until)
    rows = rows.filter(Q(first_called_at__isnull=False) | Q(state=VisitState.FINISHED))
    rows = rows.exclude(state=VisitState.CANCELLED).order_by()
    whose = (number_of_day("day", spans), F("session__clinician"))
    waited = Seconds(Coalesce("checked_in_at", "registered_at"), "first_called_at")
    took = Seconds("started_at", "finished_at")
    for number, doctor, state, waiting, length, away in rows.values_list(
        *whose, "state", waited, took, "away_seconds"
    ):
        if number is None:
            continue
        _time(found.at(spans[number], "waiting", doctor), waiting)
        if state == VisitState.FINISHED:
            _time(found.at(spans[number], "consultation", doctor), length, away)
    _daily(found, spans, rows.filter(state=VisitState.FINISHED).values_list(*whose))


def _time(tally: Tally, seconds: int | None, less: int = 0) -> None:
    """Of a number on paper the moments were typed in later: none is made of a negative time."""
    if seconds is None or seconds < 0:
        return
    tally.n += 1
    tally.seconds.append(max(0, int(seconds) - less))


def _daily(found: Found, spans: list[Span], finished: QuerySet) -> None:
    counts = finished.annotate(visits=Count("pk"), days=Count("day", distinct=True))
    for number, doctor, visits, days in counts:
        if number is not None:
            found.at(spans[number], "daily", doctor).add(Tally(n=visits, days=days))


# --- prescriptions --------------------------------------------------------------------------------


def _sheets(found: Found, spans: list[Span]) -> None:
    """A sheet belongs to the day on which it was handed in. Counted by the database."""
    rows = Prescription.objects.filter(
        state__in=FINISHED,
        submitted_at__gte=moment(spans[0].since),
        submitted_at__lt=day_after(spans[-1].until),
    ).order_by()
    judged = Q(evaluation__judged_at__isnull=False)
    not_asked = judged & Q(evaluation__allergy_asked=False)
    counts = rows.values_list(
        number_of_moment("submitted_at", spans), "consultation__clinician"
    ).annotate(
        handed_out=Count("pk", filter=~Q(state=RxState.LAPSED)),
        judged=Count("pk", filter=judged),
        right=Count("pk", filter=judged & Q(evaluation__result=Evaluation.Result.REASONABLE)),
        visits=Count("consultation", distinct=True, filter=judged),
        missed=Count("consultation", distinct=True, filter=not_asked),
    )
    for number, doctor, handed_out, judged, right, visits, missed in counts:
        if number is None:
            continue
        span = spans[number]
        for key, n, part in (
            ("electronic", handed_out, handed_out),
            ("compliance", judged, right),
            ("allergies", visits, missed),
        ):
            if n:
                found.at(span, key, doctor).add(Tally(n=n, part=part))


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
