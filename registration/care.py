"""Who takes care of whom, and what was found at earlier visits."""

from collections.abc import Iterable
from datetime import date
from functools import cache
from uuid import UUID

from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from clinic.core.prepared import prepared
from patients.records import Recent
from registration import guarded
from registration.models import Consultation, Registration
from registration.parts import DATES, TEXTS
from registration.states import LIVE, VisitState
from registration.vitals import shown

MOST_VISITS = 10


@prepared
def _treated(patient: UUID, doctor: int):
    rows = Consultation.objects.filter(
        patient=patient, clinician__user=doctor, started_at__isnull=False
    )
    return rows.values_list("pk", flat=True)[:1]


def is_treating(user, patient: UUID) -> bool:
    """True for the doctor of an open visit or of an earlier consultation (R-143)."""
    if _treated(patient, user.pk):
        return True
    mine = Registration.objects.filter(
        patient=patient, session__clinician__user=user, state__in=LIVE
    )
    # A number the doctor gave opens no file until the patient has come to the desk.
    return mine.exclude(registered_by=user, state=VisitState.BOOKED).exists()


def past_visits(patient, *, user, limit: int = MOST_VISITS, but=None) -> list[Consultation]:
    """The latest consultations, newest first, for reading by `user` only (see `for_reading`)."""
    found = visits_of(patient)
    if but is not None:
        found = found.exclude(pk=but.pk)
    return for_reading(found[:limit], user=user)


def visits_of(patient):
    """All consultations that were begun, the newest first."""
    found = Consultation.objects.filter(patient=patient, started_at__isnull=False)
    found = found.select_related("clinician__user", "clinician__department", "registration")
    return found.prefetch_related("diagnoses").order_by("-started_at", "-pk")


def for_reading(
    visits: Iterable[Consultation], *, user, standing: dict | None = None
) -> list[Consultation]:
    """Each with its standing diagnoses and vital signs, for reading by `user` only.

    `standing`: the diagnoses of each by its key, from callers that have read them.

    Of a guarded record that is not theirs nothing medical is left in it, and `is_closed` says so
    (R-140).
    """
    visits, reader = list(visits), guarded.Reader(user)
    for visit in visits:
        visit.standing = (
            [d for d in visit.diagnoses.all() if d.removed_at is None]
            if standing is None
            else [*standing.get(visit.pk, [])]
        )
        visit.measured = shown(visit.vitals)
        visit.is_guarded = guarded.is_guarded(visit, [d.code for d in visit.standing])
        visit.is_closed = visit.is_guarded and not reader.may_see(visit)
        if visit.is_closed:
            visit.standing, visit.measured, visit.vitals = [], [], None
            for name in (*TEXTS, *DATES):
                setattr(visit, name, None)
    return visits


def last_visit(patient) -> Consultation | None:
    """The latest consultation, for the desk: when and with whom, nothing medical."""
    found = Consultation.objects.filter(patient=patient, started_at__isnull=False)
    found = found.select_related("clinician__user").only(
        "started_at", "clinician__letter", "clinician__user__full_name"
    )
    return found.order_by("-started_at").first()


def next_appointment(patient) -> Registration | None:
    """The nearest number for a later day that the patient holds (R-104)."""
    later = Registration.objects.filter(
        patient=patient, day__gt=timezone.localdate(), state=VisitState.BOOKED
    )
    return later.select_related("session__clinician__user").order_by("day", "slot").first()


@prepared
def _own_open(patient: UUID, doctor: int):
    found = Consultation.objects.filter(
        patient=patient, clinician__user=doctor, started_at__isnull=False, finished_at__isnull=True
    )
    return found.order_by("-started_at").values_list("pk", flat=True)[:1]


def own_record_url(patient, user) -> str:
    """The open record of the doctor who has this patient inside now; else nothing."""
    pk = _own_open.first(patient, user.pk)
    return f"{reverse('consultation', args=[pk])}?at=after" if pk else ""


def open_record_url(patient, user) -> str:
    """Where the doctor goes on who has this patient inside now; else the queue."""
    return own_record_url(patient, user) or reverse("queue")


def last_visit_days(patients: list[UUID]) -> dict[UUID, date]:
    """The day on which each of them last saw a doctor, in one query."""
    return dict(_last_days(patients))


@prepared
def _last_days(patients: list[UUID]):
    seen = Registration.objects.filter(patient__in=patients, started_at__isnull=False)
    return seen.order_by().values_list("patient").annotate(Max("day"))


def recent_visits(limit: int, named: bool) -> list[Recent]:
    """Who was registered last, up to today; of the days to come nobody."""
    return [Recent(*row) for row in _latest(limit, named)(timezone.localdate())]


@cache
def _latest(limit: int, named: bool):
    columns = ("patient__name", "patient__reading") if named else ()

    @prepared
    def rows(today: date):
        visits = Registration.objects.filter(day__lte=today).order_by("-day")
        return _beginning_here(visits.values_list("patient", "day", *columns))[:limit]

    return rows


def _beginning_here(visits):
    """Outer joins, though there is always a patient: MariaDB keeps their order. It would begin with
    all patients otherwise, and sort all visits for the last ones (200,000: 160 ms for 3)."""
    joins = visits.query.alias_map
    for alias, join in joins.items():
        if join.join_type:
            joins[alias] = join.promote()
    return visits


def has_open_visit(patient) -> bool:
    """True while somebody waits or is with a doctor: the file is in use."""
    return Registration.objects.filter(patient=patient, state__in=LIVE).exists()


def guarded_url(patient: UUID, back: str) -> str:
    """Where a guarded record is asked for; the answer leads back."""
    query = urlencode({"secret": 1, "next": back})  # nosec B105 # a tick of the form, no password
    return f"{reverse('break_glass', args=[patient])}?{query}"
