"""The basic information form and the histories: written, corrected, withdrawn (R-59, R-60).

Lock order: the patient, then the form. Histories are written under the form's version, so that
nobody takes back what a colleague has added since the page was opened.
"""

from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.prepared import prepared
from clinic.core.transactions import atomic_retry, lock
from patients import basics_rules as rules
from patients.basics_rules import Entry
from patients.basics_words import said
from patients.changes import note_change
from patients.columns import check_columns
from patients.in_force import held, held_with
from patients.models import Basics, Change, History, Patient

_NOT_CHECKED = {"patient", "answers", "written_by", "recorded_by", "withdrawn_by", "withdrawn_at"}


class BasicsChanged(RuleBroken):
    """Somebody else saved the form since it was opened; `basics` is how it stands now."""

    def __init__(self, basics: Basics):
        super().__init__(
            _(
                "Not saved: a colleague has changed this form since you opened it. What you typed "
                "is still here. Please compare, then save again."
            )
        )
        self.basics = basics


@atomic_retry
def write_basics(
    *,
    patient: Patient,
    by,
    version: int,
    answers: dict | None = None,
    workplace: str | None = None,
    genetic: str | None = None,
    status: str = "",
    entries: list[Entry] | None = None,
    reason: str = "",
) -> Basics:
    """Write the form; what is left out (None) stays as it is.

    `version`: the one that was seen, 0 when there was none. `answers`: all codes by their set, with
    "<set>_other" and "none" (see basics_rules). `entries`: all histories; those that are no longer
    among them are withdrawn. `status`: the answer about earlier illness (R-62).
    """
    stored = _locked(patient, by)
    if stored.version != version:
        raise BasicsChanged(stored)
    before, active = _seen(stored), list(_active(patient))
    today = timezone.localdate()
    rules.refuse_children(stored.patient, today)
    answers, problems = rules.settle_answers(stored.answers if answers is None else answers)
    kept = [rules.entry_of(row) for row in active]
    if entries is not None:
        kept, more = rules.settle_entries(entries, patient=stored.patient, today=today)
        problems += more
    if genetic is not None:
        stored.genetic = rules.tidy_line(genetic)
    if workplace is not None:
        stored.workplace = rules.tidy_line(workplace)
    problems += rules.check_none_of(answers.get("none", []), kept, stored.genetic or "")
    status, none, more = rules.settle_status(
        status or _standing(stored, kept), answers.get("none", []), kept
    )
    if problems + more:
        raise (problems + more)[0]
    _put_answers(stored, answers, none, status, today)
    _write_entries(stored.patient, active, kept, by)
    return _save(stored, before, kept, by, reason)


@atomic_retry
def add_history(*, patient: Patient, by, place: str = "", **entry) -> History:
    """One more history: kind, code or text, relative (of the family), since."""
    stored = _locked(patient, by)
    before, active = _seen(stored), list(_active(patient))
    kept = [rules.entry_of(row) for row in active]
    today = timezone.localdate()
    settled, problems = rules.settle_entries(
        [Entry(place=place, **entry)], patient=stored.patient, today=today
    )
    if problems:
        raise problems[0]
    if rules.is_there(settled[0], kept):
        text = _("This is recorded already. To change it, please withdraw the old entry first.")
        raise AlreadyDone(text, field=place or None)
    kept += settled
    none = [part for part in stored.answers.get("none", []) if part != settled[0].part]
    status, none, _problems = rules.settle_status("", none, kept)
    _put_answers(stored, stored.answers, none, status, today)
    (row,) = _write_entries(stored.patient, active, kept, by)
    _save(stored, before, kept, by, "")
    return row


@atomic_retry
def withdraw_history(*, history: History, by) -> History:
    """Take back what was entered in error; it stays in the database (R-147).

    When no earlier illness is left, the patient is to be asked again: nobody said there is none.
    """
    stored = _locked(history.patient, by)
    _patient, row = held_with(history)
    if row.state == History.State.WITHDRAWN:
        raise AlreadyDone(_("This entry was already withdrawn. Nothing was changed."))
    before, active = _seen(stored), list(_active(stored.patient))
    kept = [rules.entry_of(other) for other in active if other.pk != row.pk]
    status, none, _problems = rules.settle_status("", stored.answers.get("none", []), kept)
    _put_answers(stored, stored.answers, none, status, stored.asked_on)
    _write_entries(stored.patient, active, kept, by)
    _save(stored, before, kept, by, "")
    row.refresh_from_db()
    return row


def basics_of(patient: Patient) -> Basics:
    """The form as it stands; an empty one with version 0 where nobody has filled it."""
    found = _basics.first(patient)
    return found or Basics(patient=patient, answers={}, version=0)


def histories_of(patient: Patient) -> list[History]:
    """Those in force, in the order in which they were recorded."""
    return _in_force(patient)


@prepared
def _basics(patient: UUID):
    return Basics.objects.filter(patient=patient).select_related("written_by").order_by("pk")[:1]


@prepared
def _in_force(patient: UUID):
    return _active(patient)


def _locked(patient: Patient, by) -> Basics:
    owner = held(patient.pk)
    found = lock(Basics.objects.filter(patient=owner)).first()
    basics = found or Basics(patient=owner, answers={}, version=0, written_by=by)
    basics.patient = owner
    return basics


def _active(patient: Patient):
    rows = History.objects.filter(patient=patient, state=History.State.ACTIVE)
    return rows.order_by("recorded_at", "pk")


def _standing(stored: Basics, kept: list[Entry]) -> str:
    """The answer that stands, unless what is written now says another."""
    has = any(entry.kind in rules.ILL for entry in kept)
    is_denied = stored.histories == Basics.Histories.DENIED
    return stored.histories if is_denied and not has else ""


def _put_answers(stored: Basics, answers: dict, none: list[str], status: str, asked) -> None:
    answers = {name: value for name, value in answers.items() if name != "none"}
    stored.answers = {**answers, "none": none} if none else answers
    stored.histories = status
    stored.asked_on = None if status == Basics.Histories.NOT_ASKED else asked


def _write_entries(patient: Patient, active: list, kept: list[Entry], by) -> list[History]:
    """Withdraw the rows that are not kept, write those that are new; the new ones."""
    wanted, now = {entry.key: entry for entry in kept}, timezone.now()
    for row in active:
        if wanted.pop(rules.entry_of(row).key, None) is None:
            row.state = History.State.WITHDRAWN
            row.withdrawn_at, row.withdrawn_by = now, by
            row.save(update_fields=["state", "withdrawn_at", "withdrawn_by"])
    rows = []
    for kind, code, text, relative, since in wanted:
        row = History(
            patient=patient, kind=kind, code=code, text=text, relative=relative, since=since,
            recorded_by=by,
        )  # fmt: skip
        check_columns(row, exclude=_NOT_CHECKED)
        row.save()
        rows.append(row)
    return rows


def _seen(stored: Basics) -> dict:
    """Everything the form says, by field, for the difference (R-60)."""
    return _said(stored, [rules.entry_of(row) for row in _active(stored.patient)])


def _said(stored: Basics, entries: list[Entry]) -> dict:
    return said(stored.answers, stored.workplace, stored.genetic, stored.histories, entries)


def _save(stored: Basics, before: dict, kept: list[Entry], by, reason: str) -> Basics:
    after = _said(stored, kept)
    is_new = stored._state.adding
    if not is_new and before == after:
        # Asked again with the same answers: only the day is newer, which is no correction.
        stored.save(update_fields=["asked_on"])
        return stored
    stored.version += 1
    stored.written_by = by
    check_columns(stored, exclude=_NOT_CHECKED)
    stored.save()
    if not is_new:
        note_change(
            patient=stored.patient, what=Change.What.BASICS, version=stored.version,
            before=before, after=after, by=by, reason=reason,
        )  # fmt: skip
    return stored
