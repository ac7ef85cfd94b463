"""Allergies: recorded, withdrawn, denied, confirmed. Verbs are offered by patients.services.

An allergy is written and withdrawn under its patient's lock, so status and entries always agree:
status "has" means at least one active allergy, and only that does (R-44).
"""

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.transactions import atomic_retry
from patients.allergy_groups import UNKNOWN, groups_of
from patients.columns import check_columns
from patients.in_force import held, held_with
from patients.models import Allergy, AllergyGroup, AllergyStatus, Patient
from patients.rules import tidy_name
from patients.since import tidy_since
from security.permissions import P

NO_ALLERGY_WORDS = {"无", "没有", "否认", "无过敏", "没有过敏", "否认过敏史", "none", "no"}


@atomic_retry
def set_allergy_status(*, patient: Patient, status: str, by) -> Patient:
    """Note that the patient denies allergies, or that nobody has asked yet."""
    stored = held(patient.pk)
    if status == AllergyStatus.HAS:
        raise RuleBroken(
            _("Which allergy? Please write the drug; if it isn't known, write “unknown”."),
            field="substance",
            rule="R-44",
        )
    if status not in AllergyStatus.values:
        raise RuleBroken(_("Please choose one of the three answers about allergies."))
    if _active(stored).exists():
        raise RuleBroken(
            _(
                "Allergies are recorded. If one was entered in error, please withdraw it first, "
                "then the answer can be changed."
            ),
            rule="R-44",
        )
    stored.allergy_status = status
    if status == AllergyStatus.NOT_ASKED:
        stored.allergy_confirmed_at = stored.allergy_confirmed_by = None
    else:
        note_confirmed(stored, by)
    _save_allergy_state(stored)
    return stored


@atomic_retry
def add_allergy(*, patient: Patient, by, **entry) -> Allergy:
    """Record an allergy; without a group it is found by the name that was typed (R-44).

    `entry`: substance, severity, and perhaps group_code, reaction, source, since. A word that
    stands for several groups makes an entry for each; the first is returned.
    """
    stored = held(patient.pk)
    written = write_allergies(stored, by=by, **entry)
    stored.allergy_status = AllergyStatus.HAS
    note_confirmed(stored, by)
    _save_allergy_state(stored)
    return written[0]


@atomic_retry
def withdraw_allergy(*, allergy: Allergy, by) -> Allergy:
    """Take back an allergy that was entered in error; it stays visible in the history (R-147).

    When none is left, the patient has to be asked again: nobody has said that there are none.
    """
    patient, stored = held_with(allergy)
    if stored.state == Allergy.State.WITHDRAWN:
        raise AlreadyDone(_("This allergy was already withdrawn. Nothing was changed."))
    _withdraw(stored, by)
    if not _active(patient).exists():
        patient.allergy_status = AllergyStatus.NOT_ASKED
        patient.allergy_confirmed_at = patient.allergy_confirmed_by = None
        _save_allergy_state(patient)
    return stored


@atomic_retry
def settle_group(*, allergy: Allergy, group_code: str, by) -> Allergy:
    """A doctor says which group a word stands for; "" when it is none of them (R-44).

    Another group than the one that was found makes a new entry, and the old one is withdrawn: what
    was believed until now stays in the history (R-147).
    """
    if not by.has_perm(P.CONSULT):
        raise RuleBroken(_("Not noted: a doctor says which group it is. Please ask one."))
    patient, stored = held_with(allergy)
    if stored.state == Allergy.State.WITHDRAWN:
        raise AlreadyDone(_("This allergy was already withdrawn. Nothing was changed."))
    _check_group(group_code)
    if group_code == stored.group_code:
        return _confirm_group(stored, by)
    twin = [
        other
        for other in _active(patient)
        if (other.group_code, other.substance) == (group_code, stored.substance)
    ]
    _withdraw(stored, by)
    if twin:  # a word of two groups, of which both were found
        return _confirm_group(twin[0], by)
    new = Allergy(
        patient=patient,
        group_code=group_code,
        recorded_by=by,
        **{name: getattr(stored, name) for name in _AS_TOLD},
    )
    new.group_confirmed_at, new.group_confirmed_by = timezone.now(), by
    new.save()
    return new


def _confirm_group(allergy: Allergy, by) -> Allergy:
    allergy.group_confirmed_at, allergy.group_confirmed_by = timezone.now(), by
    allergy.save(update_fields=["group_confirmed_at", "group_confirmed_by"])
    return allergy


def _withdraw(allergy: Allergy, by) -> None:
    allergy.state = Allergy.State.WITHDRAWN
    allergy.withdrawn_at, allergy.withdrawn_by = timezone.now(), by
    allergy.save(update_fields=["state", "withdrawn_at", "withdrawn_by"])


@atomic_retry
def confirm_allergies(*, patient: Patient, by) -> Patient:
    """Note that the patient was asked again today and nothing has changed (R-44)."""
    stored = held(patient.pk)
    if stored.allergy_status == AllergyStatus.NOT_ASKED:
        raise RuleBroken(
            _("There is nothing to confirm: allergies were not asked. Please ask and choose."),
            rule="R-44",
        )
    note_confirmed(stored, by)
    _save_allergy_state(stored)
    return stored


_NOT_CHECKED = {"patient", "group_code", "recorded_by", "withdrawn_at", "withdrawn_by"} | {
    "group_confirmed_at", "group_confirmed_by", "since",
}  # fmt: skip


# What a new entry takes over from the one whose group was wrong.
_AS_TOLD = ("substance", "reaction", "severity", "source", "since")


def _active(patient: Patient):
    return Allergy.objects.filter(patient=patient, state=Allergy.State.ACTIVE)


def check_status_fits(status: str, allergies: list[dict]) -> None:
    if status not in AllergyStatus.values:
        raise RuleBroken(
            _("Please choose one of the three answers about allergies."),
            field="allergy_status",
            rule="R-44",
        )
    if status == AllergyStatus.HAS and not allergies:
        raise RuleBroken(
            _("Which allergy? Please write the drug; if it isn't known, write “unknown”."),
            field="substance_0",
            rule="R-44",
        )
    if status != AllergyStatus.HAS and allergies:
        raise RuleBroken(
            _("A drug is written, so please choose “Has allergies”, or clear the drug."),
            field="allergy_status",
            rule="R-44",
        )


def write_allergies(
    patient: Patient,
    *,
    substance: str,
    severity: str,
    by,
    group_code: str = "",
    reaction: str = "",
    source: str = Allergy.Source.PATIENT,
    since: str = "",
) -> list[Allergy]:
    """One row, or one per group where the word is ambiguous; the patient is locked or new.

    A group that a doctor names, or that was tested here, needs nobody's confirmation any more.
    """
    substance = tidy_name(substance)
    _check_allergy(substance, severity, source)
    _check_group(group_code)
    since = tidy_since(since, field="since", patient=patient, today=timezone.localdate())
    codes = [group_code] if group_code else [group.code for group in groups_of(substance)]
    known = {(allergy.group_code, allergy.substance) for allergy in _active(patient)}
    new = [code for code in codes or [""] if (code, substance) not in known]
    if not new:
        raise RuleBroken(
            _(
                "“%(substance)s” is already recorded. To change it, please withdraw the old entry "
                "first."
            )
            % {"substance": substance},
            field="substance",
        )
    is_sure = bool(group_code) and (source == Allergy.Source.TEST or by.has_perm(P.CONSULT))
    rows = [
        Allergy(
            patient=patient,
            group_code=code,
            substance=substance,
            reaction=reaction or None,
            severity=severity,
            source=source,
            since=since or None,
            group_confirmed_at=timezone.now() if is_sure else None,
            group_confirmed_by=by if is_sure else None,
            recorded_by=by,
        )
        for code in new
    ]
    for row in rows:
        check_columns(row, exclude=_NOT_CHECKED)
        row.save()
    return rows


def _check_allergy(substance: str, severity: str, source: str) -> None:
    if not substance:
        raise RuleBroken(
            _("Which allergy? Please write the drug; if it isn't known, write “unknown”."),
            field="substance",
            rule="R-44",
        )
    if substance.lower() in NO_ALLERGY_WORDS:
        raise RuleBroken(
            _("“%(word)s” is no drug. If there is no allergy, please choose “Denies allergies”.")
            % {"word": substance},
            field="substance",
            rule="R-44",
        )
    if severity not in Allergy.Severity.values:
        raise RuleBroken(
            _("How bad was it? Please choose a severity; “Severe” when life was in danger."),
            field="severity",
        )
    if source not in Allergy.Source.values:
        raise RuleBroken(_("Who says so? Please choose one of the list."), field="source")


def _check_group(code: str) -> None:
    if code not in ("", UNKNOWN) and not AllergyGroup.objects.filter(code=code).exists():
        raise RuleBroken(
            _("This allergy group is not known. Please write the drug's name."), field="substance"
        )


def note_confirmed(patient: Patient, by) -> None:
    patient.allergy_confirmed_at, patient.allergy_confirmed_by = timezone.now(), by


def note_unasked(patient: Patient) -> None:
    """What is on file comes from papers; nobody here has asked the patient yet (R-44)."""
    patient.allergy_confirmed_at = patient.allergy_confirmed_by = None
    _save_allergy_state(patient)


def _save_allergy_state(patient: Patient) -> None:
    patient.save(
        update_fields=[
            "allergy_status", "allergy_confirmed_at", "allergy_confirmed_by", "updated_at",
        ]
    )  # fmt: skip
