"""Nothing is lost on the way: every field of every model comes out of the file that went in."""

import json

import pytest
from django.apps import apps
from django.db import models

from patients.exchange import fhir_out, fhir_parcel
from patients.models import (
    Allergy,
    Basics,
    CareFile,
    Consent,
    FollowUp,
    History,
    Patient,
)
from security.fields import BlindIndexField
from tests.factories.whole_file import whole_patient

# Fields that don't travel, and why; BlindIndexFields are worked out of their source.
EXCUSED = {
    "patients.Patient.id": "the resource's own id",
    "patients.Patient.state": "only files in force go out; a merged one's rows went with the other",
    "patients.Patient.merged_into": "the same",
    "patients.Patient.pinyin": "worked out of name and reading",
    "patients.Patient.initials": "the same",
    "patients.Allergy.patient": "whose Bundle it is",
    "patients.Basics.patient": "whose Bundle it is",
    "patients.History.patient": "whose Bundle it is",
    "patients.Consent.patient": "whose Bundle it is",
    "patients.CareFile.patient": "whose Bundle it is",
    "patients.CareFile.open_key": "patient and kind while it is open",
}
# Models about a patient of which nothing travels, and why.
STAYS = {
    "patients.Change": "old values may be other people's; the house's own book-keeping",
    "patients.Merge": "the same",
    "patients.Export": "who took it out of this house",
    "patients.Received": "another institution's own; who wants it asks there",
    "patients.NamePart": "worked out of name and reading",
    "patients.NotTheSame": "a judgement about two files of this house",
}


def fields_of(model) -> list[models.Field]:
    return [
        field
        for field in model._meta.concrete_fields
        if not isinstance(field, BlindIndexField)
        and f"{model._meta.label}.{field.name}" not in EXCUSED
    ]


def as_read(row, field):
    """What the file says of this field: people by name, a text of a consent in full."""
    value = getattr(row, field.name)
    if field.name == "text" and isinstance(row, Consent):
        return value.kind, value.version, value.text
    if isinstance(field, models.ForeignKey) and field.name == "care_file":
        return str(value.pk)
    if isinstance(field, models.ForeignKey):
        return value.full_name if value else ""
    if isinstance(field, models.UUIDField):
        return str(value)
    return value


def differences(model, rows, read) -> list[str]:
    by_id = {found.get("id"): found for found in read}
    found = []
    for row in rows:
        said = by_id[str(row.pk)] if "id" in read[0] else read[0]
        for field in fields_of(model):
            there, here = said[field.name], as_read(row, field)
            if (there or None) != (here or None):
                found.append(f"{model.__name__}.{field.name}: {here!r} became {there!r}")
    return found


@pytest.fixture
def parcel(doctor):
    bundle = fhir_out.bundle(whole_patient(doctor), by=doctor)
    return fhir_parcel.open_parcel(json.dumps(bundle, ensure_ascii=False).encode())


def test_every_field_of_every_model_comes_back(parcel):
    read = {
        Patient: [parcel.person],
        Allergy: parcel.allergies,
        Basics: [parcel.form],
        History: parcel.histories,
        Consent: parcel.consents,
        CareFile: parcel.care_files,
        FollowUp: parcel.follow_ups,
    }

    lost = [
        difference
        for model, said in read.items()
        for difference in differences(model, model.objects.all(), said)
    ]

    assert lost == []
    assert parcel.doubts == []
    empty = [
        f"{model.__name__}.{field.name}"
        for model in read
        for field in fields_of(model)
        if all(getattr(row, field.name) in (None, "", False) for row in model.objects.all())
    ]
    assert empty == ["Patient.no_id_reason", "Patient.is_unnamed"]  # she has a document


def test_a_person_without_a_document_comes_back(doctor):
    patient = whole_patient(
        doctor, id_type="98", id_number=None, no_id_reason="急诊", is_unnamed=True, sex="9",
        birth_date="1960-01-01", birth_precision="year", allergy_status="denied",
    )  # fmt: skip
    patient = Patient.objects.get(pk=patient.pk)

    bundle = fhir_out.bundle(patient, by=doctor)
    parcel = fhir_parcel.open_parcel(json.dumps(bundle).encode())

    assert differences(Patient, [patient], [parcel.person]) == []


def test_every_model_about_a_patient_travels_or_says_why_not():
    about = {
        model._meta.label
        for model in apps.get_app_config("patients").get_models()
        if any(
            isinstance(field, models.ForeignKey) and field.related_model is Patient
            for field in model._meta.concrete_fields
        )
    }

    travels = {m._meta.label for m in (Patient, Allergy, Basics, History, Consent, CareFile)}
    assert about - travels == set(STAYS)
