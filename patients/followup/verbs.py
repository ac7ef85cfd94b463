"""Everything that changes a file of long care or one of its dates (R-63 to R-68).

Lock order: the patient, the care file, then its follow-ups. A correction keeps what was written
before.
"""

from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry, lock
from patients.age import age_years
from patients.followup import plans, rules, sheets
from patients.in_force import held
from patients.models import CareFile, CareKind, FollowUp, Patient

State = FollowUp.State
LONGEST_DELAY = 92  # days: whoever can't come for a quarter has a reason to be written


class ChangedMeanwhile(RuleBroken):
    """A colleague wrote this follow-up since it was opened."""


@atomic_retry
def open_file(
    *, patient: Patient, kind: str, by, facts: dict | None = None, doctor=None, opened_on=None
) -> CareFile:
    """A file of one kind with the dates of its plan; one open file of each kind (R-63, R-66, R-67).

    `facts`: diagnosed, discharged (a child), last_period (a pregnancy), as ISO days.
    """
    opened_on = opened_on or timezone.localdate()
    facts = {name: value for name, value in (facts or {}).items() if value}
    patient = held(patient.pk)
    problem = plans.opening_problem(
        kind, facts, born=patient.birth_date, sex=patient.sex, on=opened_on
    )
    if problem:
        raise RuleBroken(problem[1], field=problem[0], rule="R-67")
    made = CareFile(
        patient=patient, kind=kind, facts=facts, doctor=doctor, opened_on=opened_on, opened_by=by
    )
    made.open_key = f"{patient.pk.hex}:{kind}"
    _save_new(made)
    for step, day in plans.first_dates(kind, facts, born=patient.birth_date, opened_on=opened_on):
        _plan(made, step, day)
    return made


@atomic_retry
def record(
    *, follow_up: FollowUp, version: int, done_on: date, findings: dict, by, next_on=None,
    visit=None,
) -> FollowUp:  # fmt: skip
    """What was found; again for the same date, it is a correction that keeps the earlier text.

    The next date of a chronic file follows by itself (R-68); `next_on` may lie before it.
    """
    row = _opened(follow_up, version)
    care = row.care_file
    _check_day(care, done_on)
    unknown = set(findings) - set(sheets.asks_of(care.kind, row.step))
    if unknown:
        raise TypeError(f"This form does not ask {', '.join(sorted(unknown))}.")
    findings = {key: value for key, value in findings.items() if value not in (None, "", [])}
    outcome = judged(row, findings, done_on)
    _check_outcome(findings, outcome)
    if outcome.grade:
        findings["grade"] = outcome.grade
    if row.state == State.DONE:
        _keep(row, by, findings=row.findings, done_on=row.done_on.isoformat())
    row.findings, row.done_on, row.done_by, row.state = findings, done_on, by, State.DONE
    row.visit = visit or row.visit
    _save(row)
    _plan_next(care, row, outcome, next_on)
    return row


@atomic_retry
def reschedule(*, follow_up: FollowUp, version: int, due_on: date, reason: str, by) -> FollowUp:
    """Another day for a date that was not kept yet; the earlier one stays readable."""
    row = _planned(follow_up, version)
    today = timezone.localdate()
    if due_on < today:
        raise RuleBroken(_("This day is over. Please write today or a later day."), field="due_on")
    if (due_on - max(row.due_on, today)).days > LONGEST_DELAY:
        raise RuleBroken(
            _("More than three months later: please note that nobody was reached."), field="due_on"
        )
    _need(reason, _("Please write why the day is moved."))
    _keep(row, by, due_on=row.due_on.isoformat(), reason=reason.strip())
    row.due_on = due_on
    return _save(row)


@atomic_retry
def missed(*, follow_up: FollowUp, version: int, reason: str, by) -> FollowUp:
    """Nobody was reached; a chronic file is tried again within two weeks (R-63)."""
    row = _planned(follow_up, version)
    _need(reason, _("Please write what was tried."))
    row.state, row.findings = State.MISSED, {"missed": reason.strip()}
    row.done_on, row.done_by = timezone.localdate(), by
    _save(row)
    if row.care_file.kind in plans.PERIODIC:
        _plan(row.care_file, plans.AGAIN, timezone.localdate() + plans.SOON)
    return row


@atomic_retry
def close_file(*, care_file: CareFile, version: int, reason: str, by) -> CareFile:
    """Moved away, died, lost, over: nothing more is due; what was found stays (R-60)."""
    care = _care(care_file)
    if care.version != version:
        raise ChangedMeanwhile(_meanwhile())
    _need(reason, _("Please write why the file is closed."))
    _drop(care)
    care.closed_on, care.closed_by = timezone.localdate(), by
    care.close_reason, care.open_key = reason.strip(), None
    return _save(care)


@atomic_retry
def note_delivery(
    *, care_file: CareFile, version: int, delivered_on: date, by, discharged_on: date | None = None
) -> CareFile:
    """The child is born: the visits after it are planned, those before it are over (R-67)."""
    care = _care(care_file)
    if care.version != version:
        raise ChangedMeanwhile(_meanwhile())
    if care.kind != CareKind.PREGNANCY or "delivered" in care.facts:
        raise RuleBroken(_("The birth is written already. Nothing was changed."))
    begun = date.fromisoformat(care.facts["last_period"])
    if not begun < delivered_on <= timezone.localdate():
        text = _("The birth lies after the last period and not in the future. Please check it.")
        raise RuleBroken(text, field="delivered_on")
    if discharged_on and not delivered_on <= discharged_on <= timezone.localdate():
        text = _("The day of discharge lies between the birth and today. Please check it.")
        raise RuleBroken(text, field="discharged_on")
    _drop(care)
    care.facts = {**care.facts, "delivered": delivered_on.isoformat()}
    for step, day in plans.after_delivery(delivered_on, discharged_on):
        _plan(care, step, day)
    return _save(care)


def judged(row: FollowUp, findings: dict, done_on: date) -> rules.Outcome:
    """The rules over these findings, with the follow-up before them."""
    care = row.care_file
    done = care.follow_ups.filter(state=State.DONE, done_on__lte=done_on).exclude(pk=row.pk)
    last = done.order_by("-done_on", "-made_at").first()
    age = age_years(care.patient.birth_date, done_on)
    return rules.judge(care.kind, findings, age=age, before=last and last.findings)


def _check_day(care: CareFile, done_on: date) -> None:
    if done_on > timezone.localdate():
        raise RuleBroken(_("This day has not come yet. Please check it."), field="done_on")
    if done_on < care.opened_on:
        text = _("The file was opened on %(day)s; this day lies before it.")
        raise RuleBroken(text % {"day": care.opened_on.isoformat()}, field="done_on")


def _check_outcome(findings: dict, outcome: rules.Outcome) -> None:
    if findings.get("grade") and outcome.grade != findings["grade"]:
        text = _("The values say “%(grade)s”. Please check them, or leave the class empty.")
        words = str(sheets.GRADES[int(outcome.grade) - 1])
        raise RuleBroken(text % {"grade": words}, field="grade", rule="R-64")
    if outcome.refer and not findings.get("referral_to"):
        text = _("To be referred (%(why)s): please write where to, or that it was declined.")
        why = "；".join(outcome.refer)
        raise RuleBroken(text % {"why": why}, field="referral_to", rule="R-63")
    if outcome.refer:
        findings.setdefault("referral_reason", "；".join(outcome.refer))


def _plan_next(care: CareFile, row: FollowUp, outcome: rules.Outcome, next_on) -> None:
    """One open date of a chronic file; only the latest follow-up decides it."""
    latest = plans.next_date(care.kind, row.done_on, soon=outcome.soon)
    if latest is None or care.closed_on:
        return
    if next_on is not None and not row.done_on < next_on <= latest:
        text = _("The next follow-up is due by %(day)s. Please write a day after this one.")
        raise RuleBroken(text % {"day": latest.isoformat()}, field="next_on", rule="R-68")
    if care.follow_ups.filter(state=State.DONE, done_on__gt=row.done_on).exists():
        return
    step = plans.REFERRAL if outcome.refer else ""
    planned = care.follow_ups.filter(state=State.PLANNED).order_by("due_on").first()
    if planned is None:
        _plan(care, step, next_on or latest)
        return
    planned.step, planned.due_on = step, next_on or latest
    _save(planned)


def _opened(follow_up: FollowUp, version: int) -> FollowUp:
    """The row as it is now, with its file locked; refused when a colleague was faster."""
    care = lock(CareFile.objects.filter(pk=follow_up.care_file_id)).get()
    row = lock(FollowUp.objects.filter(pk=follow_up.pk)).get()
    row.care_file = care
    if row.version != version:
        raise ChangedMeanwhile(_meanwhile())
    if care.closed_on and row.state != State.DONE or row.state in (State.MISSED, State.DROPPED):
        raise RuleBroken(_("This date is over; nothing can be written for it any more."))
    return row


def _planned(follow_up: FollowUp, version: int) -> FollowUp:
    row = _opened(follow_up, version)
    if row.state != State.PLANNED:
        raise RuleBroken(recorded_words())
    return row


def recorded_words() -> str:
    return _("This follow-up was recorded already. Nothing was changed.")


def _care(care_file: CareFile) -> CareFile:
    care = lock(CareFile.objects.filter(pk=care_file.pk)).get()
    if care.closed_on:
        raise RuleBroken(_("This file is closed. Nothing was changed."))
    return care


def _meanwhile() -> str:
    return _(
        "Not saved: a colleague has written this since you opened it. What you typed is still "
        "here. Please compare below, then save again."
    )


def _need(reason: str, words: str) -> None:
    if not reason.strip():
        raise RuleBroken(words, field="reason", rule="R-60")


def _keep(row: FollowUp, by, **earlier) -> None:
    """What stood there, and who changed it when."""
    said = {"by": by.full_name, "at": timezone.localtime().strftime("%Y-%m-%d %H:%M"), **earlier}
    row.earlier = [*(row.earlier or []), said]


def _drop(care: CareFile) -> None:
    for row in lock(care.follow_ups.filter(state=State.PLANNED)):
        row.state = State.DROPPED
        _save(row)


def _plan(care: CareFile, step: str, day: date) -> FollowUp:
    return FollowUp.objects.create(care_file=care, step=step, due_on=day)


def _save(row):
    row.version += 1
    row.save()
    return row


def _save_new(care: CareFile) -> None:
    """The database's own answer to two people who open the same file."""
    try:
        with transaction.atomic():
            care.save()
    except IntegrityError:
        text = _("There is an open file of this kind already. Please go on in it.")
        raise RuleBroken(text, field="kind", rule="R-63") from None
