"""Every part that R-70 lists, typed on one page and never lost."""

import datetime
import uuid
from functools import partial

import pytest
from django.utils import timezone

from clinic.core.errors import AlreadyDone
from registration.care import past_visits
from registration.consultation import (
    add_diagnosis,
    diagnoses_of,
    put_first,
    remove_diagnosis,
    save_record,
    suspect,
)
from registration.day_text import read_day
from registration.models import Consultation, Department
from registration.parts import DATES, TEXTS
from tests.factories.registration import (
    Icd10CodeFactory,
    WeeklyScheduleFactory,
    finished_record,
    open_record,
)

TODAY = datetime.date(2026, 11, 28)
TYPED = {
    "complaint": "咳嗽 4 天",
    "present_illness": "受凉后咳嗽。",
    "past_history": "高血压 10 年。",
    "examination": "咽充血。",
    "auxiliary": "血常规：白细胞 11.8×10⁹/L。",
    "advice": "多饮水。",
    "referral_to": "市第一人民医院",
    "referral_reason": "需行胸部 CT",
    "sick_reason": "发热",
}


@pytest.fixture
def record(session, frontdesk, bronchitis, hypertension):
    return open_record(session, frontdesk)


@pytest.fixture
def room(doctor, as_):
    return as_(doctor)


def url_of(record) -> str:
    return f"/registration/consultations/{record.pk}/"


def send(room, record, url="", **data):
    stored = Consultation.objects.get(pk=record.pk)
    body = {"version": stored.version, "once": str(uuid.uuid4()), "dx": "", "code": "", **data}
    return room.post(url or url_of(record), body)


def stored(record) -> Consultation:
    return Consultation.objects.get(pk=record.pk)


def days_ago(record, days: int) -> None:
    then = timezone.now() - datetime.timedelta(days=days)
    Consultation.objects.filter(pk=record.pk).update(started_at=then, finished_at=then)


# -- texts and days --


def test_every_part_is_saved_and_stands_on_the_page_again_R70(record, room):
    days = {"follow_up": "7", "sick_days": "3", "sick_from": ""}
    today = timezone.localdate(record.started_at)

    response = send(room, record, **TYPED, **days, kind="emergency")

    assert response.status_code == 302
    saved, page = stored(record), room.get(url_of(record)).content.decode()
    assert {name: getattr(saved, name) for name in TYPED} == TYPED
    assert saved.follow_up_on == today + datetime.timedelta(days=7)
    assert [saved.sick_from, saved.sick_until] == [today, today + datetime.timedelta(days=2)]
    assert saved.emergency
    for text in (*TYPED.values(), saved.follow_up_on.isoformat()):
        assert text in page
    assert "<details" not in page[page.index('name="follow_up"') - 300 : page.index('"follow_up"')]


def test_what_is_emptied_is_taken_away(record, room):
    send(room, record, **TYPED, follow_up="7", sick_days="3")

    send(room, record, complaint="咳嗽")

    saved = stored(record)
    assert [getattr(saved, name) for name in (*TEXTS[1:], *DATES)] == [None] * 11


@pytest.mark.parametrize(
    "text, day",
    [
        ("7", "2026-12-05"),
        ("７天", "2026-12-05"),
        ("2周后", "2026-12-12"),
        ("3个月", "2027-02-28"),
        ("1m", "2026-12-28"),
        ("12-01", "2026-12-01"),
        ("11.28", "2026-11-28"),
        ("1月5日", "2027-01-05"),
        ("20261130", "2026-11-30"),
        ("2026/11/30", "2026-11-30"),
        ("2026年11月30日", "2026-11-30"),
        ("明年", None),
        ("13-40", None),
        ("2026-02-30", None),
        ("99999", None),
        ("-3", None),
    ],
)
def test_days_are_read_as_doctors_type_them(text, day):
    found = read_day(text, TODAY)

    assert (found.isoformat() if found else None) == day


@pytest.mark.parametrize(
    "wrong, field",
    [
        ({"follow_up": "改天"}, "follow_up"),
        ({"follow_up": "0"}, "follow_up"),
        ({"follow_up": "9999-12-31"}, "follow_up"),
        ({"sick_days": "三天"}, "sick_days"),
        ({"sick_days": "9999999999"}, "sick_days"),
        ({"sick_from": "2026-11-30"}, "sick_days"),
        ({"sick_from": "昨天", "sick_days": "2"}, "sick_from"),
        ({"sick_from": "1026-11-30", "sick_days": "2"}, "sick_from"),
        ({"past_history": "x" * 2001}, "past_history"),
    ],
)
def test_a_wrong_day_keeps_everything_typed_and_stands_open(record, room, wrong, field):
    page = send(room, record, **{**TYPED, **wrong})

    text = page.content.decode()
    assert page.status_code == 200 and page.context["form"].errors[field]
    assert TYPED["advice"] in text and next(iter(wrong.values())) in text
    assert stored(record).complaint is None


def test_a_draft_keeps_the_folded_sections_too(record, room):
    draft = {"version": record.version, "complaint": "", "follow_up": "2周", "auxiliary": "心电图"}

    answer = room.post(f"{url_of(record)}draft/", draft)

    page = room.get(url_of(record))
    assert answer.status_code == 200
    assert {"after", "auxiliary"} <= set(page.context["opened"])
    assert 'value="2周"' in page.content.decode() and stored(record).follow_up_on is None


def test_past_history_is_asked_for_at_the_first_visit_and_folded_later_R70(record, room):
    first = room.get(url_of(record)).context["opened"]

    send(room, record, kind="return", complaint="咳嗽")

    assert first == ["past_history"]
    assert room.get(url_of(record)).context["opened"] == []


def test_a_page_without_the_kind_leaves_it_alone(record, room):
    send(room, record, kind="emergency", complaint="咳嗽")

    send(room, record, complaint="咳嗽 2 天")

    assert stored(record).emergency


def test_the_next_appointment_is_given_on_the_day_of_the_follow_up_R104(record, room, session):
    due = timezone.localdate() + datetime.timedelta(days=7)
    hours = {"starts": datetime.time(8), "ends": datetime.time(12)}
    WeeklyScheduleFactory(clinician=session.clinician, weekday=due.weekday(), **hours)

    later = send(room, record, complaint="咳嗽", follow_up="7", book="1")["Location"]
    form = room.get(later).context["form"]
    answer = room.post(later, {"place": form.fields["place"].choices[0][0]})

    assert later.endswith(f"/later/?day={due.isoformat()}") and stored(record).complaint == "咳嗽"
    assert answer["Location"].startswith(url_of(record))
    page = room.get(answer["Location"])
    assert page.context["appointment"].day == due
    assert page.context["appointment"].number in page.content.decode()


# -- kind of visit --


def test_a_visit_long_after_the_last_is_a_first_visit_again_R104(session, frontdesk):
    old = finished_record(session, frontdesk)
    days_ago(old, 31)

    assert open_record(session, frontdesk, patient=old.patient).first_visit


def test_the_same_diagnosis_within_the_days_makes_it_a_return_visit_R104(
    session, frontdesk, doctor
):
    old = finished_record(session, frontdesk, code="I10")
    record = open_record(session, frontdesk, patient=old.patient)
    record = save_record(consultation=record, version=1, first_visit=True, by=doctor)

    add_diagnosis(consultation=record, code="I10", by=doctor)

    assert not stored(record).first_visit


def test_in_an_emergency_department_the_record_is_an_emergency_record_R70(session, frontdesk):
    Department.objects.filter(pk=session.clinician.department_id).update(emergency=True)

    assert open_record(session, frontdesk).emergency


# -- diagnoses --


def three(record, doctor):
    Icd10CodeFactory(code="E11.9", name="2型糖尿病", initials="EXTNB")
    for code in ("J20.9", "I10", "E11.9"):
        add_diagnosis(consultation=record, code=code, by=doctor)
    return diagnoses_of(record)


def test_another_diagnosis_becomes_the_main_one_and_the_rest_keep_their_order(record, doctor):
    last = three(record, doctor)[-1]

    put_first(diagnosis=last, by=doctor)

    assert [d.code for d in diagnoses_of(record)] == ["E11.9", "J20.9", "I10"]


def test_the_chip_marks_a_diagnosis_as_suspected_and_saves_the_text(record, room, doctor):
    diagnosis = three(record, doctor)[1]

    response = send(room, record, suspect=diagnosis.pk, **TYPED)
    page = room.get(response["Location"]).content.decode()

    assert [d.suspected for d in diagnoses_of(record)] == [False, True, False]
    assert 'aria-pressed="true"' in page and diagnoses_of(record)[1].words in page
    assert stored(record).complaint == TYPED["complaint"]

    send(room, record, suspect=diagnosis.pk, first="", **TYPED)
    assert not any(d.suspected for d in diagnoses_of(record))


def test_the_arrow_of_a_chip_puts_it_first(record, room, doctor):
    last = three(record, doctor)[-1]

    send(room, record, first=last.pk, **TYPED)

    assert diagnoses_of(record)[0] == last


@pytest.mark.parametrize("words", ["jxzqgy?", "J20.9？", "支气管炎?"])
def test_a_question_mark_finds_and_adds_a_suspected_diagnosis(record, room, words):
    page = send(room, record, dx=words, find="1").content.decode()
    options = room.post("/registration/diagnoses/", {"q": words}).content.decode()

    send(room, record, dx=words, add="J20.9?")

    assert 'value="J20.9?"' in page and 'data-value="J20.9?"' in options
    assert [(d.code, d.suspected) for d in diagnoses_of(record)] == [("J20.9", True)]


def test_the_button_beside_an_empty_field_shows_what_is_used_most_R74(record, room, doctor):
    add_diagnosis(consultation=record, code="I10", by=doctor)

    page = send(room, record, find="1", **TYPED)

    assert [code.code for code in page.context["found"]] == ["I10"]
    assert TYPED["advice"] in page.content.decode()


@pytest.mark.parametrize("button", ["suspect", "first"])
@pytest.mark.parametrize("value", ["x", "00000000-0000-4000-8000-000000000001", "other"])
def test_a_diagnosis_of_another_record_is_not_found(
    record, room, other_session, frontdesk, doctor, button, value
):
    other = finished_record(other_session, frontdesk)
    diagnosis = diagnoses_of(other)[0]

    answer = send(room, record, **{button: diagnosis.pk if value == "other" else value})

    assert answer.status_code == 404
    assert not diagnoses_of(other)[0].suspected


def test_a_diagnosis_taken_off_meanwhile_is_not_changed(record, doctor):
    diagnosis = three(record, doctor)[0]
    remove_diagnosis(diagnosis=diagnosis, by=doctor)

    for verb in (partial(suspect, on=True), put_first):
        with pytest.raises(AlreadyDone):
            verb(diagnosis=diagnosis, by=doctor)


# -- reading --


def test_a_closed_record_gives_away_none_of_its_parts_R140(
    session, frontdesk, doctor, other_doctor
):
    Icd10CodeFactory(code="F32.9", name="抑郁发作", initials="YYFZ")
    record = open_record(session, frontdesk)
    today = timezone.localdate()
    days = dict.fromkeys(DATES, today + datetime.timedelta(days=1))
    record = save_record(consultation=record, version=1, by=doctor, **TYPED, **days)
    add_diagnosis(consultation=record, code="F32.9", by=doctor)

    (seen,) = past_visits(record.patient, user=other_doctor)

    assert seen.is_closed
    assert [getattr(seen, name) for name in (*TEXTS, *DATES)] == [None] * 12


def test_the_chart_shows_the_parts(record, room, doctor):
    send(room, record, **TYPED, follow_up="7", sick_days="3", add="J20.9?")

    page = room.get(f"/patients/{record.patient_id}/").content.decode()

    for text in (*TYPED.values(), stored(record).follow_up_on.isoformat()):
        assert text in page
