"""Allergies: recorded, withdrawn, denied, confirmed. Verbs are offered by patients.services.

An allergy is written and withdrawn under its patient's lock, so status and entries always agree:
status "has" means at least one active allergy, and only that does (R-44).
"""

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.transactions import atomic_retry, lock
from patients.allergy_groups import UNKNOWN, groups_of
from patients.columns import check_columns
from patients.models import Allergy, AllergyGroup, AllergyStatus, Patient
from patients.rules import tidy_name

NO_ALLERGY_WORDS = {"无", "没有", "否认", "无过敏", "没有过敏", "否认过敏史", "none", "no"}


@atomic_retry
def set_allergy_status(*, patient: Patient, status: str, by) -> Patient:
    """Note that the patient denies allergies, or that nobody has asked yet."""
    stored = lock(Patient.objects.filter(pk=patient.pk)).get()
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
def add_allergy(
    *,
    patient: Patient,
    substance: str,
    severity: str,
    by,
    group_code: str = "",
    reaction: str = "",
    source: str = Allergy.Source.PATIENT.value,
) -> Allergy:
    """Record an allergy; without a group it is found by the name that was typed (R-44).

    A word that stands for several groups makes an entry for each; the first is returned.
    """
    stored = lock(Patient.objects.filter(pk=patient.pk)).get()
    written = write_allergies(
        stored,
        substance=substance,
        severity=severity,
        by=by,
        group_code=group_code,
        reaction=reaction,
        source=source,
    )
    stored.allergy_status = AllergyStatus.HAS
    note_confirmed(stored, by)
    _save_allergy_state(stored)
    return written[0]


@atomic_retry
def withdraw_allergy(*, allergy: Allergy, by) -> Allergy:
    """Take back an allergy that was entered in error; it stays visible in the history (R-147).

    When none is left, the patient has to be asked again: nobody has said that there are none.
    """
    patient = lock(Patient.objects.filter(pk=allergy.patient_id)).get()
    stored = lock(Allergy.objects.filter(pk=allergy.pk)).get()
    if stored.state == Allergy.State.WITHDRAWN:
        raise AlreadyDone(_("This allergy was already withdrawn. Nothing was changed."))
    stored.state = Allergy.State.WITHDRAWN
    stored.withdrawn_at, stored.withdrawn_by = timezone.now(), by
    stored.save(update_fields=["state", "withdrawn_at", "withdrawn_by"])
    if not _active(patient).exists():
        patient.allergy_status = AllergyStatus.NOT_ASKED
        patient.allergy_confirmed_at = patient.allergy_confirmed_by = None
        _save_allergy_state(patient)
    return stored


@atomic_retry
def confirm_allergies(*, patient: Patient, by) -> Patient:
    """Note that the patient was asked again today and nothing has changed (R-44)."""
    stored = lock(Patient.objects.filter(pk=patient.pk)).get()
    if stored.allergy_status == AllergyStatus.NOT_ASKED:
        raise RuleBroken(
            _("There is nothing to confirm: allergies were not asked. Please ask and choose."),
            rule="R-44",
        )
    note_confirmed(stored, by)
    _save_allergy_state(stored)
    return stored


_NOT_CHECKED = {"patient", "group_code", "recorded_by", "withdrawn_at", "withdrawn_by"} | {
    "group_confirmed_at", "group_confirmed_by",
}  # fmt: skip


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
    source: str = Allergy.Source.PATIENT.value,
) -> list[Allergy]:
    """One row, or one per group where the word is ambiguous; the patient is locked or new."""
    substance = tidy_name(substance)
    _check_allergy(substance, severity, group_code)
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
    rows = [
        Allergy(
            patient=patient,
            group_code=code,
            substance=substance,
            reaction=reaction or None,
            severity=severity,
            source=source,
            recorded_by=by,
        )
        for code in new
    ]
    for row in rows:
        check_columns(row, exclude=_NOT_CHECKED)
        row.save()
    return rows


def _check_allergy(substance: str, severity: str, group_code: str) -> None:
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
    if (
        group_code not in ("", UNKNOWN)
        and not AllergyGroup.objects.filter(code=group_code).exists()
    ):
        raise RuleBroken(
            _("This allergy group is not known. Please write the drug's name."), field="substance"
        )


def note_confirmed(patient: Patient, by) -> None:
    patient.allergy_confirmed_at, patient.allergy_confirmed_by = timezone.now(), by


def _save_allergy_state(patient: Patient) -> None:
    patient.save(
        update_fields=[
            "allergy_status", "allergy_confirmed_at", "allergy_confirmed_by", "updated_at",
        ]
    )  # fmt: skip
