"""What was explained to a patient and what they answered (R-137).

Lock order: the patient, then the texts.
"""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.transactions import atomic_retry, lock
from patients.columns import check_columns
from patients.in_force import held, held_with
from patients.models import Consent, ConsentKind, ConsentText, Patient
from patients.reference import load_consent_texts
from patients.rules import is_minor, name_problem, tidy_name

LONGEST_TEXT = 20_000
SET_ELSEWHERE = {"patient", "text", "made_by", "withdrawn_at", "withdrawn_by"}


@atomic_retry
def answer(*, patient: Patient, text: ConsentText, agreed: bool, by, given_by: str = "") -> Consent:
    """Write down that this version was explained, and the answer; a refusal is one, too.

    `given_by`: who answered, blank for the patient. For a child below 14 that is a guardian (R-86).
    """
    patient = held(patient.pk)
    row = Consent(
        patient=patient,
        text=text,
        agreed=agreed,
        given_by=_who(patient, given_by) or None,
        made_by=by,
    )
    check_columns(row, exclude=SET_ELSEWHERE)
    row.save()
    _follow(patient, text.kind)
    return row


@atomic_retry
def withdraw(*, consent: Consent, by) -> Consent:
    """From now on it is as if it had never been given; what was done before stays lawful."""
    patient, stored = held_with(consent)
    if stored.withdrawn_at is not None:
        raise AlreadyDone(_("This consent was withdrawn before. Please reload the page."))
    if not stored.agreed:
        raise RuleBroken(_("Nobody agreed to this, so there is nothing to withdraw."))
    stored.withdrawn_at, stored.withdrawn_by = timezone.now(), by
    stored.save(update_fields=["withdrawn_at", "withdrawn_by"])
    _follow(patient, stored.text.kind)
    return stored


@atomic_retry
def write_text(*, kind: str, text: str, by) -> ConsentText:
    """The next version; earlier ones stay as people agreed to them."""
    if trouble := text_problem(kind, text):
        raise RuleBroken(trouble, field="text")
    newest = lock(ConsentText.objects.filter(kind=kind).order_by("-version")).first()
    row = ConsentText(kind=kind, version=newest.version + 1, text=_tidy(text), made_by=by)
    check_columns(row, exclude={"made_by"})
    row.save()
    return row


def text_problem(kind: str, text: str) -> str | None:
    """Why this can't be the next version, or None."""
    newest = texts_in_force().get(kind)
    if newest is None:
        return _("Please choose what the text is for.")
    if not _tidy(text):
        return _("The text is missing. Please write it.")
    if len(text) > LONGEST_TEXT:
        return _("The text is too long. Please shorten it.")
    if newest.text == _tidy(text):
        return _("Nothing differs from the version in force.")
    return None


def _tidy(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines()).strip()


def texts_in_force() -> dict[str, ConsentText]:
    """The newest version of each kind; the shipped one where nobody loaded any yet."""
    newest = _newest()
    if set(newest) != set(ConsentKind.values):
        load_consent_texts()
        newest = _newest()
    return {kind: newest[kind] for kind in ConsentKind.values}


def explained(version: int | None = None) -> ConsentText:
    """The notice as somebody saw it on their screen, else the one in force."""
    if version is not None:
        seen = ConsentText.objects.filter(kind=ConsentKind.NOTICE, version=version).first()
        if seen is None:
            raise RuleBroken(_("This version of the notice does not exist. Please reload."))
        return seen
    return texts_in_force()[ConsentKind.NOTICE]


def allows(patient: Patient, kind: str) -> bool:
    """Whether the last answer to this kind was a consent that still stands."""
    last = _last(patient, kind)
    return last is not None and last.agreed and last.withdrawn_at is None


def last_notice(patient: Patient) -> Consent | None:
    """The last answer to the notice, whatever it was."""
    return _last(patient, ConsentKind.NOTICE)


def needs_guardian(patient: Patient, on: date | None = None) -> bool:
    return is_minor(patient.birth_date, on or timezone.localdate())


def _newest() -> dict[str, ConsentText]:
    rows = ConsentText.objects.order_by("kind", "version")
    return {row.kind: row for row in rows}


def _last(patient: Patient, kind: str) -> Consent | None:
    rows = Consent.objects.filter(patient=patient, text__kind=kind)
    return rows.order_by("-made_at", "-text__version").first()


def _follow(patient: Patient, kind: str) -> None:
    """The mark on the file says what the answers say; it is no correction of the person."""
    if kind != ConsentKind.NOTICE:
        return
    given = allows(patient, kind)
    if patient.notice_given != given:
        patient.notice_given = given
        patient.save(update_fields=["notice_given", "updated_at"])


def _who(patient: Patient, given_by: str) -> str:
    name = tidy_name(given_by)
    if not name:
        if needs_guardian(patient):
            text = _("Under 14 a guardian answers. Please write the guardian's name.")
            raise RuleBroken(text, field="given_by", rule="R-86")
        return ""
    if trouble := name_problem(name):
        raise RuleBroken(trouble, field="given_by", rule="R-83")
    return name
