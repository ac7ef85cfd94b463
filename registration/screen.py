"""The waiting-room screen: numbers and masked names, nothing else of anybody (R-97).

It is public and asked every few seconds, so it reads little, writes nothing and makes no
sessions: those of the day exist once the desk has opened its page.
"""

from dataclasses import dataclass

from django.utils import timezone, translation

from clinic.core.site import institution, setting
from patients.masking import mask_name
from registration import queue
from registration.models import Department, Registration, Session
from registration.scheduling import is_now
from registration.states import LIVE, WITH_DOCTOR, VisitState

MOST_ROOMS = 6
MOST_NEXT = 3
MOST_MISSED = 8


@dataclass(frozen=True)
class Room:
    """One row: a room with its doctor, who is called or inside, who comes next."""

    room: str
    doctor: str
    number: str
    name: str
    is_called: bool
    next: list[str]


def version() -> list:
    """What the screen is made of, for its ETag: changes exactly when the picture does."""
    day = timezone.localdate()
    visits = Registration.objects.filter(day=day, state__in=LIVE).order_by("pk")
    fields = ["pk", "state", "session_id", "priority", "recalled_at", "patient__name"]
    sessions = Session.objects.filter(date=day).order_by("pk")
    place = institution()
    return [
        timezone.localtime().strftime("%Y-%m-%d %H:%M"),
        translation.get_language(),
        setting("display.number_only"),
        place.name,
        list(visits.values_list(*fields)),
        list(sessions.values_list("pk", "room__name", "clinician__user__full_name")),
    ]


def picture() -> dict:
    """Everything the screen shows."""
    day = timezone.localdate()
    sessions = Session.objects.filter(date=day).order_by("starts", "room__name")
    sessions = list(sessions.select_related("clinician__user", "room"))
    lines = queue.lines([session.pk for session in sessions])
    shown = Registration.objects.filter(
        day=day, state__in=[VisitState.CALLED, VisitState.MISSED, *WITH_DOCTOR]
    )
    # Typed in after an outage: the doctor saw them long ago and only writes the record.
    shown = shown.exclude(source=Registration.Source.PAPER, first_called_at=None)
    shown = list(shown.select_related("patient").order_by("-first_called_at"))
    by_doctor: dict[int, list[Session]] = {}
    for session in sessions:
        by_doctor.setdefault(session.clinician_id, []).append(session)
    names = not setting("display.number_only")
    rooms = [_room(group, lines, shown, names) for group in by_doctor.values()]
    return {
        "institution": institution(),
        "areas": _areas(),
        "now": timezone.localtime(),
        "rooms": sorted((room for room in rooms if room), key=lambda r: r.room)[:MOST_ROOMS],
        "missed": sorted(v.number for v in shown if v.state == VisitState.MISSED)[:MOST_MISSED],
    }


def _room(
    sessions: list[Session], lines: dict, shown: list[Registration], with_names: bool
) -> Room | None:
    """None for a doctor who sees nobody at this hour."""
    ids = {session.pk for session in sessions}
    here = [visit for visit in shown if visit.session_id in ids]
    called = [visit for visit in here if visit.state == VisitState.CALLED]
    inside = [visit for visit in here if visit.state == VisitState.IN_CONSULTATION]
    line = [visit for session in sessions for visit in lines[session.pk]]
    line.sort(key=lambda visit: visit.priority != Registration.Priority.EMERGENCY)
    current = (called or inside or [None])[0]
    if current is None and not line and not any(is_now(session) for session in sessions):
        return None
    session = next((s for s in sessions if current and s.pk == current.session_id), None)
    session = session or next((s for s in sessions if is_now(s)), sessions[0])
    return Room(
        room=session.room.name,
        doctor=session.clinician.user.full_name,
        number=current.number if current else "",
        name=mask_name(current.patient.name) if current and with_names else "",
        is_called=bool(called),
        next=[visit.number for visit in line[:MOST_NEXT]],
    )


def _areas() -> str:
    """The departments waiting here, but none whose name would tell a disease."""
    names = Department.objects.filter(active=True, discreet=False).values_list("name", flat=True)
    return " ".join(names)
