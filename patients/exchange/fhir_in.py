"""A file of another institution: brought, looked at, a file of ours chosen for it.

What came lies encrypted as a StoredFile; nothing of it is in a session or an address. Until it is
taken in it is for whoever brought it.
"""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core import files
from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry, lock
from patients import duplicates, rules
from patients.exchange import fhir_parcel
from patients.exchange.fhir_parcel import Parcel
from patients.models import IdType, Patient, Payment, Received, Sex
from security.permissions import P

PURPOSE = "fhir_received"
State = Received.State
# What belongs together is compared and taken over together.
GROUPS = {
    "name": (gettext_lazy("Name"), ("name", "reading")),
    "sex": (gettext_lazy("Sex"), ("sex",)),
    "birth_date": (
        gettext_lazy("Date of birth"),
        ("birth_date", "birth_precision", "birth_time"),
    ),
    "id_number": (gettext_lazy("Document"), ("id_type", "id_number", "no_id_reason")),
    "phone": (gettext_lazy("Phone"), ("phone",)),
    "contact_name": (
        gettext_lazy("Contact person"),
        ("contact_name", "contact_relation", "contact_phone"),
    ),
    "address": (gettext_lazy("Address"), ("address",)),
    "payment": (gettext_lazy("Payment category"), ("payment",)),
    "health_no": (gettext_lazy("Health record number"), ("health_no",)),
    "paper_no": (gettext_lazy("Number of the paper file"), ("paper_no",)),
    "mother_id_number": (gettext_lazy("Mother's document number"), ("mother_id_number",)),
}


@dataclass(frozen=True)
class Difference:
    """One line of the comparison; `theirs` always says something."""

    name: str
    label: object
    ours: str
    theirs: str

    @property
    def is_same(self) -> bool:
        return self.ours == self.theirs


def check_may(by) -> None:
    """Both rights, whatever groups a clinic makes for itself."""
    if not (by.has_perm(P.IMPORT_PATIENTS) and by.has_perm(P.WRITE_PATIENT)):
        raise RuleBroken(_("You may not take in files. Please ask a doctor or the front desk."))


@atomic_retry
def bring(*, content: bytes, by) -> Received:
    """Keep a file that can be read; one that can't be leaves nothing behind."""
    check_may(by)
    parcel = fhir_parcel.open_parcel(content)
    file = files.store(content=content, purpose=PURPOSE, media_type="application/fhir+json", by=by)
    return Received.objects.create(file=file, sender=parcel.sender or None, brought_by=by)


@atomic_retry
def choose(*, received: Received, by, patient: Patient | None = None, is_new: bool = False):
    """Which file of ours it belongs to, a new one, or neither: look again."""
    check_may(by)
    row = locked(received, State.NEW)
    if is_new:
        taken, _alike = candidates(opened(row))
        if taken is not None:
            raise duplicates.NumberTaken(taken)
    row.patient, row.is_new = patient, is_new
    row.save(update_fields=["patient", "is_new"])
    return row


@atomic_retry
def drop(*, received: Received, by) -> Received:
    """Not taken in: what came is thrown away, that it came stays."""
    check_may(by)
    row = locked(received, State.NEW)
    file, row.file = row.file, None
    row.state, row.back_at, row.back_by = State.DROPPED, timezone.now(), by
    row.patient, row.is_new = None, False
    row.save()
    files.remove(file)
    return row


def locked(received: Received, state: str) -> Received:
    """The row, if it still stands where the page showed it."""
    row = lock(Received.objects.filter(pk=received.pk)).get()
    if row.state != state:
        raise RuleBroken(_("This file has been dealt with meanwhile. Nothing was changed."))
    return row


def opened(received: Received) -> Parcel:
    """What came, read again: what is kept is the file, never what was made of it."""
    return fhir_parcel.open_parcel(files.read(received.file))


def same_before(received: Received) -> Received | None:
    """The same file, taken in before."""
    others = Received.objects.filter(
        file__sha256=received.file.sha256, state=State.TAKEN, patient__isnull=False
    )
    return others.exclude(pk=received.pk).select_related("patient").first()


def person_of(parcel: Parcel) -> dict:
    """The fields of our file that it says, as the rules of a file take them (rules.FIELDS)."""
    said = {name: parcel.person.get(name) for name in rules.FIELDS}
    return said | {"id_type": said["id_type"] or _kind_of(said)}


def _kind_of(said: dict) -> str:
    return (IdType.RESIDENT if said["id_number"] else IdType.NONE).value


def candidates(parcel: Parcel) -> tuple[Patient | None, list[Patient]]:
    """(the file with the same number, files that look like the same person's) (R-81)."""
    values, _problems = rules.settle(person_of(parcel), today=timezone.localdate(), keep_typed=True)
    taken, alike = None, []
    try:
        duplicates.refuse_taken_number(values["id_number"])
        duplicates.refuse_taken_health_no(values["health_no"])
    except duplicates.NumberTaken as error:
        (taken,) = error.patients
    except ValueError:
        pass  # no number at all, which the rules have said
    if values["name"] and values["birth_date"]:
        try:
            duplicates.refuse_possible_duplicate(values, seen=[taken.pk] if taken else [])
        except duplicates.PossibleDuplicate as error:
            alike = error.patients
        except ValueError:
            pass  # the same, of a phone
    return taken, alike


def compare(patient: Patient, parcel: Parcel) -> list[Difference]:
    """What the file that came says of the person, beside what ours says."""
    theirs, ours = person_of(parcel), {name: getattr(patient, name) for name in rules.FIELDS}
    rows = []
    for name, (label, fields) in GROUPS.items():
        if theirs.get(name):
            rows.append(Difference(name, label, said(fields, ours), said(fields, theirs)))
    return rows


def said(fields, values: dict) -> str:
    """One group of fields in words."""
    return " ".join(filter(None, (_word(name, values) for name in fields)))


_CHOICES = {"sex": Sex, "payment": Payment, "id_type": IdType}


def _word(name: str, values: dict) -> str:
    value = values.get(name)
    if value in (None, "") or name == "birth_precision":
        return ""
    if name in _CHOICES:
        return str(_CHOICES[name](value).label)
    if name == "birth_date":
        precision = values.get("birth_precision") or "day"
        return value.isoformat()[: {"day": 10, "month": 7, "year": 4}[precision]]
    return date_format(value, "H:i") if name == "birth_time" else str(value)
