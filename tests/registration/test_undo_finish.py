"""Taking back 完诊: by the doctor, soon, while nobody else was called; what was signed is kept."""

from datetime import timedelta

import pytest

from clinic.core.errors import RuleBroken
from registration import signing, undoing, versions
from registration.consultation import diagnoses_of, finish, finish_and_call, save_record, start
from registration.models import Clinician, Consultation, Registration
from registration.queue import call_next
from registration.states import VisitState
from security.models import AuditEntry
from tests.factories.patients import AllergyFactory
from tests.factories.registration import finished_record, open_record, waiting_visit
from tests.helpers import post_ok


@pytest.fixture
def record(session, frontdesk):
    return finished_record(session, frontdesk)


def undo(record, by) -> Consultation:
    return undoing.undo_finish(consultation=record, by=by)


def now(record) -> Consultation:
    return Consultation.objects.select_related("registration").get(pk=record.pk)


def genuine(record) -> bool:
    record = now(record)
    return versions.is_genuine(record, list(record.versions.all()), diagnoses_of(record))


def test_the_visit_goes_on_unsigned_and_is_signed_anew_as_one_more_version_R145(
    record, session, doctor
):
    undo(record, doctor)

    again = now(record)
    assert again.registration.state == VisitState.IN_CONSULTATION
    assert again.registration.live_key and again.registration.finished_at is None
    assert (again.finished_at, again.finished_by, again.archives_at) == (None, None, None)
    assert genuine(again)
    AllergyFactory(patient=again.patient, substance="阿莫西林")
    type(again.patient).objects.filter(pk=again.patient_id).update(allergy_status="has")
    save_record(consultation=again, version=again.version, by=doctor, complaint="咳嗽 13 天")
    finish(consultation=again, by=doctor)
    first, second = record.versions.all()
    assert first.content["parts"]["complaint"] == "咳嗽 3 天"
    assert second.content["parts"]["complaint"] == "咳嗽 13 天"
    assert genuine(record)
    assert "阿莫西林" in versions.known_allergies(now(record))  # as known at this signature


def test_signed_again_without_a_change_is_a_version_too(record, doctor):
    undo(record, doctor)

    finish(consultation=record, by=doctor)

    assert record.versions.count() == 2 and genuine(record)


def test_an_unsigned_record_whose_version_is_not_older_is_seen_R148(record):
    Consultation.objects.filter(pk=record.pk).update(
        finished_at=None, finished_by=None, archives_at=None
    )

    assert not genuine(record)


def test_not_once_somebody_else_was_called_and_the_words_say_what_to_do(session, frontdesk, doctor):
    record, following = open_record(session, frontdesk), waiting_visit(session, frontdesk)
    save_record(consultation=record, version=1, by=doctor, complaint="咳嗽")
    record = finished_record(session, frontdesk)
    call_next(clinician=session.clinician, by=doctor)

    with pytest.raises(RuleBroken, match=following.number):
        undo(record, doctor)

    assert now(record).registration.state == VisitState.FINISHED


def test_not_late_not_by_others_not_archived_not_countersigned_not_twice(
    record, doctor, other_doctor, other_session, frontdesk
):
    for refused_by, change in (
        (other_doctor, {}),
        (doctor, {"archives_at": record.finished_at}),
    ):
        Consultation.objects.filter(pk=record.pk).update(**change)
        with pytest.raises(RuleBroken):
            undo(record, refused_by)
    Consultation.objects.filter(pk=record.pk).update(archives_at=record.archives_at)
    long_ago = record.finished_at - timedelta(minutes=undoing.MINUTES)
    Registration.objects.filter(pk=record.registration_id).update(finished_at=long_ago)
    with pytest.raises(RuleBroken):
        undo(record, doctor)
    Registration.objects.filter(pk=record.registration_id).update(finished_at=record.finished_at)
    undo(record, doctor)
    with pytest.raises(RuleBroken) as refusal:
        undo(record, doctor)
    assert refusal.value.rule == "R-88"
    Clinician.objects.filter(user=doctor).update(title=Clinician.Title.ASSISTANT)
    finish(consultation=record, by=doctor)
    signed = now(record)
    signing.countersign(consultation=signed, version=signed.version, by=other_doctor)
    with pytest.raises(RuleBroken) as refusal:
        undo(record, doctor)
    assert refusal.value.rule == "R-3"


def test_not_while_the_patient_holds_a_new_number_of_the_same_doctor_R102(
    record, session, frontdesk, doctor
):
    waiting_visit(session, frontdesk, patient=record.patient)

    with pytest.raises(RuleBroken) as refusal:
        undo(record, doctor)

    assert refusal.value.rule == "R-102"


def test_a_finished_visit_is_never_started_again_R88(record, doctor):
    with pytest.raises(RuleBroken):
        start(registration=record.registration, by=doctor)

    assert now(record).registration.state == VisitState.FINISHED


def test_the_queue_and_the_record_offer_it_and_the_log_tells_of_it(
    record, session, frontdesk, doctor, as_
):
    room = as_(doctor)
    url = f"/registration/consultations/{record.pk}/undo/"
    assert url in room.get("/registration/queue/").content.decode()
    assert url in room.get(f"/registration/consultations/{record.pk}/").content.decode()

    answer = post_ok(room, url)

    assert answer["Location"] == f"/registration/consultations/{record.pk}/"
    assert url not in room.get("/registration/queue/").content.decode()
    assert "咳嗽 3 天" in room.get(answer["Location"]).content.decode()
    shown = room.get(f"/registration/consultations/{record.pk}/history/")
    assert shown.context["is_written_again"] and shown.context["is_genuine"]
    entry = AuditEntry.objects.filter(object_pk=str(record.registration_id)).order_by("pk").last()
    assert (entry.event, entry.actor_id) == ("update", doctor.pk)
    assert "consulting" in entry.payload
    waiting_visit(session, frontdesk)
    finish_and_call(consultation=now(record), by=doctor)
    assert url not in room.get("/registration/queue/").content.decode()
