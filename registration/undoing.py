"""Taking back that a visit was finished (撤销完诊): by its doctor, soon, before the next call.

The record is open again and what was signed stays readable as a version of it (R-145); both rows
are in the audit log like any other change.
"""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry, lock
from registration import booking, signing
from registration.models import Call, Clinician, Consultation, Registration
from registration.moves import check_from, locked, move
from registration.states import VisitState

MINUTES = 10


@atomic_retry
def undo_finish(*, consultation: Consultation, by) -> Consultation:
    """The patient is in the consultation again, the record unsigned."""
    registration = locked(Registration(pk=consultation.registration_id))
    consultation = lock(Consultation.objects.filter(pk=consultation.pk)).get()
    if consultation.clinician.user_id != by.pk:
        raise RuleBroken(_("Only the doctor of this consultation can do that."), rule="R-71")
    check_from(registration, VisitState.FINISHED)
    lock(Clinician.objects.filter(pk=consultation.clinician_id)).get()  # nobody is called now
    _check_in_time(registration)
    _check_nobody_called_since(registration)
    key = booking.live_key_of(registration.session, registration.patient)
    booking.check_not_registered(key)
    signing.open_again(consultation)
    move(registration, VisitState.IN_CONSULTATION)
    registration.live_key, registration.finished_at = key, None
    registration.save()
    return consultation


def offered(finished: list[Registration]) -> Registration | None:
    """Of a doctor's finished visits the one that can be taken back now, for the page."""
    last = max(finished, key=lambda visit: visit.finished_at, default=None)
    if last is None or _is_late(last) or _called_since(last) is not None:
        return None
    return last


def _is_late(registration: Registration) -> bool:
    return registration.finished_at < timezone.now() - timedelta(minutes=MINUTES)


def _called_since(registration: Registration) -> Call | None:
    """A call into this doctor's room after the visit was finished."""
    calls = Call.objects.filter(
        called_at__gte=registration.finished_at,
        registration__session__clinician=registration.session.clinician_id,
    ).exclude(registration=registration.pk)
    return calls.select_related("registration").order_by("called_at").first()


def _check_in_time(registration: Registration) -> None:
    if _is_late(registration):
        raise RuleBroken(
            _(
                "Not taken back: %(number)s was finished more than %(minutes)s minutes ago. "
                "Please correct the record, or write an addition."
            )
            % {"number": registration.number, "minutes": MINUTES},
            rule="R-88",
        )


def _check_nobody_called_since(registration: Registration) -> None:
    call = _called_since(registration)
    if call is not None:
        raise RuleBroken(
            _(
                "Not taken back: %(other)s was called since. Please correct the record of "
                "%(number)s, or write an addition."
            )
            % {"other": call.registration.number, "number": registration.number},
            rule="R-88",
        )
