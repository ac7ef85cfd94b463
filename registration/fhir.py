"""This app's part of an export in FHIR R4: Appointment, Encounter, Condition, Observation.

Plain dicts, as JSON has them. A guarded record says that it is restricted (R-140).
"""

import datetime

from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from clinic.core.days import moment
from patients.fhir_parts import (
    ICD10,
    LOINC,
    TERMS,
    UCUM,
    concept,
    own_id,
    patient_of,
    restricted,
    time_of,
)
from registration import guarded, reading
from registration.models import Consultation, Diagnosis, Registration
from registration.states import VisitState
from registration.vitals import VITALS

# By key of registration.vitals: LOINC, its display, UCUM.
CODES = {
    "temperature": ("8310-5", "Body temperature", "Cel"),
    "systolic": ("8480-6", "Systolic blood pressure", "mm[Hg]"),
    "diastolic": ("8462-4", "Diastolic blood pressure", "mm[Hg]"),
    "pulse": ("8867-4", "Heart rate", "/min"),
    "respiration": ("9279-1", "Respiratory rate", "/min"),
    "spo2": ("2708-6", "Oxygen saturation in Arterial blood", "%"),
    "weight": ("29463-7", "Body weight", "kg"),
    "height": ("8302-2", "Body height", "cm"),
    "glucose": ("15074-8", "Glucose [Moles/volume] in Blood", "mmol/L"),
}
PRESSURE = ("85354-9", "Blood pressure panel with all children optional")
APPOINTMENTS = {
    VisitState.BOOKED: "booked",
    VisitState.WAITING: "arrived",
    VisitState.CALLED: "arrived",
    VisitState.MISSED: "arrived",
    VisitState.IN_CONSULTATION: "fulfilled",
    VisitState.EXAM: "fulfilled",
    VisitState.FINISHED: "fulfilled",
    VisitState.CANCELLED: "cancelled",
    VisitState.LAPSED: "noshow",
}


def contribute(patient, *, by) -> list[dict]:
    """Everything of this app about one patient that `by` may see; a fixed number of queries.

    Of a guarded visit of a colleague only the appointment goes out; `by` None sees everything.
    """
    reader = guarded.Reader(by)
    visits = Registration.objects.filter(patient=patient).select_related("session__clinician__user")
    found = [_appointment(visit) for visit in visits.order_by("day", "number")]
    records = Consultation.objects.filter(patient=patient, started_at__isnull=False)
    records = records.select_related("clinician__user", "clinician__department")
    for record in records.prefetch_related("diagnoses").order_by("started_at"):
        standing = [d for d in record.diagnoses.all() if d.removed_at is None]
        is_secret = guarded.is_guarded(record, [d.code for d in standing])
        if is_secret and by is not None and not reader.may_see(record):
            continue
        found.append(_encounter(record, standing, is_secret))
        found += [_condition(diagnosis, record, is_secret) for diagnosis in standing]
        found += [{**made, **restricted(is_secret)} for made in _observations(record)]
        if record.follow_up_on:
            found.append(_proposed(record))
    return found


def _appointment(visit: Registration) -> dict:
    session = visit.session
    starts = moment(visit.day, visit.slot or session.starts)
    ends = moment(visit.day, session.ends)
    if visit.slot:
        ends = min(ends, starts + datetime.timedelta(minutes=session.slot_minutes))
    return {
        "resourceType": "Appointment",
        "id": str(visit.pk),
        "status": APPOINTMENTS[VisitState(visit.state)],
        "identifier": [{"value": f"{visit.day.isoformat()}/{visit.number}"}],
        "start": time_of(starts),
        "end": time_of(ends),
        "created": time_of(visit.registered_at),
        "participant": [
            {"actor": patient_of(visit.patient_id), "status": "accepted"},
            {"actor": {"display": session.clinician.user.full_name}, "status": "accepted"},
        ],
    }


def _proposed(record: Consultation) -> dict:
    """A follow-up that nobody has booked yet."""
    day = record.follow_up_on.isoformat()
    return {
        "resourceType": "Appointment",
        "id": own_id(record.pk, "follow-up"),
        "status": "proposed",
        "appointmentType": concept(f"{TERMS}v2-0276", "FOLLOWUP", "A follow up visit"),
        "requestedPeriod": [{"start": day, "end": day}],
        "participant": [{"actor": patient_of(record.patient_id), "status": "needs-action"}],
    }


def _encounter(record: Consultation, standing: list[Diagnosis], is_secret: bool) -> dict:
    kind = ("EMER", "emergency") if record.emergency else ("AMB", "ambulatory")
    period = {"start": time_of(record.started_at)}
    if record.finished_at:
        period["end"] = time_of(record.finished_at)
    found = {
        "resourceType": "Encounter",
        "id": str(record.pk),
        **restricted(is_secret),
        "text": {"status": "generated", "div": _narrative(record)},
        "status": "finished" if record.finished_at else "in-progress",
        "class": {"system": f"{TERMS}v3-ActCode", "code": kind[0], "display": kind[1]},
        "serviceType": {"text": record.clinician.department.name},
        "subject": patient_of(record.patient_id),
        "participant": [{"individual": {"display": record.clinician.user.full_name}}],
        "appointment": [{"reference": f"Appointment/{record.registration_id}"}],
        "period": period,
    }
    if record.complaint:
        found["reasonCode"] = [{"text": record.complaint}]
    if standing:
        found["diagnosis"] = [
            {"condition": {"reference": f"Condition/{diagnosis.pk}"}, "rank": rank}
            for rank, diagnosis in enumerate(standing, 1)
        ]
    return found


def _narrative(record: Consultation) -> str:
    """The record's texts for a person to read; FHIR R4 has no fields for them in an Encounter."""
    parts = reading.before_vitals(record) + reading.after_vitals(record)
    lines = format_html_join("", "<p>{} {}</p>", ((p["label"], p["text"]) for p in parts))
    return format_html('<div xmlns="http://www.w3.org/1999/xhtml">{}</div>', lines or "—")


def _condition(diagnosis: Diagnosis, record: Consultation, is_secret: bool) -> dict:
    certainty = "provisional" if diagnosis.suspected else "confirmed"
    return {
        "resourceType": "Condition",
        "id": str(diagnosis.pk),
        **restricted(is_secret),
        "clinicalStatus": concept(f"{TERMS}condition-clinical", "active"),
        "verificationStatus": concept(f"{TERMS}condition-ver-status", certainty),
        "category": [concept(f"{TERMS}condition-category", "encounter-diagnosis")],
        "code": {**concept(ICD10, diagnosis.code, diagnosis.name), "text": diagnosis.words},
        "subject": patient_of(record.patient_id),
        "encounter": {"reference": f"Encounter/{record.pk}"},
        "recordedDate": time_of(diagnosis.added_at),
    }


def _observations(record: Consultation) -> list[dict]:
    """One for each vital sign; both pressures are one, as the profile of FHIR wants it."""
    vitals = record.vitals or {}
    pressures = [key for key in ("systolic", "diastolic") if key in vitals]
    found = [
        {**_observation(record, key), **_quantity(key, vitals[key])}
        for key in VITALS
        if key in vitals and key not in pressures
    ]
    if pressures:
        parts = [{"code": _loinc(k), **_quantity(k, vitals[k])} for k in pressures]
        found.append({**_observation(record, "pressure"), "component": parts})
    return found


def _observation(record: Consultation, key: str) -> dict:
    return {
        "resourceType": "Observation",
        "id": own_id(record.pk, key),
        "status": "final",
        "category": [concept(f"{TERMS}observation-category", "vital-signs")],
        "code": _loinc(key),
        "subject": patient_of(record.patient_id),
        "encounter": {"reference": f"Encounter/{record.pk}"},
        "effectiveDateTime": time_of(record.started_at),
    }


def _quantity(key: str, text: str) -> dict:
    number = float(text) if "." in text else int(text)  # as JSON writes it
    unit = {"unit": str(VITALS[key].unit), "system": UCUM, "code": CODES[key][2]}
    value = {"value": number, **unit}
    return {"valueQuantity": value}


def _loinc(key: str) -> dict:
    """With the word that people here read beside the standard's."""
    if key == "pressure":
        return {**concept(LOINC, *PRESSURE), "text": str(_("Blood pressure"))}
    code, display, _unit = CODES[key]
    return {**concept(LOINC, code, display), "text": str(VITALS[key].label)}
