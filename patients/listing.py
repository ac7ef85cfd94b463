"""Patients as rows of a list: masked, with allergies and the last visit; four queries at most."""

from collections.abc import Iterable

from django.utils import timezone

from patients.banner import active_allergies, allergies_of, group_names
from patients.masking import mask_id, mask_phone
from patients.models import AllergyStatus, Patient
from patients.records import last_visits


def rows(patients: Iterable[Patient], *, revealed: bool = False) -> list[dict]:
    """What a list shows of each: patient, phone, id_number, allergies, last_visit.

    `revealed` shows phones and numbers in full; the caller has checked and recorded it.
    """
    patients = list(patients)
    allergic = [one for one in patients if one.allergy_status == AllergyStatus.HAS]
    entries: dict = {}  # nothing is shown of the others
    for entry in allergies_of([one.pk for one in allergic]):
        entries.setdefault(entry.patient_id, []).append(entry)
    names = group_names() if allergic else {}
    visits, today = last_visits(patient.pk for patient in patients), timezone.localdate()
    return [
        {
            "patient": patient,
            "age": patient.age_on(today),
            "phone": _shown(patient.phone or patient.contact_phone, mask_phone, revealed),
            "phone_is_contact": bool(not patient.phone and patient.contact_phone),
            "id_number": _shown(patient.id_number, mask_id, revealed),
            "allergies": active_allergies(patient, names, entries[patient.pk])
            if patient.pk in entries
            else [],
            "last_visit": visits.get(patient.pk),
        }
        for patient in patients
    ]


def short_rows(patients: list[Patient]) -> list[dict]:
    """What a line under a search box shows of the found: masked phone, last visit; one query."""
    visits, today = last_visits(patient.pk for patient in patients), timezone.localdate()
    return [
        {
            "patient": patient,
            "phone": mask_phone(patient.phone or patient.contact_phone),
            "phone_is_contact": bool(not patient.phone and patient.contact_phone),
            "last_visit": visits.get(patient.pk),
            "is_today": today in (patient.here_on, visits.get(patient.pk)),
        }
        for patient in patients
    ]


def _shown(value: str | None, mask, revealed: bool) -> str:
    return (value or "") if revealed else mask(value)
