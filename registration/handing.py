"""One patient goes to another doctor of the day, or leaves after all (R-94, R-102).

The number stays, so the slip in the patient's hand stays true; the check-in stays, so the wait
counts in the new queue from the same moment.

Lock order: sessions by their key, then the visit, then its consultation.
"""

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.drafts import drop_draft
from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry, lock
from registration import booking as numbers
from registration import desk, moving, scheduling
from registration.consultation import DRAFT
from registration.models import Clinician, Consultation, HandOver, Registration, Session
from registration.moves import locked, move
from registration.states import LIVE, VisitState
from registration.typed import draft_of
from security.permissions import P

# Who can be handed over: here, and not out of the room for an examination.
HERE = {VisitState.WAITING, VisitState.CALLED, VisitState.IN_CONSULTATION}


@atomic_retry
def hand_over_visit(
    *, registration: Registration, clinician: Clinician, reason: str, by
) -> HandOver:
    """Put the patient into the queue of another doctor, who sees people today.

    A record in which something was written belongs to its doctor: that visit is finished first.
    """
    target = session_now(clinician)
    old, new = moving.locked_sessions(registration.session_id, target.pk)
    registration = locked(registration)
    _check_may_hand_over(registration, old, clinician, by)
    numbers.check_session(new)
    numbers.check_not_registered(numbers.live_key_of(new, registration.patient))
    numbers.check_not_booked(new, registration.patient)
    _give_record(registration, clinician, by)
    if registration.state != VisitState.WAITING:
        move(registration, VisitState.WAITING)
    registration.called_times = 0
    registration.started_at = None  # the other doctor's consultation counts from its own start
    registration.away_seconds = 0
    registration.save()
    moving.make_room(new, 1)
    registration = moving.take_visit(registration, new)
    return HandOver.objects.create(
        registration=registration,
        from_session=old,
        to_session=new,
        reason=HandOver.Reason(reason),
        made_by=by,
    )


@atomic_retry
def cancel_begun(*, registration: Registration, reason: str, by) -> Registration:
    """Cancel a visit the doctor has begun: by an administrator alone, with the reason (R-102)."""
    registration = locked(registration)
    if not by.has_perm(P.ADMINISTER):
        raise RuleBroken(
            _("Not cancelled: after the doctor has begun only an administrator can do that."),
            rule="R-102",
        )
    if registration.state not in LIVE or registration.started_at is None:
        raise RuleBroken(
            _(
                "Not cancelled: %(number)s is now “%(state)s”. Before the doctor has begun the "
                "front desk cancels; what is finished stays."
            )
            % {"number": registration.number, "state": registration.get_state_display()},
            field="number",
            rule="R-102",
        )
    record = Consultation.objects.filter(registration=registration)
    if desk.ordered(list(record)):
        raise RuleBroken(
            _(
                "Not cancelled: drugs were prescribed at this visit. The doctor has to void the "
                "prescription first."
            ),
            field="number",
            rule="R-102",
        )
    move(registration, VisitState.CANCELLED)
    registration.cancel_reason = Registration.CancelReason(reason)
    registration.cancelled_at = timezone.now()
    registration.cancelled_by = by
    registration.save()
    return registration


def session_now(clinician: Clinician) -> Session:
    """Where somebody is put who goes to this doctor now: the running session, else the next."""
    now = timezone.localtime().time()
    today = scheduling.sessions_of(clinician, timezone.localdate())
    held = [session for session in today if session.open and session.ends > now]
    if not held or not clinician.active:
        raise RuleBroken(
            _("Not handed over: %(doctor)s sees nobody any more today. Please choose another.")
            % {"doctor": clinician.user.full_name},
            field="clinician",
            rule="R-94",
        )
    return held[0]


def is_blank(consultation: Consultation) -> bool:
    """Nothing was written into the record, and nothing else belongs to it; vital signs may."""
    if consultation.version > 1:
        return False
    theirs = [f for f in Consultation._meta.get_fields(include_hidden=True) if f.auto_created]
    return not any(
        one.related_model.objects.filter(**{one.field.name: consultation}).exists()
        for one in theirs
    )


# -- inside --


def _check_may_hand_over(
    registration: Registration, session: Session, clinician: Clinician, by
) -> None:
    is_gone = registration.session_id != session.pk  # another window handed it over just now
    if is_gone or session.clinician.user_id != by.pk:
        raise RuleBroken(_("Only the doctor of this room can do that."), rule="R-142")
    if session.clinician_id == clinician.pk:
        raise RuleBroken(_("Please choose another doctor."), field="clinician", rule="R-94")
    if registration.day != timezone.localdate():
        raise RuleBroken(
            _("Not handed over: %(number)s was for %(day)s. Please register again.")
            % {"number": registration.number, "day": registration.day},
            rule="R-94",
        )
    if registration.state not in HERE:
        raise RuleBroken(
            _("Not handed over: %(number)s is now “%(state)s”. Please look at the list again.")
            % {"number": registration.number, "state": registration.get_state_display()},
            rule="R-94",
        )


def _give_record(registration: Registration, clinician: Clinician, by) -> None:
    """The record of vital signs goes along; one with a text in it stays with its doctor."""
    consultation = lock(Consultation.objects.filter(registration=registration)).first()
    if consultation is None:
        return
    if not is_blank(consultation):
        raise RuleBroken(
            _(
                "Not handed over: something is written in this record. Please finish it; then the "
                "desk gives the patient a number of the other doctor."
            ),
            rule="R-94",
        )
    if draft_of(consultation, by)[0] is not None:
        raise RuleBroken(
            _(
                "Not handed over: something is typed in this record and not saved yet. Please open "
                "the record and save it, or empty the fields."
            ),
            rule="R-94",
        )
    consultation.clinician, consultation.started_at = clinician, None
    consultation.save(update_fields=["clinician", "started_at"])
    drop_draft(form=DRAFT, subject=str(consultation.pk), by=by)
