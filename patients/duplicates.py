"""Who may be on file already (R-81)."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from patients.models import Patient


class PossibleDuplicate(RuleBroken):
    """Somebody like this is on file; the person at the desk decides whether it is the same.

    `patients` are the files to be looked at.
    """

    def __init__(self, message, patients: list[Patient]):
        super().__init__(message, rule="R-81")
        self.patients = patients


class NumberTaken(PossibleDuplicate):
    """The same document number is on another file: certainly the same person, no way past."""

    def __init__(self, patient: Patient):
        text = _(
            "This document number is already on file %(record_no)s. Please use that file, or "
            "correct the number."
        )
        super().__init__(text % {"record_no": patient.record_no}, [patient])
        self.field = "id_number"


def on_file():
    """Files in force; merged ones live on under another number."""
    return Patient.objects.filter(state=Patient.State.ACTIVE)


def refuse_taken_number(id_number: str | None, *, own=None) -> None:
    """NumberTaken when another file carries this document number."""
    if not id_number:
        return
    others = Patient.objects.find(id_number=id_number).exclude(pk=own and own.pk)
    taken = others.select_related("merged_into").first()
    if taken is not None:
        raise NumberTaken(taken.merged_into or taken)


def refuse_possible_duplicate(values: dict, *, seen: bool | Collection) -> None:
    """PossibleDuplicate when somebody looks like the same person.

    `seen`: True, or the ids of the files that were looked at and are other people.
    """
    if seen is True:
        return
    alike = on_file().filter(name=values["name"])
    same_birth = list(alike.filter(birth_date=values["birth_date"], sex=values["sex"])[:10])
    same_phone = []
    for number in {values["phone"], values["contact_phone"]} - {None}:
        same_phone += alike.find(phone=number)[:10]
        same_phone += alike.find(contact_phone=number)[:10]
    seen = {str(pk) for pk in seen or ()}
    found = {p.pk: p for p in same_birth + same_phone if str(p.pk) not in seen}
    if found:
        what = (
            _(
                "Possibly on file already: same name and date of birth. If it is the same person, "
                "please use that file."
            )
            if any(p.pk in found for p in same_birth)
            else _(
                "Possibly on file already: same name and phone. If it is the same person, "
                "please use that file."
            )
        )
        raise PossibleDuplicate(what, list(found.values()))
