"""The waiting-room screen: numbers and masked names, nothing else of anybody (R-97).

It is public and asked every few seconds, so it reads little, writes nothing and makes no
sessions: those of the day exist once the desk has opened its page.

A full name never goes to a screen, not even to be spoken: the page is open to everybody, and may
be served without encryption. The voice says what may be read there (R-96).
"""

import re
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.site import institution, setting
from patients.masking import mask_name
from registration import queue
from registration.models import Area, Call, Department, Registration, Session
from registration.scheduling import is_now
from registration.states import WITH_DOCTOR, VisitState

MOST_ROOMS = 6
MOST_NEXT = 3
MOST_MISSED = 8
# An older call is shown, but no more read aloud: a screen that was away stays silent about it.
FRESH = timedelta(seconds=60)


@dataclass(frozen=True)
class Row:
    """One row: a room with its doctor, who is called or inside, who comes next."""

    room: str
    doctor: str
    number: str
    name: str
    is_called: bool
    is_paused: bool
    next: list[str]
    call: int | None  # of a call to be read aloud
    words: str


def areas() -> list[Area]:
    """The waiting areas that have rooms."""
    return list(Area.objects.filter(active=True, room__isnull=False).distinct())


def picture(area: Area | None = None) -> dict:
    """Everything a screen shows: of one waiting area, or of all rooms."""
    day = timezone.localdate()
    found = Session.objects.filter(date=day).order_by("starts", "room__name")
    if area is not None:
        found = found.filter(room__area=area)
    sessions = list(found.select_related("clinician__user", "clinician__department", "room"))
    shown = _shown(day, sessions)
    rows = _rows(sessions, shown, hides_names=area is not None and area.numbers_only)
    missed = sorted(v.number for v in shown if v.state == VisitState.MISSED)
    return {
        "institution": institution(),
        "area": area.name if area else _departments(),
        "now": timezone.localtime(),
        "rows": rows,
        "missed": missed[:MOST_MISSED],
        "notice": setting("display.notice"),
    }


def _shown(day, sessions: list[Session]) -> list[Registration]:
    states = [VisitState.CALLED, VisitState.MISSED, *WITH_DOCTOR]
    shown = Registration.objects.filter(day=day, session__in=sessions, state__in=states)
    # Typed in after an outage: the doctor saw them long ago and only writes the record.
    shown = shown.exclude(source=Registration.Source.PAPER, first_called_at=None)
    return list(shown.select_related("patient").order_by("-first_called_at"))


def _rows(sessions: list[Session], shown: list[Registration], *, hides_names: bool) -> list[Row]:
    """Those called come first when there are more rooms than lines; then in the order of rooms."""
    lines = queue.lines([session.pk for session in sessions])
    voice = _Voice(shown, hides_names=hides_names)
    by_doctor: dict[int, list[Session]] = {}
    for session in sessions:
        by_doctor.setdefault(session.clinician_id, []).append(session)
    rows = [_row(group, lines, shown, voice) for group in by_doctor.values()]
    most = sorted((row for row in rows if row), key=lambda row: (not row.is_called, row.room))
    return sorted(most[:MOST_ROOMS], key=lambda row: row.room)


def _row(
    sessions: list[Session], lines: dict, shown: list[Registration], voice: "_Voice"
) -> Row | None:
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
    room = session.room.name
    call, words = voice.of(called[0], session) if called else (None, "")
    return Row(
        room=room,
        doctor=session.clinician.user.full_name,
        number=current.number if current else "",
        name=voice.name_of(current, session) if current else "",
        is_called=bool(called),
        is_paused=session.paused_at is not None,
        next=[visit.number for visit in line[:MOST_NEXT]],
        call=call,
        words=words,
    )


class _Voice:
    """What may be shown and said of a person: by the site's settings, by area, by department."""

    def __init__(self, shown: list[Registration], *, hides_names: bool):
        self.with_names = not (hides_names or setting("display.number_only"))
        self.kind = setting("display.voice")
        called = [visit for visit in shown if visit.state == VisitState.CALLED]
        calls = Call.objects.filter(
            registration__in=called, called_at__gte=timezone.now() - FRESH
        ).order_by("pk")
        self.calls = dict(calls.values_list("registration_id", "pk"))  # the last one of each

    def name_of(self, visit: Registration, session: Session) -> str:
        """Masked; nothing where the doctor's department would tell a disease."""
        if not self.with_names or session.clinician.department.discreet:
            return ""
        return mask_name(visit.patient.name)

    def of(self, visit: Registration, session: Session) -> tuple[int | None, str]:
        """The call and its words (R-96): 请 A012号 张某明 到 1诊室 就诊."""
        call = self.calls.get(visit.pk)
        if call is None or self.kind == "off":
            return None, ""
        said = {"number": visit.number, "room": session.room.name}
        name = self.name_of(visit, session) if self.kind == "name" else ""
        if not name:
            return call, _("Number %(number)s, please go to %(room)s") % said
        words = _("Number %(number)s, %(name)s, please go to %(room)s")
        return call, words % {**said, "name": spoken(name)}


def spoken(masked: str) -> str:
    """A masked name as Chinese says it: 张*明 is 张某明."""
    return re.sub(r"[*·]+", "某", masked)


def _departments() -> str:
    """The departments waiting here, but none whose name would tell a disease."""
    names = Department.objects.filter(active=True, discreet=False).values_list("name", flat=True)
    return " ".join(names)
