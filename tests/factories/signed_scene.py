"""Signed records in every state that a page can show; see tests/factories/scene.py."""

from contextlib import contextmanager

from prescriptions import services
from registration import duties, signing
from registration.consultation import add_diagnosis, finish
from registration.correcting import correct
from registration.models import Clinician, Consultation


def build(consultation, person, user, prescription) -> dict:
    """`consultation`, `person` and `prescription` are the scene's own makers."""
    doctor = user("doctor")
    return {
        "signed": corrected(consultation(person("顾明远", 21)), doctor),
        "assistants": of_an_assistant(consultation(person("潘秀珍", 22), "doctor2"), doctor),
        "assistants_sheet": sheet_of_an_assistant(
            consultation(person("魏春梅", 24), "doctor2"), doctor, prescription
        ),
        "duty": duties.of_doctor(doctor).get(
            consultation=notifiable(consultation(person("丁小宝", 23)), doctor)
        ),
    }


def corrected(record, by) -> Consultation:
    """Signed, corrected once, and something was added."""
    record = finish(consultation=record, by=by)
    record = correct(
        consultation=record,
        version=record.version,
        complaint="咳嗽、咳痰 5 天，发热 1 天",
        advice="多饮水，休息。高热时口服退热药，三天后复诊。",
        by=by,
    )
    words = "电话随访：体温已正常，咳嗽减轻，嘱按时服药。"
    signing.add_words(consultation=record, text=words, by=by)
    return record


def of_an_assistant(record, doctor) -> Consultation:
    """Written by an assistant of the doctor's department."""
    with assistant_of(record, doctor) as by:
        return finish(consultation=Consultation.objects.get(pk=record.pk), by=by)


def sheet_of_an_assistant(record, doctor, prescription):
    """Their prescription, which waits for the doctor's signature (R-3)."""
    with assistant_of(record, doctor) as by:
        sheet = prescription(Consultation.objects.get(pk=record.pk), by.username)
        return services.submit(prescription=sheet, by=by)


@contextmanager
def assistant_of(record, doctor):
    """The record's doctor as an assistant of this department, and a doctor again afterwards."""
    clinician = Clinician.objects.get(pk=record.clinician_id)
    before = clinician.title, clinician.department
    clinician.title = Clinician.Title.ASSISTANT
    clinician.department = doctor.clinician.department
    clinician.save()
    yield clinician.user
    clinician.title, clinician.department = before
    clinician.save()


def notifiable(record, by) -> Consultation:
    """An open record with a diagnosis of the law's list."""
    return add_diagnosis(consultation=record, code="B08.4", by=by)
