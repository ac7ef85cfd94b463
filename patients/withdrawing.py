"""A file that was opened by mistake, such as by an import, and that nobody has used since."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry, lock
from patients.changes import note_change
from patients.models import Allergy, Basics, Change, History, NamePart, Patient
from patients.services import ChangedMeanwhile

# Written together with the file; what came later to them is asked for by itself.
OF_THE_FILE = (Allergy, Basics, History, NamePart)
# Numbers that only a file in force may hold: another one may come for the same person.
NUMBERS = ("id_number", "health_no")


def used_among(patients: Collection[Patient], *, but=None) -> set[UUID]:
    """Those to which anything points that was not written when the file was opened.

    `but`: a row that points at them as well and counts as nothing.
    """
    opened = {patient.pk for patient in patients}
    used = {patient.pk for patient in patients if _was_asked_again(patient)}
    if not opened:
        return used
    for link in Patient._meta.get_fields(include_hidden=True):
        if link.is_relation and link.auto_created and link.related_model not in OF_THE_FILE:
            name = link.field.attname
            rows = link.related_model._base_manager.filter(**{f"{name}__in": opened})
            if isinstance(but, link.related_model):
                rows = rows.exclude(pk=but.pk)
            used.update(rows.values_list(name, flat=True).distinct())
    touched = Q(withdrawn_at__isnull=False) | Q(group_confirmed_at__isnull=False)
    later = [
        Allergy.objects.filter(touched, patient__in=opened),
        Basics.objects.filter(version__gt=1, patient__in=opened),
    ]
    for rows in later:
        used.update(rows.values_list("patient", flat=True))
    return used


def _was_asked_again(patient: Patient) -> bool:
    """Somebody has asked about allergies since the file was opened."""
    asked_at = patient.allergy_confirmed_at
    return asked_at is not None and asked_at > patient.created_at


@atomic_retry
def withdraw(*, patient: Patient, version: int, by, is_used: bool | None = None) -> Patient:
    """Take the file out of use; its numbers are free again, the original stays in its history.

    `version`: how it stood when it was opened. `is_used`: what `used_among` said of it, from a
    caller that asked for many at once and holds their rows.
    """
    stored = lock(Patient.objects.filter(pk=patient.pk)).get()
    if is_used is None:
        is_used = stored.pk in used_among([stored])
    if is_used:
        words = _("%(record_no)s was used since. It stays.")
        raise RuleBroken(words % {"record_no": stored.record_no}, rule="R-147")
    if stored.version != version or stored.state != Patient.State.ACTIVE:
        raise ChangedMeanwhile(stored)
    before = {name: getattr(stored, name) for name in (*NUMBERS, "state")}
    for name in NUMBERS:
        setattr(stored, name, None)
    stored.state = Patient.State.WITHDRAWN
    stored.version += 1
    stored.save()
    note_change(
        patient=stored, what=Change.What.PERSON, version=stored.version, before=before,
        after={name: getattr(stored, name) for name in before}, by=by,
    )  # fmt: skip
    return stored
