"""When nothing works: numbers printed beforehand, and typing in afterwards what was done (R-178).

A number on paper is the doctor's letter, an E and a number that goes on for ever, so it never
meets one of the queue's own and is never printed twice.
"""

import datetime
import re

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.days import moment
from clinic.core.errors import RuleBroken
from clinic.core.numbers import next_numbers
from clinic.core.transactions import atomic_retry, lock
from patients.models import Patient
from registration import booking as numbers
from registration import quota, scheduling
from registration.models import (
    Clinician,
    Consultation,
    EmergencySheet,
    Registration,
    Session,
    WeeklySchedule,
)
from registration.models.paper import MOST_ON_SHEET, paper_number
from registration.moves import locked, move
from registration.states import VisitState

OLDEST_DAYS = 31
_NUMBER = re.compile(r"([A-Z])E0*(\d{1,4})", re.ASCII)


@atomic_retry
def print_sheets(*, clinicians: list[Clinician], count: int, by) -> list[EmergencySheet]:
    """A new sheet for each of these doctors; what stands on it was on no sheet before."""
    if not clinicians:
        raise RuleBroken(_("Please choose at least one doctor."), field="clinicians")
    if not 1 <= count <= MOST_ON_SHEET:
        raise RuleBroken(
            _("A sheet holds 1 to %(most)s numbers.") % {"most": MOST_ON_SHEET}, field="count"
        )
    return [
        EmergencySheet.objects.create(
            clinician=clinician,
            first=next_numbers(f"paper:{clinician.letter}", count)[0],
            count=count,
            made_by=by,
        )
        for clinician in clinicians
    ]


@atomic_retry
def enter_paper(
    *,
    patient: Patient,
    number: str,
    day: datetime.date,
    time: datetime.time,
    by,
    clinician: Clinician | None = None,
    seen: bool = False,
    left: bool = False,
) -> Registration:
    """Write down a number given on paper, at the moment it was given; the record is marked.

    `clinician` is the doctor who saw the patient, if not the one of the number's letter. `seen`:
    the doctor has seen the patient already and finds them among those inside, to write the record.
    `left`: they went without being seen. Else they wait from that moment on and are called, which
    nobody of an earlier day does.
    """
    number = tidy_number(number)
    owner = _check_printed(number)
    at = moment(day, time)
    _check_time(day, at)
    if not (seen or left):
        _check_may_wait(day)
    session = _session_for(clinician or owner, day, time)
    session = lock(Session.objects.filter(pk=session.pk)).get()
    numbers.check_patient(patient)
    _check_unused(number)
    numbers.check_not_registered(numbers.live_key_of(session, patient))
    priority, reason = numbers.priority_for(patient)
    in_use = quota.taken(session)
    registration = Registration(
        patient=patient,
        session=session,
        day=day,
        number=number,
        state=VisitState.BOOKED,
        source=Registration.Source.PAPER,
        added=in_use.total >= session.quota,
        priority=priority,
        priority_reason=reason,
        registered_at=at,
        registered_by=by,
        entered_at=timezone.now(),
        checked_in_at=at,
        slip_prints=1,
        live_key=numbers.live_key_of(session, patient),
    )
    if registration.added:
        session.added += 1
        session.save(update_fields=["added"])
    if left:
        move(registration, VisitState.LAPSED)
        registration.save()
    else:
        _wait(registration)
    if seen:
        _begin(registration)
    return registration


@atomic_retry
def seen_after_all(*, registration: Registration, by) -> Registration:
    """Typed in as waiting by mistake: the doctor has seen this patient, nobody calls them."""
    registration = locked(registration)
    is_called = registration.called_times > 0 or registration.state != VisitState.WAITING
    if registration.source != Registration.Source.PAPER or is_called:
        raise RuleBroken(
            _("Not done: %(number)s is now “%(state)s”. Please look at the list again.")
            % {"number": registration.number, "state": registration.get_state_display()},
            rule="R-178",
        )
    _begin(registration)
    return registration


def tidy_number(text: str) -> str:
    """AE07, however it is written: ae7, AE 07."""
    found = _NUMBER.fullmatch("".join(text.split()).upper())
    if not found:
        raise RuleBroken(
            _("This is no emergency number. Please write it as on the paper, like AE07."),
            field="number",
            rule="R-178",
        )
    return paper_number(found[1], int(found[2]))


def next_unused(after: str) -> str:
    """The number that probably comes next in the pile: what the form begins with."""
    letter, last = after[:1], int(after[2:])
    used = set(_on_paper().values_list("number", flat=True))
    while paper_number(letter, last) in used:
        last += 1
    return paper_number(letter, last)


def entered_on(day: datetime.date) -> list[Registration]:
    """What was typed in for this day already, the latest first."""
    found = _on_paper().filter(day=day)
    found = found.select_related("patient", "session__clinician__user", "registered_by")
    return list(found.order_by("-entered_at", "-number")[:100])


# -- inside --


def _on_paper():
    return Registration.objects.filter(source=Registration.Source.PAPER)


def _check_printed(number: str) -> Clinician:
    """The doctor of the number's letter, if it stands on a printed sheet."""
    value = int(number[2:])
    sheets = EmergencySheet.objects.filter(clinician__letter=number[0], first__lte=value)
    sheet = sheets.select_related("clinician__user").order_by("-first").first()
    if sheet is None or value >= sheet.first + sheet.count:
        raise RuleBroken(
            _("%(number)s was never printed. Please look at the paper again.") % {"number": number},
            field="number",
            rule="R-178",
        )
    return sheet.clinician


def _check_unused(number: str) -> None:
    there = _on_paper().filter(number=number).select_related("patient").first()
    if there is not None:
        raise RuleBroken(
            _(
                "%(number)s is typed in already, for %(name)s on %(day)s. Please look at the paper "
                "again."
            )
            % {"number": number, "name": there.patient.name, "day": there.day},
            field="number",
            rule="R-178",
        )


def _check_time(day: datetime.date, at: datetime.datetime) -> None:
    if at > timezone.now():
        raise RuleBroken(
            _("This time is still to come. Please write when the number was given."), field="time"
        )
    if day < timezone.localdate() - datetime.timedelta(days=OLDEST_DAYS):
        raise RuleBroken(
            _("Not written: this is more than %(days)s days ago. Please check the date.")
            % {"days": OLDEST_DAYS},
            field="day",
        )


def _session_for(clinician: Clinician, day: datetime.date, time: datetime.time) -> Session:
    """The doctor's session of that hour, or the nearest of the day; made if nothing was up."""
    theirs = list(Session.objects.filter(clinician=clinician, date=day).order_by("starts"))
    plans = [plan for plan in scheduling.plans_on(day) if plan.clinician_id == clinician.pk]
    there = {session.period for session in theirs}
    theirs += [_planned(plan, day) for plan in plans if plan.period not in there]
    if not theirs:
        raise RuleBroken(
            _("%(doctor)s has no session on this day. Please choose the doctor who was there.")
            % {"doctor": clinician.user.full_name},
            field="clinician",
            rule="R-178",
        )
    best = min(theirs, key=lambda session: _distance(session, time))
    if best.pk is None:
        best.save()
    return best


def _planned(plan: WeeklySchedule, day: datetime.date) -> Session:
    values = scheduling.planned(plan)
    return Session(clinician=plan.clinician, date=day, period=plan.period, **values)


def _distance(session: Session, time: datetime.time) -> int:
    """Minutes from the session's hours; 0 inside."""
    minute, starts, ends = (t.hour * 60 + t.minute for t in (time, session.starts, session.ends))
    return max(starts - minute, minute - ends, 0)


def _check_may_wait(day: datetime.date) -> None:
    if day < timezone.localdate():
        raise RuleBroken(
            _("Nobody of an earlier day waits any more. Please choose: seen already, or left."),
            field="now",
            rule="R-178",
        )


def _wait(registration: Registration) -> None:
    """Into the queue, as of the moment on the paper."""
    move(registration, VisitState.WAITING)
    registration.save()


def _begin(registration: Registration) -> None:
    """Out of the queue and to the doctor's open records, as of the moment on the paper."""
    at = registration.registered_at
    move(registration, VisitState.CALLED)
    move(registration, VisitState.IN_CONSULTATION)
    registration.started_at = at
    registration.save()
    earlier = Consultation.objects.filter(
        patient=registration.patient_id, finished_at__isnull=False
    )
    record = lock(Consultation.objects.filter(registration=registration)).first()
    record = record or Consultation(registration=registration, patient=registration.patient)
    record.clinician, record.started_at = registration.session.clinician, at
    record.first_visit = not earlier.exists()
    record.save()
