"""What stands above the drugs: kind of sheet and the head as it was when submitted (R-7, R-10)."""

from django.conf import settings
from django.utils import timezone, translation

from clinic.core.site import institution, setting
from patients.age import age_years
from patients.banner import active_allergies
from patients.models import AllergyStatus
from prescriptions import signature, special
from prescriptions.herb_words import common_line
from prescriptions.models import Prescription
from prescriptions.rules.sheet import paper_class
from registration.consultation import diagnoses_of

Kind = Prescription.Kind
GUARDIAN_BELOW = 14


def kind_of(consultation, items) -> Kind:
    """Controlled drugs decide first, then an emergency, then the patient's age (R-10)."""
    today = timezone.localdate()
    classes = {paper_class(item.drug.control_class_on(today)) for item in items}
    if "narcotic" in classes:
        return Kind.NARCOTIC
    if "psychotropic_2" in classes:
        return Kind.PSYCHOTROPIC_2
    department = consultation.clinician.department
    if consultation.emergency or department.emergency:
        return Kind.EMERGENCY
    age = age_years(consultation.patient.birth_date, today)
    if department.paediatric or age < setting("prescription.child_age"):
        return Kind.PAEDIATRIC
    return Kind.ORDINARY


def snapshot(prescription: Prescription, items: list) -> dict:
    """The head in the institution's language, as plain values; never computed again (R-31).

    With it the signature of the doctor over head and rows, where one is made here (R-150).
    """
    made = _head(prescription)
    return {**made, "signature": signature.sign(made, items, by=prescription.prescriber)}


def _head(prescription: Prescription) -> dict:
    consultation, patient = prescription.consultation, prescription.patient
    clinician = consultation.clinician
    day = timezone.localdate(prescription.submitted_at)
    with translation.override(settings.LANGUAGE_CODE):
        return {
            "institution": institution().name,
            "name": patient.name,
            "sex": patient.get_sex_display(),
            "age": patient.age_on(day),
            "record_no": patient.record_no,
            "payment": patient.get_payment_display(),
            "phone": patient.phone or "",
            "address": patient.address or "",
            "department": clinician.department.name,
            "date": day.isoformat(),
            "time": f"{timezone.localtime(prescription.submitted_at):%H:%M}",
            "weight": (consultation.vitals or {}).get("weight", ""),
            "first_visit": consultation.first_visit,
            "guardian": _guardian(patient, day),
            "diagnoses": [[d.code, d.words] for d in diagnoses_of(consultation)],
            "allergies": allergies_of(patient),
            "doctor": clinician.user.full_name,
            **special.head_of(prescription),
            **_herbal(prescription),
        }


def _herbal(prescription: Prescription) -> dict:
    """Doses, preparation and taking of a herbal sheet in the words that were signed (R-21)."""
    line = common_line(prescription)
    return {"herbal": line} if line else {}


def _guardian(patient, day) -> str:
    if age_years(patient.birth_date, day) >= GUARDIAN_BELOW or not patient.contact_name:
        return ""
    return patient.contact_name


def allergies_of(patient) -> dict:
    """Status and entries; who asked and when stays with the patient's file."""
    confirmed = patient.allergy_confirmed_at
    return {
        "status": patient.allergy_status,
        "entries": [
            [
                entry["label"],
                entry["detail"],
                str(entry["severity_label"]) if entry["severe"] else "",
            ]
            for entry in active_allergies(patient)
        ]
        if patient.allergy_status == AllergyStatus.HAS
        else [],
        "on": timezone.localdate(confirmed).isoformat() if confirmed else "",
    }
