"""One narcotic sheet of today: the register, the day's number and an empty ampoule to ask for."""

from datetime import date
from decimal import Decimal

from clinic.core.errors import RuleBroken
from clinic.demo import till, visits
from patients.models import AllergyStatus, Patient
from pharmacy.models import Drug
from prescriptions import collecting, dispensing, review, services
from prescriptions.dictionary import find_route
from registration import consultation, queue
from registration.models import Clinician

PETHIDINE = "D085"
RENAL_COLIC = "N23"
TRIES = 5
GROWN_UP = date(2000, 1, 1)
RECORD = {
    "complaint": "右侧腰腹部绞痛2小时",
    "present_illness": "2小时前突发右侧腰腹部阵发性绞痛，向会阴部放射，伴恶心。有肾结石史。",
    "examination": "急性痛苦面容，右肾区叩击痛，腹软，无反跳痛。",
    "advice": "解痉止痛后行泌尿系超声检查；疼痛不缓解立即转诊。",
}


def make_narcotic_sheet(cast: visits.Cast) -> None:
    """A colic at the general practitioner's: the first who may have the drug."""
    clinician = Clinician.objects.filter(narcotic=True, department__paediatric=False).first()
    patients = Patient.objects.filter(
        birth_date__lt=GROWN_UP, allergy_status=AllergyStatus.DENIED
    ).order_by("-record_no")
    for patient in [one for one in patients if one.id_number][:TRIES] if clinician else []:
        if _visit(patient, clinician, cast):
            return


def _visit(patient: Patient, clinician: Clinician, cast: visits.Cast) -> bool:
    """Whoever is called first; True when the ampoule was handed out."""
    if not visits.make_queue([patient], clinician, cast):
        return False
    registration = queue.call_next(clinician=clinician, by=clinician.user)
    record = consultation.start(registration=registration, by=clinician.user)
    record = consultation.save_record(
        consultation=record, version=record.version, by=clinician.user, **RECORD
    )
    record = consultation.add_diagnosis(consultation=record, code=RENAL_COLIC, by=clinician.user)
    done = _one_ampoule(record, clinician, cast)
    record.refresh_from_db()
    consultation.finish(consultation=record, by=clinician.user)
    return done


def _one_ampoule(record, clinician: Clinician, cast: visits.Cast) -> bool:
    sheet = services.start(consultation=record, by=clinician.user)
    try:
        services.add_item(
            prescription=sheet,
            drug=Drug.objects.get(code=PETHIDINE),
            dose=Decimal(50),
            dose_unit="mg",
            route=find_route("肌内注射").code,
            frequency="st",
            days=1,
            by=clinician.user,
        )
        sheet = services.submit(prescription=sheet, by=clinician.user)
    except RuleBroken:
        sheet.refresh_from_db()
        services.void(prescription=sheet, reason="更换方案", by=clinician.user)
        return False
    sheet = review.approve(prescription=sheet, by=cast.pharmacist)
    till.settle(record.registration, cast)
    collecting.tell(prescription=sheet, is_patient=True, by=cast.people["pharmacist2"])
    dispensing.dispense(prescription=sheet, witness=cast.pharmacist, by=cast.people["pharmacist2"])
    return True
