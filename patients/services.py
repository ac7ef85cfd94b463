"""Everything that changes a patient's file; what concerns allergies stands in patients.allergies.

Lock order: the patient, then the counter of record numbers.
"""

from collections.abc import Collection, Iterable

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.numbers import next_number
from clinic.core.transactions import atomic_retry
from patients import consents, rules
from patients.allergies import (
    add_allergy,
    check_status_fits,
    confirm_allergies,
    note_confirmed,
    set_allergy_status,
    settle_group,
    withdraw_allergy,
    write_allergies,
)
from patients.changes import note_change
from patients.columns import check_columns
from patients.duplicates import (
    NumberTaken,
    PossibleDuplicate,
    refuse_possible_duplicate,
    refuse_taken_health_no,
    refuse_taken_number,
)
from patients.in_force import held
from patients.models import AllergyStatus, Change, Patient
from patients.reading import search_keys
from security import audit

__all__ = [
    "ChangedMeanwhile",
    "NumberTaken",
    "PossibleDuplicate",
    "add_allergy",
    "confirm_allergies",
    "correct",
    "register",
    "set_allergy_status",
    "settle_group",
    "withdraw_allergy",
]


class ChangedMeanwhile(RuleBroken):
    """Somebody else saved this file since it was opened; `patient` is how it stands now."""

    def __init__(self, patient: Patient):
        super().__init__(
            _(
                "Not saved: a colleague has changed this file since you opened it. What you typed "
                "is still here. Please compare, then save again."
            )
        )
        self.patient = patient


@atomic_retry
def register(
    *,
    by,
    allergy_status: str = AllergyStatus.NOT_ASKED,
    allergies: Iterable[dict] = (),
    asked: bool = True,
    not_a_duplicate: bool | Collection = False,
    keep_typed: bool = False,
    notice_given: bool = False,
    notice_version: int | None = None,
    **person,
) -> Patient:
    """Open a file and give it the next record number, which is permanent (R-57).

    `person`: name, sex, birth_date, id_type, id_number and the other rules.FIELDS; those left out
    are empty. `allergies`: dicts with substance, severity, and perhaps reaction and group_code.
    `asked`: somebody here asked the patient about them; what a list says nobody has (R-44).
    `not_a_duplicate`: True, or the ids of the similar files that were looked at (R-81).
    `notice_given`: the notice was explained, in this version or the newest, and agreed to (R-137).
    """
    _refuse_unknown(person)
    values, problems = rules.settle(person, today=timezone.localdate(), keep_typed=keep_typed)
    if problems:
        raise problems[0]
    allergies = list(allergies)
    check_status_fits(allergy_status, allergies)
    # Drawn before anybody is looked for: a desk that opens a file at the same moment waits here,
    # and then finds this one. A refusal gives the number back.
    number = next_number("patient.record_no")
    refuse_taken_number(values["id_number"])
    refuse_taken_health_no(values["health_no"])
    refuse_possible_duplicate(values, seen=not_a_duplicate)
    patient = Patient(**values, **search_keys(values["name"], values["reading"]), created_by=by)
    patient.allergy_status, patient.notice_given = allergy_status, bool(notice_given)
    if asked and allergy_status != AllergyStatus.NOT_ASKED:
        note_confirmed(patient, by)
    patient.record_no = f"P{number:08d}"
    _save(patient)
    for entry in allergies:
        write_allergies(patient, by=by, **entry)
    if notice_given:
        _agreed(patient, notice_version, by)
    if not_a_duplicate:
        others = [] if not_a_duplicate is True else sorted(str(pk) for pk in not_a_duplicate)
        audit.record("not_a_duplicate", subject=patient.pk, target=patient, data={"seen": others})
    return patient


@atomic_retry
def correct(
    *, patient: Patient, by, version: int, keep_typed: bool = False, reason: str = "", **fields
) -> Patient:
    """Change what the file says about the person; fields not named stay as they are.

    `version` is the one the user saw: a file changed meanwhile is not overwritten. What stood
    there before is kept, with the reason if one was given (R-60, R-147).
    """
    stored = held(patient.pk)
    if stored.version != version:
        raise ChangedMeanwhile(stored)
    _refuse_unknown(fields)
    typed = {name: fields.get(name, getattr(stored, name)) for name in rules.FIELDS}
    values, problems = rules.settle(
        typed, today=timezone.localdate(), stored=stored, keep_typed=keep_typed
    )
    if problems:
        raise problems[0]
    changed = {name: new for name, new in values.items() if getattr(stored, name) != new}
    if not changed:
        return stored
    if "id_number" in changed:
        refuse_taken_number(values["id_number"], own=stored)
    if "health_no" in changed:
        refuse_taken_health_no(values["health_no"], own=stored)
    before = {name: getattr(stored, name) for name in changed}
    for name, value in {**changed, **search_keys(values["name"], values["reading"])}.items():
        setattr(stored, name, value)
    stored.version += 1
    _save(stored)
    note_change(
        patient=stored, what=Change.What.PERSON, version=stored.version,
        before=before, after=changed, by=by, reason=reason,
    )  # fmt: skip
    return stored


def _agreed(patient: Patient, version: int | None, by) -> None:
    """The consent behind the mark; of a child its guardian's (R-86, R-137)."""
    guardian = consents.needs_guardian(patient)
    consents.answer(
        patient=patient,
        text=consents.explained(version),
        agreed=True,
        given_by=(patient.contact_name or "") if guardian else "",
        by=by,
    )


def _refuse_unknown(fields: dict) -> None:
    unknown = set(fields) - set(rules.FIELDS)
    if unknown:
        raise TypeError(f"A patient's file has no {', '.join(sorted(unknown))} to be written here.")


def _save(patient: Patient) -> None:
    """Write the row; the database's own answer to two files with one number."""
    check_columns(patient, exclude={"created_by", "allergy_confirmed_by", "merged_into"})
    try:
        with transaction.atomic():
            patient.save()
    except IntegrityError:
        # A colleague registered the same number between our look and our write.
        refuse_taken_number(patient.id_number, own=patient)
        refuse_taken_health_no(patient.health_no, own=patient)
        raise
