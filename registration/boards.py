"""What lists show: the desk's patients of today, the doctor's queue, the waiting-room screen.

Everything here reads, in a number of queries that does not grow with the rows.
"""

import datetime
from dataclasses import dataclass, field
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registration import desk, lines, queue, quota, scheduling
from registration.models import Clinician, Registration, Session
from registration.states import NOT_BEGUN, WITH_DOCTOR, VisitState

PER_PAGE = 40
STATIONS = {
    VisitState.BOOKED: 1,
    VisitState.WAITING: 2,
    VisitState.CALLED: 2,
    VisitState.MISSED: 2,
    VisitState.IN_CONSULTATION: 3,
    VisitState.EXAM: 3,
}
# What the desk has to look at comes first, what is over comes last.
ORDER = [
    {VisitState.CALLED},
    {VisitState.IN_CONSULTATION, VisitState.EXAM},
    {VisitState.WAITING},
    {VisitState.MISSED},
    {VisitState.BOOKED},
    {VisitState.FINISHED},
]
FILTERS = {
    "waiting": (gettext_lazy("Waiting"), {VisitState.WAITING, VisitState.CALLED}),
    "consulting": (gettext_lazy("In consultation"), WITH_DOCTOR),
    "missed": (gettext_lazy("Passed over"), {VisitState.MISSED}),
    "booked": (gettext_lazy("Not checked in"), {VisitState.BOOKED}),
    "finished": (gettext_lazy("Finished"), {VisitState.FINISHED}),
}


@dataclass
class Row:
    """One patient of today, as the desk sees them."""

    visit: Registration
    age: str
    station: int
    word: str
    place: str = ""
    waited: int | None = None
    is_late: bool = False
    is_called: bool = False
    actions: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Today:
    """The desk's list: the rows of one page, the filters with their numbers."""

    page: Page
    rows: list[Row]
    filters: list[dict]


@dataclass(frozen=True)
class Offer:
    """A session somebody can be registered for."""

    session: Session
    waiting: int  # for its doctor, whatever the session: all of them are called before
    left: int

    @property
    def note(self) -> str:
        if self.left <= 0:
            return _("waiting %(waiting)s, full") % {"waiting": self.waiting}
        return _("waiting %(waiting)s, left %(left)s") % {
            "waiting": self.waiting,
            "left": self.left,
        }


def today(*, at: str = "", page: str | None = None) -> Today:
    """Today's patients, those of one filter or all."""
    day = timezone.localdate()
    visits = Registration.objects.filter(day=day)
    numbers = dict(visits.order_by().values_list("state").annotate(Count("pk")))
    filters = [_filter("", _("All"), sum(numbers.values()), at)]
    for key, (label, states) in FILTERS.items():
        filters.append(_filter(key, label, sum(numbers.get(state, 0) for state in states), at))
    if at in FILTERS:
        visits = visits.filter(state__in=FILTERS[at][1])
    keys, ahead = _in_order(visits)
    shown = Paginator(keys, PER_PAGE).get_page(page)
    visits = Registration.objects.filter(pk__in=list(shown.object_list))
    visits = visits.select_related("patient", "session__clinician__user", "session__room")
    found = {visit.pk: visit for visit in visits}
    rows = _rows([found[pk] for pk in shown.object_list if pk in found], ahead)
    return Today(page=shown, rows=rows, filters=filters)


def _in_order(visits: QuerySet[Registration]) -> tuple[list[UUID], dict[UUID, int]]:
    """These visits as the desk lists them, and how many are ahead of each one who waits.

    Of those who wait nobody stands above a person of the same doctor who is called before them:
    first whoever is next for each doctor, then the second ones (R-91).
    """
    ranks = [When(state__in=states, then=Value(n)) for n, states in enumerate(ORDER)]
    visits = visits.annotate(rank=Case(*ranks, default=Value(len(ORDER))))
    visits = visits.order_by("rank", "session__starts", "-priority", "checked_in_at", "number")
    spots = list(visits.values_list("pk", "rank", "session__clinician"))
    found = queue.lines_of(sorted({doctor for _pk, _rank, doctor in spots}))
    ahead = {visit.pk: place for line in found.values() for place, visit in enumerate(line)}
    last = len(ahead)  # whoever waits for a stopped session is called by nobody
    spots.sort(key=lambda spot: (spot[1], ahead.get(spot[0], last)))
    return [pk for pk, _rank, _doctor in spots], ahead


def offers() -> list[Offer]:
    """The sessions open now, with how many wait and how many numbers are left."""
    sessions = scheduling.open_sessions_now()
    in_use = quota.taken_of(sessions)
    waiting = lines.count_waiting()
    return [
        Offer(one, waiting.get(one.clinician_id, 0), quota.left_on_site(one, in_use[one.pk]))
        for one in sessions
    ]


def soonest(offered: list[Offer]) -> list[Offer]:
    """Of each doctor the part of the day that comes first and still has numbers.

    A full one before it stays, so that nobody searches for it.
    """
    found, shown = set(), []
    for offer in offered:
        if offer.session.clinician_id in found:
            continue
        shown.append(offer)
        if offer.left > 0:
            found.add(offer.session.clinician_id)
    return shown


def queue_of(clinician: Clinician) -> dict:
    """A doctor's column: who is in, who was called, who waits, who was passed over or sent on."""
    sessions = list(queue.sessions_today(clinician))
    mine = Registration.objects.filter(session__clinician=clinician)
    day = timezone.localdate()
    states = [*WITH_DOCTOR, VisitState.CALLED, VisitState.MISSED, VisitState.FINISHED]
    others = mine.filter(Q(day=day, state__in=states) | Q(state__in=WITH_DOCTOR))
    others = others.select_related("patient", "consultation", "session")
    others = list(others.order_by("day", "number"))
    finished = [visit for visit in others if visit.state == VisitState.FINISHED]
    return {
        "notices": desk.notices(clinician.user),
        "inside": [visit for visit in others if visit.state == VisitState.IN_CONSULTATION],
        "exam": [visit for visit in others if visit.state == VisitState.EXAM],
        "called": next((visit for visit in others if visit.state == VisitState.CALLED), None),
        "line": queue.line_of(clinician),
        "missed": [visit for visit in others if visit.state == VisitState.MISSED],
        "finished": finished,
        "seen": len(finished),
        "paused_at": next((s.paused_at for s in sessions if s.paused_at), None),
        "stopped": next((s for s in sessions if s.stopped_at), None),
    }


def queue_patients(board: dict) -> list:
    """The ids of everybody whose name the column shows."""
    visits = [*board["inside"], *board["exam"], *board["line"], *board["missed"]]
    visits += [board["called"]] if board["called"] else []
    return [visit.patient_id for visit in visits]


def _filter(key: str, label, count: int, at: str) -> dict:
    return {"key": key, "label": label, "count": count, "current": key == at}


def _rows(visits: list[Registration], ahead: dict[UUID, int]) -> list[Row]:
    now = timezone.now()
    on = timezone.localdate()
    places = desk.whereabouts([v for v in visits if v.state == VisitState.FINISHED])
    return [_row(visit, ahead.get(visit.pk), places.get(visit.pk), now, on) for visit in visits]


def _row(
    visit: Registration, ahead: int | None, place: desk.Place | None, now, on: datetime.date
) -> Row:
    row = Row(
        visit=visit,
        age=visit.patient.age_on(on),
        station=place.station if place else STATIONS.get(visit.state, 0),
        word=str(place.word) if place else visit.get_state_display(),
        waited=_minutes(visit, now),
        is_late=visit.state == VisitState.MISSED,
        is_called=visit.state in {VisitState.CALLED, *WITH_DOCTOR},
        actions=_actions(visit),
    )
    if ahead == 0:
        row.place = _("next")
    elif ahead is not None:
        row.place = _("%(count)s ahead") % {"count": ahead}
    elif visit.state in {VisitState.CALLED, *WITH_DOCTOR}:
        row.place = visit.session.room.name
    elif visit.state == VisitState.MISSED:
        row.place = _("called %(times)s times") % {"times": visit.called_times}
    elif visit.state == VisitState.CANCELLED:
        row.place = visit.get_cancel_reason_display()
    return row


def _minutes(visit: Registration, now) -> int | None:
    """How long the patient has waited for the first call, or had to wait (R-105)."""
    if visit.checked_in_at is None or visit.state not in {*NOT_BEGUN, *WITH_DOCTOR}:
        return None
    until = visit.first_called_at if visit.state in WITH_DOCTOR else None
    return max(int(((until or now) - visit.checked_in_at).total_seconds() // 60), 0)


def _actions(visit: Registration) -> set[str]:
    """What the desk can do next with this visit; the views ask for the permission."""
    found = set()
    if visit.state == VisitState.BOOKED:
        found.add("check_in")
    if visit.state in {VisitState.MISSED, VisitState.EXAM}:
        found.add("recall")
    if visit.state in {VisitState.WAITING, VisitState.CALLED}:
        found.add("print")
    if visit.state in NOT_BEGUN and visit.started_at is None:
        found |= {"cancel", "vitals"}
    return found
