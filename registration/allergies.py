"""A patient's allergies in words, as a record or a paper says them."""

from django.conf import settings
from django.utils import translation

from patients.banner import active_allergies
from patients.models import AllergyStatus


def allergy_words(patient) -> str:
    """What is known now."""
    if patient.allergy_status == AllergyStatus.HAS:
        return "；".join(_words(entry) for entry in active_allergies(patient))
    return str(AllergyStatus(patient.allergy_status).label)


def as_signed(patient) -> str:
    """The same for a record that is being signed: in the institution's language, like its text."""
    with translation.override(settings.LANGUAGE_CODE):
        return allergy_words(patient)


def _words(entry: dict) -> str:
    severity = str(entry["severity_label"]) if entry["severe"] else ""
    return "，".join(filter(None, (entry["label"], severity, entry["detail"])))
