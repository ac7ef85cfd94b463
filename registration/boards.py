"""What lists show: who can be registered for whom, the doctor's queue.

Everything here reads, in a number of queries that does not grow with the rows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from registration import desk, lines, queue, quota, scheduling
from registration.models import Clinician, Registration, Session
from registration.states import WITH_DOCTOR, VisitState


@dataclass(frozen=True)
class Offer:
    """A session somebody can be registered for."""

    session: Session
    lines: Callable[[], dict[int, int]]  # asked by a page alone: who registers needs no count
    in_use: Callable[[], dict[int, quota.Taken]]  # the same

    @property
    def left(self) -> int:
        return quota.left_on_site(self.session, self.in_use()[self.session.pk])

    @property
    def waiting(self) -> int:
        """For its doctor, whatever the session: all of them are called before."""
        return self.lines().get(self.session.clinician_id, 0)

    @property
    def note(self) -> str:
        if self.left <= 0:
            return _("waiting %(waiting)s, full") % {"waiting": self.waiting}
        return _("waiting %(waiting)s, left %(left)s") % {
            "waiting": self.waiting,
            "left": self.left,
        }


def offers() -> list[Offer]:
    """The sessions open now, with how many wait and how many numbers are left."""
    sessions = scheduling.open_sessions_now()
    # Of all these offers, by the first that is asked.
    waiting, in_use = cache(lines.count_waiting), cache(lambda: quota.taken_of(sessions))
    return [Offer(one, waiting, in_use) for one in sessions]


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


def queue_of(clinician: Clinician, own: QuerySet[Registration] | None = None) -> dict:
    """A doctor's column: who is in, who was called, who waits, who was passed over or sent on.

    `own`: lines.of_today_or_open, where the page has asked for them already.
    """
    own = lines.of_today_or_open(clinician) if own is None else own
    sessions = list(queue.sessions_today(clinician))
    states = [*WITH_DOCTOR, VisitState.CALLED, VisitState.MISSED, VisitState.FINISHED]
    others = own.filter(state__in=states)
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
