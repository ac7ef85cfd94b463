"""Report cards of notifiable diseases: asked for, sent, or not needed (R-75).

A diagnosis of the list asks for one card of its disease, once for each visit.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Min, Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.transactions import atomic_retry, lock
from registration.desk import Notice
from registration.models import Consultation, Diagnosis, ReportDuty
from registration.notifiable import disease_of

State = ReportDuty.State
TAKEN_BACK = "taken_back"  # in the facts: encrypted, like all that tells of the illness


def ask_for(consultation: Consultation, diagnosis: Diagnosis) -> ReportDuty | None:
    """The card that this new diagnosis needs; None when it is not notifiable or was asked for."""
    disease = disease_of(diagnosis.code)
    if disease is None or _asked_before(consultation, disease.name):
        return None
    facts = {"disease": disease.name, "grade": disease.grade, "hours": disease.hours}
    facts |= {"code": diagnosis.code, "name": diagnosis.name}
    due = timezone.now() + timedelta(hours=disease.hours)
    return ReportDuty.objects.create(consultation=consultation, facts=facts, due_at=due)


def _asked_before(consultation: Consultation, disease: str) -> bool:
    """A card that was taken back with its diagnosis does not count when that comes again."""
    duties = consultation.report_duties.exclude(state=State.NOT_NEEDED)
    return any(duty.facts["disease"] == disease for duty in duties)


def drop_for(consultation: Consultation, *, standing: list[Diagnosis], by) -> None:
    """Open cards whose diagnosis was taken off the record are not needed any more."""
    needed = {found.name for d in standing if (found := disease_of(d.code))}
    for duty in lock(consultation.report_duties.filter(state=State.OPEN)):
        if duty.facts["disease"] not in needed:
            with translation.override(settings.LANGUAGE_CODE):
                _close(duty, State.NOT_NEEDED, by, reason=_("The diagnosis was taken off."))


@atomic_retry
def report(*, duty: ReportDuty, at: datetime, number: str, by) -> ReportDuty:
    """The card has gone out: when, by whom, under which number."""
    duty = _open(duty, by)
    if at > timezone.now():
        raise RuleBroken(_("Not saved: this time has not come yet."), field="at")
    if at < duty.consultation.started_at:
        raise RuleBroken(_("Not saved: this was before the visit."), field="at")
    return _close(duty, State.REPORTED, by, reported_at=at, number=number or None)


@atomic_retry
def not_needed(*, duty: ReportDuty, reason: str, by) -> ReportDuty:
    """No card from here, for this reason; it stays readable."""
    duty = _open(duty, by)
    if not reason.strip():
        raise RuleBroken(_("Not saved: please write why no report is needed."), field="reason")
    return _close(duty, State.NOT_NEEDED, by, reason=reason.strip())


@atomic_retry
def reopen(*, duty: ReportDuty, by) -> ReportDuty:
    """Settled by mistake: open again; what was said of it stays readable (R-75)."""
    duty = _own(duty, by)
    if duty.state == State.OPEN:
        raise AlreadyDone(_("Not done: this report card is open already."))
    if duty.state == State.NOT_NEEDED and _asked_before(duty.consultation, duty.facts["disease"]):
        raise RuleBroken(
            _("Not opened again: this visit has another report card of the same disease."),
            rule="R-75",
        )
    duty.facts = {**duty.facts, TAKEN_BACK: [*taken_back(duty), _said(duty, by)]}
    duty.state = State.OPEN
    duty.closed_at = duty.closed_by = duty.reported_at = duty.number = duty.reason = None
    duty.save()
    return duty


def taken_back(duty: ReportDuty) -> list[dict]:
    """What was said of the card before and taken back, the oldest first."""
    return duty.facts.get(TAKEN_BACK, [])


def _said(duty: ReportDuty, by) -> dict:
    """The state that is taken back, in words that stay true whatever becomes of accounts."""
    at = duty.reported_at or duty.closed_at
    return {
        "state": duty.state,
        "at": timezone.localtime(at).strftime("%Y-%m-%d %H:%M"),
        "by": duty.closed_by.full_name,
        "words": duty.number or duty.reason or "",
        "taken_back_at": timezone.localtime().strftime("%Y-%m-%d %H:%M"),
        "taken_back_by": by.full_name,
    }


def _open(duty: ReportDuty, by) -> ReportDuty:
    duty = _own(duty, by)
    if duty.state != State.OPEN:
        raise AlreadyDone(_("Not saved: this report was settled before."))
    return duty


def _own(duty: ReportDuty, by) -> ReportDuty:
    """The card as it is now, locked; refused to everybody but the doctor of the record."""
    duty = lock(ReportDuty.objects.filter(pk=duty.pk)).get()
    if duty.consultation.clinician.user_id != by.pk:
        raise RuleBroken(_("Only the doctor of this consultation reports it."), rule="R-75")
    return duty


def _close(duty: ReportDuty, state: str, by, **fields) -> ReportDuty:
    duty.state, duty.closed_at, duty.closed_by = state, timezone.now(), by
    for name, value in fields.items():
        setattr(duty, name, value)
    duty.save()
    return duty


def of_doctor(user):
    """The doctor's own cards that are open, the most urgent first."""
    found = ReportDuty.objects.filter(state=State.OPEN, consultation__clinician__user=user)
    return found.select_related("consultation__patient").order_by("due_at", "pk")


def notice(user) -> Notice | None:
    """Above the doctor's queue: how many cards are open, and that one is late."""
    found = ReportDuty.objects.filter(state=State.OPEN, consultation__clinician__user=user)
    dues = list(found.order_by("due_at").values_list("due_at", flat=True))
    if not dues:
        return None
    words = ngettext("%(count)s report card is open", "%(count)s report cards are open", len(dues))
    words %= {"count": len(dues)}
    if dues[0] < timezone.now():
        words = _("%(words)s, one is late") % {"words": words}
    return Notice(words, reverse("report_list"))


def told_administrator() -> str | None:
    """How many are open in the whole clinic, without any name."""
    found = ReportDuty.objects.filter(state=State.OPEN).order_by()
    count, first = found.count(), found.aggregate(first=Min("due_at"))["first"]
    if not count:
        return None
    late = found.filter(Q(due_at__lt=timezone.now())).count() if first < timezone.now() else 0
    words = ngettext(
        "%(count)s report card of a notifiable disease is open, %(late)s late.",
        "%(count)s report cards of notifiable diseases are open, %(late)s late.",
        count,
    )
    return words % {"count": count, "late": late}


def panel(consultation: Consultation, request) -> dict:
    """Context of the panel beside the record: its cards, and which are late."""
    duties = list(consultation.report_duties.select_related("closed_by"))
    for duty in duties:
        duty.is_late = duty.state == State.OPEN and duty.due_at < timezone.now()
    return {"duties": duties}


def act(*, consultation: Consultation, by) -> str:
    """The panel's button: to the first open card, once the record is saved."""
    first = consultation.report_duties.filter(state=State.OPEN).order_by("due_at").first()
    return reverse("report_duty", args=[first.pk]) if first else reverse("report_list")
