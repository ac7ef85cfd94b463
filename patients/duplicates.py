"""Who may be on file already (R-81)."""

from calendar import monthrange
from collections.abc import Collection
from uuid import UUID

from django.db.models import Q
from django.http import Http404
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.prepared import prepared
from patients import born
from patients.models import Patient
from security.access import FileMoved

MOST = 10
LOOKED_AT = (
    *("name", "sex", "birth_date", "birth_precision"),
    *("phone", "contact_phone", "mother_id_number"),
)


class PossibleDuplicate(RuleBroken):
    """Somebody like this is on file; the person at the desk decides whether it is the same.

    `patients` are the files to be looked at.
    """

    def __init__(self, message, patients: list[Patient]):
        super().__init__(message, rule="R-81")
        self.patients = patients


class NumberTaken(PossibleDuplicate):
    """The same number is on another file: certainly the same person, no way past."""

    def __init__(self, patient: Patient, field: str = "id_number"):
        text = (
            _(
                "This document number is already on file %(record_no)s. Please use that file, or "
                "correct the number."
            )
            if field == "id_number"
            else _(
                "This health record number is already on file %(record_no)s. Please use that file, "
                "or correct the number."
            )
        )
        super().__init__(text % {"record_no": patient.record_no}, [patient])
        self.field = field


@prepared
def _file(pk: UUID):
    return Patient.objects.filter(pk=pk)


def on_file():
    """Files in force; merged ones live on under another number."""
    return Patient.objects.filter(state=Patient.State.ACTIVE)


def file_of(pk, *, page: str = "") -> Patient:
    """The file in force that a page was asked for; a merged one leads to the one that is kept."""
    patient = _file.first(pk)
    if patient is None:
        raise Http404
    if patient.state == Patient.State.MERGED:
        raise FileMoved(pk, patient.merged_into_id, number=patient.record_no, page=page)
    if patient.state != Patient.State.ACTIVE:
        raise Http404
    return patient


def refuse_taken_number(id_number: str | None, *, own=None) -> None:
    """NumberTaken when another file carries this document number."""
    _refuse_taken("id_number", id_number, own)


def refuse_taken_health_no(health_no: str | None, *, own=None) -> None:
    """The same of the health record number, which a person has once for life (R-56)."""
    _refuse_taken("health_no", health_no, own)


def _refuse_taken(field: str, number: str | None, own) -> None:
    if not number:
        return
    others = Patient.objects.find(**{field: number}).exclude(pk=own and own.pk)
    taken = others.select_related("merged_into").first()
    if taken is not None:
        raise NumberTaken(taken.merged_into or taken, field)


def refuse_possible_duplicate(values: dict, *, seen: bool | Collection) -> None:
    """PossibleDuplicate when somebody looks like the same person.

    `seen`: True, or the ids of the files that were looked at and are other people.
    """
    if seen is True:
        return
    seen = {str(pk) for pk in seen or ()}
    words, found = [], {}
    for look, text in _LOOKS:
        rows = {p.pk: p for p in look(values) if str(p.pk) not in seen}
        if rows:
            words.append(text())
        found |= rows
    if found:
        raise PossibleDuplicate(words[0], list(found.values()))


def look_alike(patient: Patient) -> list[Patient]:
    """Other files that may be the same person's, of one that is on file itself."""
    values = {name: getattr(patient, name) for name in LOOKED_AT}
    found = {other.pk: other for look, _text in _LOOKS for other in look(values)}
    found.pop(patient.pk, None)
    return list(found.values())


def _same_birth(values: dict) -> list[Patient]:
    """Same name, sex and birthday; where only the year is known, it may be the same."""
    day = values["birth_date"]
    days = Q(birth_date=day)
    days |= Q(birth_precision=born.MONTH, birth_date=born.first_of(day, born.MONTH))
    days |= Q(birth_precision=born.YEAR, birth_date=born.first_of(day, born.YEAR))
    if values["birth_precision"] == born.YEAR:
        days |= Q(birth_date__range=(day, day.replace(month=12, day=31)))
    elif values["birth_precision"] == born.MONTH:
        days |= Q(birth_date__range=(day, day.replace(day=monthrange(day.year, day.month)[1])))
    return list(on_file().filter(days, name=values["name"], sex=values["sex"])[:MOST])


def _same_mother(values: dict) -> list[Patient]:
    """A newborn whose name was still its mother's, or a twin (R-80)."""
    if not values["mother_id_number"]:
        return []
    children = on_file().find(mother_id_number=values["mother_id_number"])
    return list(children.filter(birth_date=values["birth_date"])[:MOST])


def _same_phone(values: dict) -> list[Patient]:
    alike, found = on_file().filter(name=values["name"]), []
    for number in {values["phone"], values["contact_phone"]} - {None}:
        found += alike.find(phone=number)[:MOST]
        found += alike.find(contact_phone=number)[:MOST]
    return found


# In the order of what is said first; the words are asked for in the user's language.
_LOOKS = [
    (
        _same_birth,
        lambda: _(
            "Possibly on file already: same name and date of birth. If it is the same person, "
            "please use that file."
        ),
    ),
    (
        _same_mother,
        lambda: _(
            "Possibly on file already: same mother and date of birth. If it is the same child, "
            "please use that file; of twins each has its own."
        ),
    ),
    (
        _same_phone,
        lambda: _(
            "Possibly on file already: same name and phone. If it is the same person, "
            "please use that file."
        ),
    ),
]
