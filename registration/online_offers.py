"""What can be booked online: departments, doctors, their days and times, full ones too (R-99)."""

import datetime
from dataclasses import dataclass, field

from django.utils import timezone

from clinic.core.site import setting
from registration import quota, scheduling
from registration.models import Clinician, Department, Session
from registration.quota import Opening


@dataclass(frozen=True)
class Offer:
    """A session with what is left of it for booking online."""

    session: Session
    openings: list[Opening]
    left: int

    @property
    def is_today(self) -> bool:
        return self.session.date == timezone.localdate()

    @property
    def is_tomorrow(self) -> bool:
        return self.session.date == timezone.localdate() + datetime.timedelta(days=1)


@dataclass
class Doctor:
    """Somebody who can be booked, with all their sessions, soonest first."""

    clinician: Clinician
    offers: list[Offer] = field(default_factory=list)

    @property
    def next(self) -> Offer:
        """The first with a place; if all are full, the first, so that this can be seen."""
        return next((one for one in self.offers if one.left), self.offers[0])


def offers(*, only: Clinician | None = None) -> list[Offer]:
    """Every session that can be booked now, full or not, by date."""
    today = timezone.localdate()
    last = today + datetime.timedelta(days=setting("booking.days"))
    sessions = [
        one
        for one in scheduling.sessions_between(today, last)
        if one.open and one.online_quota and (only is None or one.clinician_id == only.pk)
    ]
    in_use = quota.taken_of(sessions)
    return [_offer(one, in_use[one.pk]) for one in sessions if in_use[one.pk].online_is_open]


def departments() -> list[Department]:
    """Those in which somebody can be booked."""
    found = {one.session.clinician.department_id: one.session.clinician for one in offers()}
    return sorted((one.department for one in found.values()), key=lambda one: one.pk)


def doctors(department: int) -> list[Doctor]:
    """Those of one department, by the letter of their numbers."""
    found: dict[int, Doctor] = {}
    for offer in offers():
        clinician = offer.session.clinician
        if clinician.department_id == department:
            found.setdefault(clinician.pk, Doctor(clinician)).offers.append(offer)
    return sorted(found.values(), key=lambda one: one.clinician.letter)


def days_like(session: Session) -> list[Offer]:
    """All sessions of the same doctor."""
    return offers(only=session.clinician)


def _offer(session: Session, in_use: quota.Taken) -> Offer:
    """A session is full when no slot of it has a place left, whatever the quota says."""
    openings = quota.openings(session, in_use, online=True)
    free = sum(one.left > 0 for one in openings)
    left = quota.left_online(session, in_use) if free else 0
    return Offer(session, openings, left)
