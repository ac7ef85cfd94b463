"""A file as it stands now, held until the transaction ends.

Between a page and its form a file may have been merged or taken out of use: what is written into it
then would be seen by nobody (R-81).
"""

from uuid import UUID

from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.prepared import held as prepared_held
from clinic.core.transactions import lock
from patients.models import Patient


def held(patient_id) -> Patient:
    """The file with this key, locked; refused when it is no longer in force."""
    stored = _file.first(patient_id)
    if stored is None:
        raise Patient.DoesNotExist
    if stored.state != Patient.State.ACTIVE:
        raise _gone(stored)
    return stored


@prepared_held
def _file(patient: UUID):
    return lock(Patient.objects.filter(pk=patient))


def held_with(row):
    """(file, row) of something that hangs on a file, both locked, as they stand now."""
    patient = held(row.patient_id)
    stored = lock(type(row)._base_manager.filter(pk=row.pk)).get()
    if stored.patient_id != patient.pk:  # it went to another file meanwhile
        raise _gone(patient)
    return patient, stored


def _gone(patient: Patient) -> RuleBroken:
    text = _(
        "Nothing was saved: file %(number)s was merged or taken out of use meanwhile. Please look "
        "the patient up again."
    )
    return RuleBroken(text % {"number": patient.record_no}, rule="R-81")
