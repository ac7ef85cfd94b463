"""The consultation: start, vital signs, record, diagnoses, finish (R-70, R-71).

Lock order: the visit, then its consultation.
"""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.days import moment
from clinic.core.drafts import drop_draft
from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.site import setting
from clinic.core.transactions import atomic_retry, lock
from registration import duties, favourites, guarded, icd10, measured, queue, signing
from registration.conflicts import Conflict
from registration.models import Clinician, Consultation, Diagnosis, Registration
from registration.moves import away, check_from, locked, move
from registration.parts import FLAGS, PARTS
from registration.states import LIVE, VisitState
from registration.vitals import VITALS, as_text

DRAFT = "consultation"
MOST_DIAGNOSES = 10


@atomic_retry
def start(*, registration: Registration, by) -> Consultation:
    """The called patient has come in, or straight back from an examination.

    A second press opens the same consultation.
    """
    registration = locked(registration)
    if registration.session.clinician.user_id != by.pk:
        raise RuleBroken(_("Only the doctor of this room can do that."), rule="R-142")
    consultation = _consultation_of(registration)
    is_inside = registration.state == VisitState.IN_CONSULTATION
    if is_inside and consultation.started_at is not None:
        return consultation
    check_from(registration, VisitState.CALLED, VisitState.EXAM)
    now = timezone.now()
    registration.away_seconds += away(registration, now)
    move(registration, VisitState.IN_CONSULTATION)
    registration.started_at = registration.started_at or now
    registration.save()
    if consultation.started_at is None:
        # The nurse measured for another doctor, and the patient was handed over since.
        consultation.clinician = registration.session.clinician
        consultation.started_at = now
        consultation.first_visit = not _lately(consultation).exists()
        # Called first for an emergency is the queue's business; its record is the doctor's word.
        consultation.emergency = consultation.clinician.department.emergency
    consultation.save()
    return consultation


@atomic_retry
def record_vitals(
    *,
    registration: Registration,
    vitals: dict[str, Decimal | None],
    by,
    opened: dict[str, str] | None = None,
) -> Consultation:
    """Put measured values beside those there; None takes one away. Before or with the doctor.

    They have no version: the nurse's numbers and the doctor's text never overwrite each other.
    `opened` are the values as the page was opened: Conflict where another number came since.
    """
    registration = locked(registration)
    if registration.state not in LIVE:
        raise RuleBroken(
            _("Not saved: %(number)s is now “%(state)s”, vital signs can't be added any more.")
            % {"number": registration.number, "state": registration.get_state_display()},
            rule="R-71",
        )
    consultation = _consultation_of(registration)
    known = dict(consultation.vitals or {})
    if opened is not None:
        measured.check(vitals, opened=opened, known=known)
    for key, number in vitals.items():
        if number is None:
            known.pop(VITALS[key].key, None)
        else:
            known[VITALS[key].key] = as_text(number)
    if known != (consultation.vitals or {}):
        consultation.vitals = known or None
        if consultation._state.adding:
            consultation.save()
        else:
            consultation.save(update_fields=["vitals"])
        if registration.triaged_at is None:
            registration.triaged_at = timezone.now()
            registration.save(update_fields=["triaged_at"])
    return consultation


@atomic_retry
def save_record(
    *,
    consultation: Consultation,
    version: int,
    by,
    vitals: dict | None = None,
    opened: dict | None = None,
    then: Callable | None = None,
    settled: bool = False,
    **fields: object,
):
    """Save the parts that were based on `version`; then carry out `then`, all or nothing.

    `settled`: somebody chose between this and what another window typed, so both drafts go.

    `fields` are those of registration.parts: texts, dates (None takes one away), flags. Returns
    the consultation, or what `then(consultation=, by=)` returns. Conflict when another window
    saved meanwhile: nothing is written, and the caller still has what was typed.
    """
    unknown = set(fields) - set(PARTS)
    if unknown:
        raise TypeError(f"a record has no {', '.join(sorted(unknown))}")
    consultation = held(consultation, by)
    if consultation.version != version:
        raise Conflict(
            _(
                "Not saved: this record was saved in another window. Nothing of either is lost: "
                "please choose for each field below, then save."
            )
        )
    write(consultation, fields)
    if vitals:
        consultation = record_vitals(
            registration=consultation.registration, vitals=vitals, opened=opened, by=by
        )
    for is_stale in (False, True) if settled else (False,):
        drop_draft(form=DRAFT, subject=subject_of(consultation, is_stale=is_stale), by=by)
    return then(consultation=consultation, by=by) if then else consultation


def subject_of(consultation: Consultation, *, is_stale: bool) -> str:
    """Under what a draft is kept: one typed on an older version beside the one of now."""
    return f"{consultation.pk}/older" if is_stale else str(consultation.pk)


def write(consultation: Consultation, fields: dict) -> list[str]:
    """Put these parts into a record that is held; the names of those that became others."""
    settled = {n: value if n in FLAGS else value or None for n, value in fields.items()}
    changed = [n for n, value in settled.items() if value != getattr(consultation, n)]
    if changed:
        for name in changed:
            setattr(consultation, name, settled[name])
        _check_days(consultation)
        consultation.version += 1
        consultation.save(update_fields=[*changed, "version"])
    return changed


@atomic_retry
def add_diagnosis(
    *, consultation: Consultation, code: str, suspected: bool = False, by
) -> Consultation:
    """Add a diagnosis of the table; the first one is the main one."""
    consultation = held(consultation, by)
    put_diagnosis(consultation, code, suspected=suspected, by=by)
    return consultation


def put_diagnosis(consultation: Consultation, code: str, *, suspected: bool, by) -> Diagnosis:
    """Put a diagnosis of the table into a record that is held."""
    known = icd10.get(code)
    if known is None:
        raise RuleBroken(
            _("Not added: there is no diagnosis with this code. Please choose one of the list."),
            field="dx",
        )
    there = diagnoses_of(consultation)
    if any(diagnosis.code == known.code for diagnosis in there):
        raise AlreadyDone(
            _("Not added: %(name)s stands there already.") % {"name": known.name}, field="dx"
        )
    if len(there) >= MOST_DIAGNOSES:
        raise RuleBroken(
            _("Not added: there are already %(count)s diagnoses. Please remove one first.")
            % {"count": len(there)},
            field="dx",
        )
    month = timezone.localdate(consultation.started_at).strftime("%Y-%m")
    made = Diagnosis.objects.create(
        consultation=consultation,
        rank=max((diagnosis.rank for diagnosis in there), default=0) + 1,
        code=known.code,
        name=known.name,
        suspected=suspected,
        month_code=f"{month}/{known.code}",
        added_by=by,
    )
    favourites.count(code=known.code, by=by)
    duties.ask_for(consultation, made)
    if consultation.first_visit and known.code in _codes_lately(consultation):
        consultation.first_visit = False
        consultation.save(update_fields=["first_visit"])
    return made


@atomic_retry
def remove_diagnosis(*, diagnosis: Diagnosis, by, consultation=None) -> Consultation:
    """Take a diagnosis off the record; the row stays, marked (R-147)."""
    consultation = held(diagnosis.consultation, by)
    take_off(consultation, diagnosis, by=by)
    return consultation


def take_off(consultation: Consultation, diagnosis: Diagnosis, *, by) -> None:
    """Take a diagnosis off a record that is held, and the report card that it asked for."""
    diagnosis = lock(Diagnosis.objects.filter(pk=diagnosis.pk)).get()
    if diagnosis.removed_at is None:
        diagnosis.removed_at = timezone.now()
        diagnosis.save(update_fields=["removed_at"])
        duties.drop_for(consultation, standing=diagnoses_of(consultation), by=by)


@atomic_retry
def suspect(*, diagnosis: Diagnosis, on: bool, by, consultation=None) -> Consultation:
    """Say whether a diagnosis is only suspected."""
    consultation = held(diagnosis.consultation, by)
    diagnosis = _standing(diagnosis)
    if diagnosis.suspected != on:
        diagnosis.suspected = on
        diagnosis.save(update_fields=["suspected"])
    return consultation


@atomic_retry
def put_first(*, diagnosis: Diagnosis, by, consultation=None) -> Consultation:
    """Make a diagnosis the main one; the others keep their order behind it."""
    consultation = held(diagnosis.consultation, by)
    chosen = _standing(diagnosis)
    others = [other for other in diagnoses_of(consultation) if other.pk != chosen.pk]
    for rank, one in enumerate([chosen, *others], 1):
        if one.rank != rank:
            one.rank = rank
            one.save(update_fields=["rank"])
    return consultation


@atomic_retry
def guard(*, consultation: Consultation, on: bool, by) -> Consultation:
    """The doctor says whether this record is most sensitive; the table's diagnoses are anyway."""
    consultation = held(consultation, by)
    wanted = guarded.YES if on else guarded.NO
    if consultation.guarded != wanted:
        consultation.guarded = wanted
        consultation.save(update_fields=["guarded"])
    return consultation


@atomic_retry
def finish(*, consultation: Consultation, by) -> Consultation:
    """Sign the record: complaint and diagnosis are there (R-70). See registration.signing."""
    consultation = held(consultation, by)
    require_whole(consultation)
    registration = locked(consultation.registration)
    now = timezone.now()
    registration.away_seconds += away(registration, now)
    move(registration, VisitState.FINISHED)
    registration.finished_at = now
    registration.save()
    consultation.finished_at, consultation.finished_by = now, by
    signing.close(consultation, diagnoses=diagnoses_of(consultation), by=by)
    return consultation


def require_whole(consultation: Consultation) -> None:
    """A record that is signed, or stays so, has its complaint and a diagnosis (R-70)."""
    if not consultation.complaint:
        raise RuleBroken(
            _("Not finished: the chief complaint is missing. Please write it first."),
            field="complaint",
            rule="R-70",
        )
    if not diagnoses_of(consultation):
        raise RuleBroken(
            _("Not finished: there is no diagnosis. Please add at least one."),
            field="dx",
            rule="R-70",
        )


@atomic_retry
def finish_and_call(*, consultation: Consultation, by) -> Registration | None:
    """Finish, then call whoever is next; None when nobody could be called."""
    consultation = finish(consultation=consultation, by=by)
    try:
        return queue.call_next(clinician=consultation.clinician, by=by)
    except queue.NotCalled:
        return None


@atomic_retry
def next_patient(*, clinician: Clinician, by) -> Registration:
    """The doctor's “next”: finish the record that is open, where the site does so, and call."""
    if setting("queue.next_finishes"):
        inside = Consultation.objects.filter(
            clinician=clinician, registration__state=VisitState.IN_CONSULTATION
        )
        for consultation in inside.order_by("started_at"):
            finish(consultation=consultation, by=by)
    return queue.call_next(clinician=clinician, by=by)


@atomic_retry
def send_for_examination(*, consultation: Consultation, by) -> Consultation:
    """Save and let the patient go to the examination; the record stays open (R-94)."""
    consultation = held(consultation, by)
    queue.send_for_examination(registration=consultation.registration, by=by)
    return consultation


def held(consultation: Consultation, by) -> Consultation:
    """The record as it is now, locked with its visit; refused once it is closed or another's."""
    registration = locked(Registration(pk=consultation.registration_id))
    consultation = lock(Consultation.objects.filter(pk=consultation.pk)).get()
    consultation.registration = registration
    if consultation.clinician.user_id != by.pk:
        raise RuleBroken(_("Only the doctor of this consultation can write in it."), rule="R-71")
    if registration.state == VisitState.CANCELLED:
        raise RuleBroken(
            _("Not saved: an administrator has cancelled this visit. Its record is only read now."),
            rule="R-102",
        )
    if consultation.finished_at is not None or registration.state not in LIVE:
        raise RuleBroken(
            _("Not saved: this consultation is finished, its record is only read now."),
            rule="R-71",
        )
    return consultation


def diagnoses_of(consultation: Consultation) -> list[Diagnosis]:
    """Those that stand, the main one first."""
    return list(consultation.diagnoses.filter(removed_at__isnull=True))


def _consultation_of(registration: Registration) -> Consultation:
    """The visit's record, new where there is none yet; the visit is locked."""
    there = lock(Consultation.objects.filter(registration=registration)).first()
    return there or Consultation(
        registration=registration,
        patient_id=registration.patient_id,
        clinician_id=registration.session.clinician_id,
    )


def _standing(diagnosis: Diagnosis) -> Diagnosis:
    """The diagnosis as it is now, locked; refused when it was taken off meanwhile."""
    diagnosis = lock(Diagnosis.objects.filter(pk=diagnosis.pk)).get()
    if diagnosis.removed_at is not None:
        raise AlreadyDone(
            _("Not done: %(name)s was taken off the record meanwhile.") % {"name": diagnosis.name},
            field="dx",
        )
    return diagnosis


def _lately(consultation: Consultation):
    """The patient's finished visits of so many days that one more is a return visit (R-104)."""
    since = timezone.localdate(consultation.started_at) - timedelta(
        days=setting("visit.return_days")
    )
    earlier = Consultation.objects.filter(
        patient=consultation.patient_id, finished_at__isnull=False, started_at__gte=moment(since)
    )
    return earlier.exclude(pk=consultation.pk)


def _codes_lately(consultation: Consultation) -> set[str]:
    rows = Diagnosis.objects.filter(consultation__in=_lately(consultation), removed_at__isnull=True)
    return {diagnosis.code for diagnosis in rows}


def _check_days(consultation: Consultation) -> None:
    """Days that contradict each other are refused; each names the field it was typed in."""
    first, last = consultation.sick_from, consultation.sick_until
    if (first is None) != (last is None) or first is not None and first > last:
        raise RuleBroken(
            _("Not saved: a sick note needs its first day and how many days it covers."),
            field="sick_days",
        )
    due = consultation.follow_up_on
    if due is not None and due <= timezone.localdate(consultation.started_at):
        raise RuleBroken(
            _("Not saved: the follow-up has to be after the day of this visit."),
            field="follow_up",
        )
