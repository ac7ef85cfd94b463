"""Today's patients, one line each: where they are, and what this person can do next.

The same words and the same track on every list, whoever looks. In a number of queries that does
not grow with the rows.
"""

import datetime
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registration import desk, queue
from registration.desk import (
    DISPENSING,
    DONE,
    RETURNED,
    REVIEW,
    SKIN_TEST,
    TREATMENT,
    UNPAID,
    Place,
)
from registration.etag import etag_of
from registration.models import Registration
from registration.states import NOT_BEGUN, WITH_DOCTOR, VisitState

PER_PAGE = 40
OFF, BEHIND_ALL = 0, 6  # stations beside the five: left the journey, all of it behind
STATIONS = {
    VisitState.BOOKED: 1,
    VisitState.WAITING: 2,
    VisitState.CALLED: 2,
    VisitState.MISSED: 2,
    VisitState.IN_CONSULTATION: 3,
    VisitState.EXAM: 3,
    VisitState.FINISHED: BEHIND_ALL,
    VisitState.CANCELLED: OFF,
    VisitState.LAPSED: OFF,
}
# Whoever this person can do something for stands above the others; among them, and among the rest:
ORDER = [
    *(VisitState.CALLED, VisitState.IN_CONSULTATION, VisitState.MISSED, VisitState.EXAM),
    *(VisitState.WAITING, VisitState.BOOKED),
    *(RETURNED, SKIN_TEST, UNPAID, REVIEW, DISPENSING, TREATMENT),
    *(DONE, VisitState.CANCELLED, VisitState.LAPSED),
]
OVER = {DONE, VisitState.CANCELLED, VisitState.LAPSED}
WAITING = (gettext_lazy("Waiting"), {VisitState.WAITING, VisitState.CALLED})
INSIDE = (gettext_lazy("In consultation"), set(WITH_DOCTOR))
MISSED = (gettext_lazy("Passed over"), {VisitState.MISSED})
BOOKED = (gettext_lazy("Not checked in"), {VisitState.BOOKED})
FINISHED = (gettext_lazy("Done"), {DONE})
FILTERS = {
    "waiting": WAITING,
    "consulting": INSIDE,
    "pharmacy": (
        gettext_lazy("Pharmacy"),
        {RETURNED, REVIEW, UNPAID, SKIN_TEST, DISPENSING},
    ),
    "treatment": (gettext_lazy("Treatments"), {TREATMENT}),
    "missed": MISSED,
    "booked": BOOKED,
    "finished": FINISHED,
}
# What the desk can do while nobody has been seen yet; the views ask for the permission.
DESK_ACTS = {
    VisitState.BOOKED: {"check_in", "cancel", "vitals"},
    VisitState.MISSED: {"recall", "cancel", "vitals"},
    VisitState.EXAM: {"recall"},
    VisitState.WAITING: {"print", "cancel", "vitals"},
    VisitState.CALLED: {"print", "cancel", "vitals"},
}
DOCTOR_ACTS = {
    VisitState.CALLED: {"start"},
    VisitState.IN_CONSULTATION: {"open"},
    VisitState.EXAM: {"recall", "start"},
    VisitState.MISSED: {"recall"},
    VisitState.WAITING: {"file"},
    VisitState.FINISHED: {"read"},
}
URGENT = {"start", "open", "recall", "check_in", "print"}  # these draw a row up, reading doesn't


@dataclass
class Row:
    """One patient of today."""

    visit: Registration
    age: str
    station: int
    word: str
    key: str
    place: str = ""
    waited: int | None = None
    is_late: bool = False
    is_called: bool = False
    actions: set[str] = field(default_factory=set)
    step: dict | None = None  # words and url of what this person can do after the doctor


@dataclass(frozen=True)
class Today:
    """A list of today's patients: the rows of one page, the filters with their numbers."""

    page: Page
    rows: list[Row]
    filters: list[dict]
    at: str = ""

    @property
    def patients(self) -> list[UUID]:
        """Everybody whose name it shows."""
        return [row.visit.patient_id for row in self.rows]

    @property
    def etag(self) -> str:
        """Changes with whatever a person sees of it."""
        seen = [
            (row.visit.pk, row.visit.patient.name, row.word, row.place, row.waited, row.age)
            + (row.visit.number, row.visit.priority_reason, sorted(row.actions), str(row.step))
            for row in self.rows
        ]
        return etag_of(seen, [(one["key"], one["count"]) for one in self.filters], self.at)


@dataclass
class Spot:
    """A visit before anybody is looked up."""

    pk: UUID
    state: str
    clinician: int
    is_emergency: bool
    place: Place
    keys: set[str]


@dataclass(frozen=True)
class Scope:
    """Whose list it is: what its rows offer, and what its filters are about."""

    user: object
    acts: dict[str, set[str]] = field(default_factory=dict)
    filters: dict[str, tuple] = field(default_factory=lambda: FILTERS)
    by_record: bool = False  # filters go by what is to be done, not by where the patient is
    line: list[Registration] | None = None  # one doctor's, where the page has read it already
    always: Collection[str] = ("waiting", "consulting", "pharmacy", "finished")


def place_of(visit_state: str, known: Place | None = None) -> Place:
    """Where somebody is: after the visit where the higher floors say."""
    state = VisitState(visit_state)
    if state == VisitState.FINISHED and known is not None:
        return known
    key = DONE if state == VisitState.FINISHED else str(state.value)
    targets = known.targets if known else {}
    return Place(STATIONS[state], state.label, key, targets=targets)


def places(visits: Collection[Registration]) -> dict[UUID, Place]:
    """Where these patients are, for lists of other pages."""
    known = desk.whereabouts([visit.pk for visit in visits])
    return {visit.pk: place_of(visit.state, known.get(visit.pk)) for visit in visits}


def today(*, visits: QuerySet, scope: Scope, at: str = "", page: str | None = None) -> Today:
    """These visits as one list: who needs this person first, who is done last."""
    steps = desk.steps_of(scope.user)
    spots = _spots(visits, scope)
    filters = _filters(spots, scope, at)
    if at in scope.filters:
        spots = [spot for spot in spots if spot.keys & scope.filters[at][1]]
    else:
        at = ""
    spots, ahead = _in_order(spots, scope, steps)
    shown = Paginator(spots, PER_PAGE).get_page(page)
    rows = _rows(list(shown.object_list), ahead, scope, steps)
    return Today(page=shown, rows=rows, filters=filters, at=at)


def _spots(visits: QuerySet, scope: Scope) -> list[Spot]:
    known = desk.whereabouts(visits.order_by().values("pk"))
    rows = visits.order_by("session__starts", "-priority", "checked_in_at", "number")
    rows = rows.values_list("pk", "state", "session__clinician", "priority")
    spots = []
    for pk, state, clinician, priority in rows:
        place = place_of(state, known.get(pk))
        keys = set(place.targets) if scope.by_record else {place.key}
        is_urgent = priority == Registration.Priority.EMERGENCY
        spots.append(Spot(pk, state, clinician, is_urgent, place, keys or {place.key}))
    return spots


def _filters(spots: list[Spot], scope: Scope, at: str) -> list[dict]:
    numbers = Counter(key for spot in spots for key in spot.keys)
    found = [_filter("", _("All"), len(spots), at if at in scope.filters else "")]
    for key, (label, stages) in scope.filters.items():
        count = sum(numbers[stage] for stage in stages)
        if count or key in scope.always or key == at:
            found.append(_filter(key, label, count, at))
    return found


def _filter(key: str, label, count: int, at: str) -> dict:
    return {"key": key, "label": label, "count": count, "current": key == at}


def _in_order(spots: list[Spot], scope: Scope, steps: dict) -> tuple[list[Spot], dict[UUID, int]]:
    """As the list shows them, and how many are ahead of each one who waits.

    Of those who wait nobody stands above a person of the same doctor who is called before them:
    first whoever is next for each doctor, then the second ones (R-91).
    """
    if scope.line is None:
        doctors = [] if scope.by_record else sorted({spot.clinician for spot in spots})
        lines = list(queue.lines_of(doctors).values())
    else:
        lines = [scope.line]
    ahead = {visit.pk: place for line in lines for place, visit in enumerate(line)}
    last = len(ahead)  # whoever waits for a stopped session is called by nobody

    def rank(spot: Spot) -> tuple:
        stage = _first_stage(spot, steps) or spot.place.key
        acts = stage in steps or bool(scope.acts.get(spot.state, set()) & URGENT)
        group = 2 if stage in OVER else 0 if acts else 1
        if stage not in desk.STAGES:
            return group, ORDER.index(stage), False, ahead.get(spot.pk, last)
        since = spot.place.since.timestamp() if spot.place.since else 0
        # Who waits longest stands first, but of those who are done whoever was it last.
        return group, ORDER.index(stage), not spot.is_emergency, -since if group == 2 else since

    return sorted(spots, key=rank), ahead


def _first_stage(spot: Spot, steps: dict) -> str | None:
    """The first thing that this person can do for the patient after the doctor."""
    return next((s for s in desk.STAGES if s in spot.place.targets and s in steps), None)


def _rows(spots: list[Spot], ahead: dict[UUID, int], scope: Scope, steps: dict) -> list[Row]:
    visits = Registration.objects.filter(pk__in=[spot.pk for spot in spots])
    visits = visits.select_related(
        "patient", "session__clinician__user", "session__room", "consultation"
    )
    found = {visit.pk: visit for visit in visits}
    now, on = timezone.now(), timezone.localdate()
    return [
        _row(found[spot.pk], spot, ahead.get(spot.pk), scope, steps, now, on)
        for spot in spots
        if spot.pk in found
    ]


def _row(visit, spot: Spot, ahead: int | None, scope: Scope, steps, now, on: datetime.date) -> Row:
    place = spot.place
    row = Row(
        visit=visit,
        age=visit.patient.age_on(on),
        station=place.station,
        word=str(place.word),
        key=place.key,
        waited=_minutes(visit, place, now),
        is_late=visit.state == VisitState.MISSED,
        is_called=visit.state in {VisitState.CALLED, *WITH_DOCTOR},
        actions=set(scope.acts.get(visit.state, ())),
        step=_step(visit, spot, scope, steps),
    )
    if visit.started_at is not None:  # back from an examination: the number can't be given back
        row.actions -= {"cancel", "vitals"}
    if ahead == 0:
        row.place = _("next")
    elif ahead is not None:
        row.place = _("%(count)s ahead") % {"count": ahead}
    elif row.is_called:
        row.place = visit.session.room.name
    elif visit.state == VisitState.MISSED:
        row.place = _("called %(times)s times") % {"times": visit.called_times}
    elif visit.state == VisitState.CANCELLED:
        row.place = visit.get_cancel_reason_display()
    return row


def _step(visit: Registration, spot: Spot, scope: Scope, steps: dict) -> dict | None:
    stage = _first_stage(spot, steps)
    if stage is None:
        return None
    step = steps[stage]
    if step.own and visit.session.clinician.user_id != scope.user.pk:
        return None
    return {"words": step.words, "url": step.url(visit, spot.place.targets[stage])}


def _minutes(visit: Registration, place: Place, now) -> int | None:
    """How long somebody has waited for the first call or had to wait (R-105), or waits since."""
    if place.key == DONE:
        return None
    if place.since is not None:
        return max(int((now - place.since).total_seconds() // 60), 0)
    if visit.checked_in_at is None or visit.state not in {*NOT_BEGUN, *WITH_DOCTOR}:
        return None
    until = visit.first_called_at if visit.state in WITH_DOCTOR else None
    return max(int(((until or now) - visit.checked_in_at).total_seconds() // 60), 0)


def desk_scope(user) -> Scope:
    """The desk's list: everybody."""
    return Scope(user, acts=DESK_ACTS)


def doctor_scope(user, line: list[Registration] | None = None) -> Scope:
    """A doctor's own patients."""
    return Scope(user, acts=DOCTOR_ACTS, line=line)


def of_day() -> QuerySet:
    return Registration.objects.filter(day=timezone.localdate())
