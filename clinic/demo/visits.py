"""Visits of the demo clinic: every step is the verb that the screens call."""

import random
from dataclasses import dataclass
from decimal import Decimal

from clinic.core.errors import RuleBroken
from clinic.demo import choosing, herbs, till, treating
from clinic.demo.past.story import weight
from patients.age import age_years
from patients.models import Patient
from pharmacy.models import Drug
from prescriptions import alerts, dispensing, review, services, signing
from prescriptions.models import Prescription
from registration import booking, consultation, queue, scheduling
from registration.models import Clinician, Registration

RANGES = ["temperature", "pulse", "respiration", "systolic", "diastolic", "spo2"]
REASONS = {"慢性病稳定": "chronic", "老年病": "elderly"}


@dataclass
class Cast:
    """Who works in the demo clinic today."""

    frontdesk: object
    pharmacist: object
    people: dict

    @classmethod
    def of(cls, people: dict) -> "Cast":
        return cls(people["frontdesk"], people["pharmacist"], people)


def session_for(clinician: Clinician):
    """The doctor's session of this hour, or the next one of today."""
    mine = [s for s in scheduling.open_sessions_now() if s.clinician_id == clinician.pk]
    return mine[0] if mine else None


def make_queue(patients: list[Patient], clinician: Clinician, cast: Cast) -> list[Registration]:
    """Register the patients with the doctor; those who already are, are left out."""
    session = session_for(clinician)
    made = []
    for patient in patients if session else []:
        try:
            made.append(booking.register_visit(patient=patient, session=session, by=cast.frontdesk))
        except RuleBroken:
            continue
    return made


def see_next(clinician: Clinician, cast: Cast, chance: random.Random, *, until: str):
    """Call the next patient and go on to `until`: consulting, submitted, approved, dispensed.

    Returns the registration, or None when nobody waits.
    """
    try:
        registration = queue.call_next(clinician=clinician, by=clinician.user)
    except queue.NobodyWaiting:
        return None
    record = consultation.start(registration=registration, by=clinician.user)
    template = choosing.fitting(record.patient, clinician, chance)
    _write_record(record, template, clinician, chance)
    if until == "consulting":
        treating.order_some(record, cast)
        return registration
    prescription = _prescribe(record, template, clinician)
    if prescription and until in ("approved", "dispensed"):
        review.approve(prescription=prescription, by=cast.pharmacist)
    if prescription and until == "dispensed":
        _dispense(prescription, cast)
        treating.carry_out(prescription, cast)
    herbs.prescribe(record, template, cast, until=until)
    if until == "dispensed":
        till.settle(registration, cast)  # the visit itself, where nothing was prescribed
    record.refresh_from_db()
    consultation.finish(consultation=record, by=clinician.user)
    return registration


def _write_record(record, template: dict, clinician: Clinician, chance: random.Random) -> None:
    vitals = {key: _within(template[key], chance) for key in RANGES if template[key]}
    if template["weight"]:
        years = age_years(record.patient.birth_date, record.registration.day)
        vitals["weight"] = Decimal(weight(template, years, chance))
    consultation.record_vitals(registration=record.registration, vitals=vitals, by=clinician.user)
    record.refresh_from_db()
    consultation.save_record(
        consultation=record,
        version=record.version,
        by=clinician.user,
        complaint=template["chief_complaint"],
        present_illness=template["present_illness"],
        examination=template["examination"],
        advice=template["advice"],
    )
    for code in [template["icd10_code"], *filter(None, template["more_icd10"].split(";"))]:
        record.refresh_from_db()
        consultation.add_diagnosis(consultation=record, code=code, by=clinician.user)


def _within(text: str, chance: random.Random) -> Decimal:
    low, high = (Decimal(part) for part in text.split("-"))
    step = Decimal("0.1") if low.as_tuple().exponent else Decimal(1)
    return low + step * chance.randrange(int((high - low) / step) + 1)


def _prescribe(record, template: dict, clinician: Clinician) -> Prescription | None:
    """The template's drugs; None when a rule refuses them, as it should for some patients."""
    if not template["drugs"] or record.patient.allergy_status == "not_asked":
        return None
    record.refresh_from_db()
    prescription = services.start(consultation=record, by=clinician.user)
    try:
        for line in template["drugs"].split(" ; "):
            _add(prescription, line, clinician)
        prescription.refresh_from_db()
        _give_reasons(prescription, template, clinician)
        return services.submit(prescription=prescription, by=clinician.user)
    except RuleBroken:
        prescription.refresh_from_db()
        services.void(prescription=prescription, reason="更换方案", by=clinician.user)
        return None


def _give_reasons(prescription: Prescription, template: dict, clinician: Clinician) -> None:
    """Sign what the rules want signed, as the doctor would (R-23, R-43)."""
    while findings := [f for f in alerts.opinion(prescription).open if f.rule.reasons]:
        long = findings[0].rule.reasons == "long"
        signing.override(
            prescription=prescription,
            fingerprint=findings[0].fingerprint,
            reason=REASONS.get(template["long_reason"], "chronic") if long else "monitored",
            by=clinician.user,
        )
        prescription.refresh_from_db()


def _add(prescription: Prescription, line: str, clinician: Clinician) -> None:
    number, dose, unit, frequency, days, route, quantity, _unit = line.split("|")
    drug = Drug.objects.get(code=number)
    services.add_item(
        prescription=prescription,
        drug=drug,
        dose=Decimal(dose),
        dose_unit=unit,
        route=route,
        frequency=frequency,
        days=int(days),
        quantity=int(quantity) if quantity else None,
        skin_test="negative" if drug.skin_test.startswith("需") else "",
        by=clinician.user,
    )


def _dispense(prescription: Prescription, cast: Cast) -> None:
    till.settle(prescription.consultation.registration, cast)
    prescription.refresh_from_db()
    try:
        dispensing.dispense(prescription=prescription, by=cast.people["pharmacist2"])
    except RuleBroken:  # e.g. an allergy recorded meanwhile: it stays at the window
        return
