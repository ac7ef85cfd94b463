"""A diagnosis that was taken off by mistake stands in the record again, at its old place."""

from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry, lock
from registration import duties
from registration.consultation import MOST_DIAGNOSES, diagnoses_of, held
from registration.models import Consultation, Diagnosis


@atomic_retry
def put_back(*, diagnosis: Diagnosis, by) -> Consultation:
    """Undo of `remove_diagnosis`, while the record is open."""
    consultation = held(diagnosis.consultation, by)
    diagnosis = lock(Diagnosis.objects.filter(pk=diagnosis.pk)).get()
    if diagnosis.removed_at is None:
        return consultation
    there = diagnoses_of(consultation)
    if any(other.code == diagnosis.code for other in there) or len(there) >= MOST_DIAGNOSES:
        raise RuleBroken(
            _("Not put back: other diagnoses were entered meanwhile. Please add it anew.")
        )
    diagnosis.removed_at = None
    diagnosis.save(update_fields=["removed_at"])
    duties.ask_for(consultation, diagnosis)
    return consultation
