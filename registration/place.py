"""The patient's own place in the queue, found by what the slip's square code says.

The address carries a keyed digest of the visit. It is nobody's id, it stands in no table, and only
today's visits are looked through: tomorrow the paper opens nothing.
"""

import base64
from dataclasses import dataclass
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from clinic.core.site import setting
from registration import queue
from registration.models import Registration
from registration.states import NOT_BEGUN, VisitState


@dataclass(frozen=True)
class Place:
    """All that the address tells: no name, no department, no doctor."""

    number: str
    room: str
    state: str
    advice: str
    ahead: int | None
    is_called: bool
    is_over: bool  # then the patient is asked how it was


def token_of(pk) -> str:
    """Twenty-two letters that nobody can guess."""
    digest = salted_hmac("registration.place", pk.hex, algorithm="sha256").digest()[:16]
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def address_of(visit: Registration) -> str:
    """What the slip's code says; nothing where phones reach no address of ours."""
    base = setting("display.address") or settings.CLINIC_PUBLIC_URL
    base = base or settings.CLINIC_SCREEN_ADDRESS
    if not base.startswith(("http://", "https://")) or visit.day != timezone.localdate():
        return ""
    return urljoin(f"{base.rstrip('/')}/", reverse("display_place", args=[token_of(visit.pk)])[1:])


def find(token: str) -> Place | None:
    """The place of today's visit with this token."""
    today = Registration.objects.filter(day=timezone.localdate())
    ids = today.values_list("pk", flat=True)
    pk = next((pk for pk in ids if token_of(pk) == token), None)
    if pk is None:
        return None
    joined = today.select_related("session__room", "session__clinician")
    visit = joined.get(pk=pk)
    ahead = ahead_of(visit) if visit.state == VisitState.WAITING else None
    return Place(
        number=visit.number,
        room=visit.session.room.name,
        state=visit.get_state_display(),
        advice=_advice(visit, ahead),
        ahead=ahead,
        is_called=visit.state == VisitState.CALLED,
        is_over=visit.state == VisitState.FINISHED,
    )


def ahead_of(visit: Registration) -> int | None:
    """How many are called before this visit; None when it does not wait."""
    line = queue.line_of(visit.session.clinician)
    return next((n for n, other in enumerate(line) if other.pk == visit.pk), None)


def _advice(visit: Registration, ahead: int | None) -> str:
    """What to do now."""
    room = {"room": visit.session.room.name}
    if visit.state in NOT_BEGUN and visit.session.stopped_at is not None:
        return _("This doctor can't come. Please ask the front desk for another time or doctor.")
    if visit.state == VisitState.WAITING and visit.session.paused_at is not None:
        return _("Calling is paused for a while. You keep your place.")
    if visit.state == VisitState.WAITING and ahead == 0:
        return _("You are next. Please wait in front of %(room)s.") % room
    words = {
        VisitState.BOOKED: _("Please check in at the front desk when you come."),
        VisitState.WAITING: _("Please stay nearby. This page follows by itself."),
        VisitState.CALLED: _("Please go to %(room)s now.") % room,
        VisitState.MISSED: _(
            "You were called and were not there. Please go to the front desk: "
            "you will be called again after the next few patients."
        ),
        VisitState.IN_CONSULTATION: _("You are with the doctor."),
        VisitState.EXAM: _("After the examination please come back to %(room)s.") % room,
        VisitState.FINISHED: _("The consultation is over."),
    }
    return words.get(visit.state, _("This number is no longer valid. Please ask the front desk."))
