"""One patient goes to another doctor with the same number; an administrator cancels (R-94)."""

import datetime

import pytest
from django.http import QueryDict

from clinic.core.errors import RuleBroken
from registration import booking, consultation
from registration.handing import cancel_begun, hand_over_visit
from registration.models import Consultation, HandOver, Registration
from registration.moving import hand_over
from registration.queue import call_next, recall, send_for_examination, waiting
from registration.states import VisitState
from registration.stopping import stop_session
from registration.triage import triage
from registration.typed import draft_of, keep_typed
from security.permissions import Role
from tests.conftest import person
from tests.factories.patients import PatientFactory
from tests.factories.prescriptions import draft
from tests.factories.registration import (
    BORN,
    called_visit,
    finished_record,
    open_record,
    open_session,
    waiting_visit,
)

REASON = HandOver.Reason.SPECIALTY


@pytest.mark.parametrize("made", [waiting_visit, called_visit])
def test_handed_over_with_the_same_number_and_the_same_wait_R94(
    session, other_session, doctor, other_doctor, frontdesk, made
):
    theirs = waiting_visit(other_session, frontdesk)
    visit = made(session, frontdesk)
    Registration.objects.filter(pk=visit.pk).update(
        priority=0, checked_in_at=theirs.checked_in_at - datetime.timedelta(minutes=9)
    )

    done = hand_over_visit(
        registration=visit, clinician=other_session.clinician, reason=REASON, by=doctor
    )

    moved = waiting(other_session)[0]
    assert (moved.pk, moved.number, moved.state) == (visit.pk, visit.number, VisitState.WAITING)
    assert (done.from_session, done.to_session, done.made_by) == (session, other_session, doctor)
    assert waiting(session) == []
    assert call_next(clinician=other_session.clinician, by=other_doctor) == visit


def test_a_patient_just_come_in_is_handed_over_with_the_vital_signs(
    session, other_session, doctor, other_doctor, frontdesk
):
    record = open_record(session, frontdesk)
    consultation.record_vitals(
        registration=record.registration, vitals={"temperature": 39}, by=doctor
    )
    visit, theirs = record.registration, other_session.clinician

    hand_over_visit(registration=visit, clinician=theirs, reason=REASON, by=doctor)

    call_next(clinician=theirs, by=other_doctor)
    again = consultation.start(registration=visit, by=other_doctor)
    assert again == record and again.clinician == theirs
    assert again.vitals == {"temperature": "39"}


def test_who_waits_again_after_an_examination_stays_with_the_doctor_who_began_R100(
    session, other_session, doctor, frontdesk
):
    visit, other = open_record(session, frontdesk).registration, waiting_visit(session, frontdesk)
    send_for_examination(registration=visit, by=doctor)
    recall(registration=visit, by=frontdesk)
    stop_session(session=session, reason="ill", by=frontdesk)

    report = hand_over(session=session, clinician=other_session.clinician, by=frontdesk)

    assert (report.moved, report.left) == (1, [])
    assert waiting(other_session) == [other] and waiting(session) == [visit]


def written(record, doctor):
    consultation.save_record(
        consultation=record, version=record.version, by=doctor, complaint="咳嗽 3 天"
    )


def diagnosed(record, doctor):
    consultation.add_diagnosis(consultation=record, code="J20.9", by=doctor)


def prescribed(record, doctor):
    draft(doctor, record=record)


@pytest.mark.parametrize("work", [written, diagnosed, prescribed])
def test_a_record_with_something_in_it_stays_with_its_doctor(
    session, other_session, doctor, frontdesk, bronchitis, work
):
    record = open_record(session, frontdesk)
    work(record, doctor)

    with pytest.raises(RuleBroken):
        hand_over_visit(
            registration=record.registration,
            clinician=other_session.clinician,
            reason=REASON,
            by=doctor,
        )

    assert Consultation.objects.get().clinician == session.clinician
    assert not HandOver.objects.exists()


def test_what_is_typed_and_not_saved_is_not_lost_by_handing_over_R94(
    session, other_session, doctor, frontdesk
):
    record = open_record(session, frontdesk)
    give = {"clinician": other_session.clinician, "reason": REASON, "by": doctor}
    keep_typed(record, QueryDict("version=1&complaint=咳嗽三天"), by=doctor)

    with pytest.raises(RuleBroken):
        hand_over_visit(registration=record.registration, **give)
    typed = draft_of(record, doctor)[0]
    keep_typed(record, QueryDict("version=1&complaint="), by=doctor)
    hand_over_visit(registration=record.registration, **give)

    assert typed["texts"]["complaint"] == "咳嗽三天"
    assert Consultation.objects.get().clinician == other_session.clinician


def test_nobody_is_handed_over_to_a_doctor_who_sees_nobody_or_holds_their_number(
    session, other_session, doctor, frontdesk
):
    person = PatientFactory(birth_date=BORN)
    visit = waiting_visit(session, frontdesk, patient=person)
    give = {"clinician": other_session.clinician, "reason": REASON, "by": doctor}
    with pytest.raises(RuleBroken):
        hand_over_visit(registration=visit, **{**give, "clinician": session.clinician})
    waiting_visit(other_session, frontdesk, patient=person)
    with pytest.raises(RuleBroken) as refusal:
        hand_over_visit(registration=visit, **give)
    assert refusal.value.rule == "R-102"
    stop_session(session=other_session, reason="ill", by=frontdesk)
    with pytest.raises(RuleBroken) as refusal:
        hand_over_visit(registration=visit, **give)
    assert refusal.value.field == "clinician"

    assert Registration.objects.get(pk=visit.pk).session == session


def test_a_window_left_open_takes_nobody_from_the_doctor_they_were_handed_to_R142(
    session, other_session, doctor, frontdesk
):
    visit = waiting_visit(session, frontdesk)
    older = Registration.objects.get(pk=visit.pk)
    third = open_session(person("doctor3", "贺明", Role.DOCTOR))
    give = {"reason": REASON, "by": doctor}
    hand_over_visit(registration=visit, clinician=other_session.clinician, **give)

    with pytest.raises(RuleBroken):
        hand_over_visit(registration=older, clinician=third.clinician, **give)

    assert Registration.objects.get().session == other_session
    assert HandOver.objects.count() == 1


@pytest.mark.parametrize("what", ["handed over", "asked by the nurse"])
def test_a_number_of_yesterday_is_left_where_it_is_R95(
    session, other_session, doctor, frontdesk, what
):
    visit = waiting_visit(session, frontdesk)
    yesterday = visit.day - datetime.timedelta(days=1)
    Registration.objects.update(day=yesterday)

    with pytest.raises(RuleBroken, match=str(yesterday)):
        if what == "handed over":
            hand_over_visit(
                registration=visit, clinician=other_session.clinician, reason=REASON, by=doctor
            )
        else:
            triage(registration=visit, vitals={"pulse": 80}, by=frontdesk)

    assert Registration.objects.get().session == session
    assert not Consultation.objects.exists()


# -- cancelling what was begun --


def test_after_the_doctor_has_begun_only_an_administrator_cancels_R102(
    session, doctor, frontdesk, administrator
):
    visit = open_record(session, frontdesk).registration
    send_for_examination(registration=visit, by=doctor)
    recall(registration=visit, by=frontdesk)
    with pytest.raises(RuleBroken):
        booking.cancel_visit(registration=visit, reason="left", by=frontdesk)
    with pytest.raises(RuleBroken):
        cancel_begun(registration=visit, reason="mistake", by=doctor)

    cancelled = cancel_begun(registration=visit, reason="mistake", by=administrator)

    assert (cancelled.state, cancelled.live_key) == (VisitState.CANCELLED, None)
    assert (cancelled.cancelled_by, cancelled.cancel_reason) == (administrator, "mistake")


def test_before_and_after_the_visit_the_administrator_cancels_nothing(
    session, frontdesk, administrator
):
    others = [waiting_visit(session, frontdesk), finished_record(session, frontdesk).registration]
    for visit in others:
        with pytest.raises(RuleBroken, match=visit.number):
            cancel_begun(registration=visit, reason="mistake", by=administrator)


def test_in_a_cancelled_visit_nothing_is_written_any_more(
    session, doctor, frontdesk, administrator
):
    record = open_record(session, frontdesk)
    cancel_begun(registration=record.registration, reason="mistake", by=administrator)

    with pytest.raises(RuleBroken) as refusal:
        consultation.save_record(
            consultation=record, version=record.version, by=doctor, complaint="咳嗽"
        )
    assert refusal.value.rule == "R-102"
