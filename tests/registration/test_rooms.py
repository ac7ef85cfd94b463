"""The doctor's room besides calling: pause, stopped session, examination, two doctors, handing
over, finishing by “next” (R-94, R-95, R-100).
"""

import datetime

import pytest
from django.utils import timezone

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.models import Setting
from registration import booking, consultation, lines
from registration.models import Call, Registration
from registration.queue import (
    NobodyWaiting,
    Paused,
    Stopped,
    call_again,
    call_next,
    lapse_old,
    pass_over,
    pause,
    recall,
    resume,
    send_for_examination,
    waiting,
)
from registration.states import VisitState
from registration.stopping import stop_session
from tests.factories.patients import PatientFactory
from tests.factories.registration import (
    BORN,
    booked_visit,
    called_visit,
    open_record,
    open_session,
    waiting_visit,
)


@pytest.fixture
def room(session, doctor):
    return {"clinician": session.clinician, "by": doctor}


# -- pause and stop --


def test_while_paused_nobody_is_called_and_after_it_the_next_one_R94(session, room, frontdesk):
    visit = waiting_visit(session, frontdesk)
    pause(**room)

    with pytest.raises(Paused):
        call_next(**room)

    resume(**room)
    assert call_next(**room) == visit


def test_a_pause_keeps_no_one_from_registering_and_is_one_moment(session, room, frontdesk):
    pause(**room)
    session.refresh_from_db()
    since = session.paused_at

    pause(**room)

    session.refresh_from_db()
    assert session.paused_at == since is not None
    assert waiting_visit(session, frontdesk).state == VisitState.WAITING


def test_another_person_does_not_pause_the_room_R142(session, other_doctor):
    with pytest.raises(RuleBroken):
        pause(clinician=session.clinician, by=other_doctor)


def test_a_stopped_session_refuses_the_next_with_clear_words_R100(session, room, frontdesk):
    waiting_visit(session, frontdesk)
    stop_session(session=session, reason="ill", by=frontdesk)

    with pytest.raises(Stopped, match="1"):
        call_next(**room)

    assert Call.objects.count() == 0


def test_beside_a_stopped_session_the_other_one_is_called_R100(session, room, doctor, frontdesk):
    waiting_visit(session, frontdesk)
    afternoon = open_session(doctor, period="pm")
    visit = waiting_visit(afternoon, frontdesk)
    stop_session(session=session, reason="leave", by=frontdesk)

    assert call_next(**room) == visit

    pass_over(registration=visit, by=doctor)
    with pytest.raises(Stopped):
        call_next(**room)


# -- one patient, two doctors --


def test_a_patient_called_by_one_doctor_is_not_called_by_another_R94(
    session, other_session, room, other_doctor, frontdesk
):
    person = PatientFactory(birth_date=BORN)
    here = waiting_visit(session, frontdesk, patient=person)
    there = waiting_visit(other_session, frontdesk, patient=person)
    other = waiting_visit(other_session, frontdesk)
    assert call_next(**room) == here

    assert call_next(clinician=other_session.clinician, by=other_doctor) == other

    pass_over(registration=other, by=other_doctor)
    with pytest.raises(NobodyWaiting, match=there.number):
        call_next(clinician=other_session.clinician, by=other_doctor)


def test_a_record_left_open_elsewhere_lets_others_go_first_but_blocks_nobody(
    session, other_session, doctor, other_doctor, frontdesk
):
    person = PatientFactory(birth_date=BORN)
    open_record(session, frontdesk, patient=person)
    there = waiting_visit(other_session, frontdesk, patient=person)
    other = waiting_visit(other_session, frontdesk)
    theirs = {"clinician": other_session.clinician, "by": other_doctor}

    assert call_next(**theirs) == other

    pass_over(registration=other, by=other_doctor)
    assert call_next(**theirs) == there


# -- examination --


def test_who_comes_back_from_the_examination_waits_behind_the_next_two_R167(
    session, doctor, nurse, frontdesk
):
    visit = open_record(session, frontdesk).registration
    Registration.objects.update(priority=0)
    line = [waiting_visit(session, frontdesk) for _ in range(3)]
    first = waiting_visit(session, frontdesk, reason="pregnant")
    away = send_for_examination(registration=visit, by=doctor)
    assert away.state == VisitState.EXAM and away.exam_at is not None

    recall(registration=visit, by=nurse)

    assert waiting(session) == [first, line[0], visit, *line[1:]]


def test_a_site_may_call_the_returned_before_the_priority_ones_R92(session, doctor, frontdesk):
    Setting.objects.create(key="queue.recalled", value="usual")
    visit = open_record(session, frontdesk).registration
    Registration.objects.filter(pk=visit.pk).update(priority=0)
    first = waiting_visit(session, frontdesk, reason="pregnant")
    send_for_examination(registration=visit, by=doctor)

    recall(registration=visit, by=frontdesk)

    assert waiting(session) == [visit, first]


@pytest.mark.parametrize("made", [waiting_visit, called_visit])
def test_only_who_is_inside_is_sent_to_the_examination(session, doctor, frontdesk, made):
    visit = made(session, frontdesk)

    with pytest.raises(RuleBroken, match=visit.number):
        send_for_examination(registration=visit, by=doctor)


def test_the_same_record_goes_on_after_the_examination(session, room, doctor, frontdesk):
    record = open_record(session, frontdesk)
    visit, since = record.registration, record.registration.started_at
    send_for_examination(registration=visit, by=doctor)
    recall(registration=visit, by=frontdesk)
    call_next(**room)

    again = consultation.start(registration=visit, by=doctor)

    visit.refresh_from_db()
    assert (again, visit.state, visit.started_at) == (record, VisitState.IN_CONSULTATION, since)


def test_who_comes_straight_in_is_not_called_R94(session, doctor, frontdesk):
    record = open_record(session, frontdesk)
    send_for_examination(registration=record.registration, by=doctor)

    consultation.start(registration=record.registration, by=doctor)

    assert Registration.objects.get().state == VisitState.IN_CONSULTATION
    assert Call.objects.count() == 1


def test_the_record_is_written_while_the_patient_waits_again(session, doctor, frontdesk):
    record = open_record(session, frontdesk)
    send_for_examination(registration=record.registration, by=doctor)
    recall(registration=record.registration, by=frontdesk)

    saved = consultation.save_record(
        consultation=record, version=record.version, by=doctor, auxiliary="血常规未见异常"
    )

    assert saved.auxiliary == "血常规未见异常"


def test_who_was_seen_already_is_never_lapsed_R95(session, room, doctor, frontdesk):
    visit = open_record(session, frontdesk).registration
    send_for_examination(registration=visit, by=doctor)
    for _ in range(4):
        recall(registration=visit, by=frontdesk)
        call_next(**room)
        pass_over(registration=visit, by=doctor)
    recall(registration=visit, by=frontdesk)
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    Registration.objects.update(day=yesterday)

    lapse_old()

    assert Registration.objects.get().state == VisitState.EXAM


def at_examination(session, by) -> Registration:
    return send_for_examination(registration=inside(session, by), by=session.clinician.user)


def inside(session, by) -> Registration:
    return open_record(session, by).registration


def missed(session, by) -> Registration:
    return pass_over(registration=called_visit(session, by), by=session.clinician.user)


@pytest.mark.parametrize(
    "verb, made",
    [
        (recall, called_visit),
        (recall, inside),
        (booking.check_in, called_visit),
        (booking.check_in, inside),
        (booking.check_in, at_examination),
        (booking.check_in, missed),  # recalled instead: behind the next two
    ],
)
def test_a_desk_page_left_open_takes_nobody_out_of_the_room_R88(session, frontdesk, verb, made):
    visit = made(session, frontdesk)

    with pytest.raises(RuleBroken) as refusal:
        verb(registration=visit, by=frontdesk)

    assert refusal.value.rule == "R-88"
    assert Registration.objects.get().state == visit.state


def test_a_second_press_says_that_it_is_done(session, doctor, frontdesk):
    visit = called_visit(session, frontdesk)
    pass_over(registration=visit, by=doctor)
    recall(registration=visit, by=frontdesk)

    with pytest.raises(AlreadyDone, match=visit.number):
        recall(registration=visit, by=doctor)


def test_a_repeated_call_counts_as_none_for_the_order(session, room, doctor, frontdesk):
    """Two repeats would else let the recalled patient pass two who wait (R-167)."""
    late = called_visit(session, frontdesk)
    Registration.objects.filter(pk=late.pk).update(priority=0)
    pass_over(registration=late, by=doctor)
    line = [waiting_visit(session, frontdesk) for _ in range(4)]
    recall(registration=late, by=frontdesk)
    called = call_next(**room)
    call_again(registration=called, by=doctor)
    call_again(registration=called, by=doctor)

    assert called == line[0]
    assert waiting(session) == [line[1], late, *line[2:]]


# -- late and early --


HOURS = {
    "starts": datetime.time(0),
    "ends": datetime.time(23, 59),
    "slot_minutes": 30,
    "quota": 100,
}


def clock(monkeypatch, hour: int, minute: int) -> None:
    """The local time of today, from now on."""
    at = datetime.datetime.combine(timezone.localdate(), datetime.time(hour, minute))
    monkeypatch.setattr(timezone, "now", lambda: timezone.make_aware(at))


def test_the_late_wait_behind_the_next_two_and_early_ones_keep_their_slot_R91(
    doctor, frontdesk, monkeypatch
):
    session = open_session(doctor, **HOURS)
    clock(monkeypatch, 8, 0)
    slots = [datetime.time(9, 30), datetime.time(11, 0), datetime.time(10, 30)]
    late, second, first = (booked_visit(session, frontdesk, slot=slot) for slot in slots)
    clock(monkeypatch, 10, 2)
    usual = waiting_visit(session, frontdesk)

    for visit in (late, second, first):
        booking.check_in(registration=visit, by=frontdesk)

    line = waiting(session)
    assert line == [first, second, late, usual]
    assert [visit.is_late for visit in line] == [False, False, True, False]


def test_where_the_site_says_so_nobody_checks_in_hours_before_the_time_R90(
    doctor, frontdesk, monkeypatch
):
    Setting.objects.create(key="queue.early_minutes", value="30")
    session = open_session(doctor, **HOURS)
    clock(monkeypatch, 8, 0)
    visit = booked_visit(session, frontdesk, slot=datetime.time(10, 30))
    clock(monkeypatch, 9, 59)

    with pytest.raises(RuleBroken, match="10:00"):
        booking.check_in(registration=visit, by=frontdesk)

    clock(monkeypatch, 10, 0)
    assert booking.check_in(registration=visit, by=frontdesk).state == VisitState.WAITING


def test_every_setting_of_the_order_is_read_in_one_query(db, django_assert_num_queries):
    Setting.objects.create(key="queue.late", value="session")
    Setting.objects.create(key="queue.fair_minutes", value="45")

    with django_assert_num_queries(1):
        rules = lines.rules_of_site()

    assert (rules.late, rules.fair_wait) == ("session", datetime.timedelta(minutes=45))
    assert (rules.late_after, rules.back, rules.booked_first) == (2, "after", True)


# -- next finishes --


def test_next_finishes_the_open_record_where_the_site_says_so_R94(
    session, room, doctor, frontdesk, bronchitis
):
    Setting.objects.create(key="queue.next_finishes", value="yes")
    record = open_record(session, frontdesk)
    visit = waiting_visit(session, frontdesk)
    with pytest.raises(RuleBroken) as refusal:
        consultation.next_patient(**room)
    assert refusal.value.field == "complaint"
    assert Registration.objects.get(pk=visit.pk).state == VisitState.WAITING
    consultation.save_record(
        consultation=record, version=record.version, by=doctor, complaint="咳嗽 3 天"
    )
    consultation.add_diagnosis(consultation=record, code="J20.9", by=doctor)

    assert consultation.next_patient(**room) == visit

    record.refresh_from_db()
    assert record.finished_at is not None


def test_usually_next_leaves_the_open_record_alone(session, room, doctor, frontdesk):
    record = open_record(session, frontdesk)
    visit = waiting_visit(session, frontdesk)

    assert consultation.next_patient(**room) == visit

    record.refresh_from_db()
    assert record.finished_at is None
