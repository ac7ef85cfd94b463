"""Signed records in every state that a page can show; see tests/factories/scene.py."""

from registration import duties, signing
from registration.consultation import add_diagnosis, finish
from registration.correcting import correct
from registration.models import Clinician, Consultation


def build(consultation, person, user) -> dict:
    """`consultation` and `person` are the scene's own makers."""
    doctor = user("doctor")
    return {
        "signed": corrected(consultation(person("顾明远", 21)), doctor),
        "assistants": of_an_assistant(consultation(person("潘秀珍", 22), "doctor2"), doctor),
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
    """Written by an assistant of the doctor's department, who is a doctor again afterwards."""
    clinician = Clinician.objects.get(pk=record.clinician_id)
    before = clinician.title, clinician.department
    clinician.title = Clinician.Title.ASSISTANT
    clinician.department = doctor.clinician.department
    clinician.save()
    record = finish(consultation=Consultation.objects.get(pk=record.pk), by=clinician.user)
    clinician.title, clinician.department = before
    clinician.save()
    return record


def notifiable(record, by) -> Consultation:
    """An open record with a diagnosis of the law's list."""
    return add_diagnosis(consultation=record, code="B08.4", by=by)
