"""Notifiable diseases ask for their report card (R-75)."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinic.core.errors import AlreadyDone, RuleBroken
from registration import duties
from registration.consultation import add_diagnosis, diagnoses_of, remove_diagnosis
from registration.models import ReportDuty
from registration.notifiable import disease_of, diseases
from tests.factories.registration import Icd10CodeFactory, finished_record, open_record
from tests.helpers import post_ok


@pytest.fixture
def record(session, frontdesk):
    for code, name in [("B08.4", "手足口病"), ("A00.9", "霍乱"), ("J06.9", "急性上呼吸道感染")]:
        Icd10CodeFactory(code=code, name=name, initials="X")
    return open_record(session, frontdesk)


def duty_of(record, doctor, code="B08.4") -> ReportDuty:
    add_diagnosis(consultation=record, code=code, by=doctor)
    return record.report_duties.get()


@pytest.mark.parametrize(
    "code, disease, grade, hours",
    [
        ("A00.9", "霍乱", "甲", 2),
        ("U04.9", "传染性非典型肺炎", "乙", 2),
        ("A22.1", "肺炭疽", "乙", 2),
        ("A22.0", "炭疽", "乙", 24),
        ("B18.1", "病毒性肝炎", "乙", 24),
        ("A15.3", "肺结核", "乙", 24),
        ("A17.0+G01*", None, "", 0),
        ("J11.1", "流行性感冒", "丙", 24),
        ("B08.401", "手足口病", "丙", 24),
        ("A98.4", None, "", 0),
        ("A98.500x001", "流行性出血热", "乙", 24),
        ("J06.9", None, "", 0),
    ],
)
def test_the_closest_entry_of_the_laws_list_counts_R75(code, disease, grade, hours):
    found = disease_of(code)

    if disease is None:
        assert found is None
    else:
        assert (found.name, found.grade, found.hours) == (disease, grade, hours)


def test_the_list_has_three_classes_and_class_a_is_due_in_two_hours_R75():
    assert {d.hours for d in diseases() if d.grade == "甲"} == {2}
    assert {d.grade for d in diseases()} == {"甲", "乙", "丙"}
    assert len({d.name for d in diseases()}) == len(diseases()) == 41


def test_a_notifiable_diagnosis_asks_for_one_card_with_its_time_limit_R75(record, doctor):
    before = timezone.now()

    duty = duty_of(record, doctor, "A00.9")

    assert duty.facts["disease"] == "霍乱" and duty.state == "open"
    left = duty.due_at - before
    assert datetime.timedelta(hours=2) <= left < datetime.timedelta(hours=2, minutes=1)
    add_diagnosis(consultation=record, code="J06.9", by=doctor)
    assert record.report_duties.count() == 1


def test_a_diagnosis_that_is_taken_off_takes_its_open_card_along_and_brings_it_back(record, doctor):
    duty_of(record, doctor)
    remove_diagnosis(diagnosis=diagnoses_of(record)[0], by=doctor)

    assert [d.state for d in record.report_duties.all()] == ["not_needed"]
    add_diagnosis(consultation=record, code="B08.4", by=doctor)
    assert sorted(d.state for d in record.report_duties.all()) == ["not_needed", "open"]


def test_the_card_is_reported_once_with_time_person_and_number_R75(record, doctor, other_doctor):
    duty = duty_of(record, doctor)
    now = timezone.now()

    with pytest.raises(RuleBroken):
        duties.report(duty=duty, at=now, number="", by=other_doctor)
    with pytest.raises(RuleBroken):
        duties.report(duty=duty, at=now + datetime.timedelta(hours=1), number="", by=doctor)
    done = duties.report(duty=duty, at=now, number="3205-7", by=doctor)

    assert (done.state, done.number, done.closed_by) == ("reported", "3205-7", doctor)
    with pytest.raises(AlreadyDone):
        duties.not_needed(duty=duty, reason="重复", by=doctor)


def test_no_report_needs_a_reason(record, doctor):
    duty = duty_of(record, doctor)

    with pytest.raises(RuleBroken):
        duties.not_needed(duty=duty, reason="  ", by=doctor)

    assert duties.not_needed(duty=duty, reason="外院已报", by=doctor).reason == "外院已报"


def test_which_disease_it_is_stands_nowhere_in_plain(record, doctor):
    duty_of(record, doctor)

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM registration_reportduty")
        row = cursor.fetchone()

    assert "手足口" not in str(row) and "B08" not in str(row)


# -- pages --


def test_the_panel_is_quiet_and_its_button_saves_the_text_first(record, doctor, as_):
    duty = duty_of(record, doctor)
    room, url = as_(doctor), f"/registration/consultations/{record.pk}/"
    page = room.get(url).content.decode()
    assert "手足口病" in page and 'value="reports"' in page

    typed = {"version": record.version, "complaint": "皮疹 1 天", "panel": "reports"}
    answer = room.post(url, typed)

    record.refresh_from_db()
    assert answer["Location"] == f"/registration/report-cards/{duty.pk}/"
    assert record.complaint == "皮疹 1 天"


def test_reporting_on_the_page_and_the_paper_card(record, doctor, as_):
    duty = duty_of(record, doctor)
    room, url = as_(doctor), f"/registration/report-cards/{duty.pk}/"
    assert "手足口病" in room.get("/registration/report-cards/").content.decode()
    card = room.get(f"{url}card/").content.decode()
    assert record.patient.name in card and "传染病报告卡" in card and "☑手足口病" in card

    wrong = room.post(url, {"at": "gestern"})
    assert wrong.context["form"].errors["at"]
    now = timezone.localtime().strftime("%Y-%m-%d %H:%M")
    started = timezone.localtime(record.started_at) - datetime.timedelta(minutes=5)
    record.started_at = started
    record.save(update_fields=["started_at"])
    assert room.post(url, {"at": now, "number": "88"}).status_code == 302

    duty.refresh_from_db()
    assert (duty.state, duty.number) == ("reported", "88")
    assert "手足口病" not in room.get("/registration/report-cards/").content.decode()


def test_not_needed_on_the_page_asks_for_no_time(record, doctor, as_):
    duty = duty_of(record, doctor)
    url = f"/registration/report-cards/{duty.pk}/"

    page = as_(doctor).post(url, {"at": "", "spare": "1", "reason": ""})
    assert page.context["form"].errors["reason"]
    as_(doctor).post(url, {"at": "", "spare": "1", "reason": "外院已报"})

    duty.refresh_from_db()
    assert duty.state == "not_needed"


def test_the_administrator_sees_how_many_and_no_name(record, doctor, administrator, as_):
    duty = duty_of(record, doctor)
    ReportDuty.objects.filter(pk=duty.pk).update(due_at=timezone.now())

    page = as_(administrator).get("/security/").content.decode()

    assert duties.told_administrator() in page
    assert record.patient.name not in page and "手足口" not in page


def test_the_list_costs_the_same_for_many(record, session, frontdesk, doctor, as_):
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert as_(doctor).get("/registration/report-cards/").status_code == 200
        return len(found)

    duty_of(record, doctor)
    queries()
    before = queries()
    for _number in range(5):
        finished_record(session, frontdesk, code="B08.4")
    queries()

    assert queries() == before


def test_a_card_settled_by_mistake_is_open_again_and_what_was_said_stays_readable_R75(
    record, doctor, other_doctor, as_
):
    duty = duty_of(record, doctor)
    duties.report(duty=duty, at=timezone.now(), number="WRONG-7", by=doctor)
    with pytest.raises(RuleBroken):
        duties.reopen(duty=duty, by=other_doctor)
    url, room = f"/registration/report-cards/{duty.pk}/", as_(doctor)

    post_ok(room, url, {"reopen": "1"})
    again = ReportDuty.objects.get(pk=duty.pk)
    assert (again.state, again.number, again.closed_by) == ("open", None, None)
    page = room.get(url).content.decode()
    assert "WRONG-7" in page and doctor.full_name in page
    duties.report(duty=again, at=timezone.now(), number="RIGHT-8", by=doctor)

    said = duties.taken_back(ReportDuty.objects.get(pk=duty.pk))
    assert [(one["words"], one["taken_back_by"]) for one in said] == [("WRONG-7", doctor.full_name)]
    with pytest.raises(AlreadyDone):
        duties.report(duty=duty, at=timezone.now(), number="", by=doctor)


def test_a_card_spared_is_not_opened_beside_another_of_the_same_disease(record, doctor):
    first = duty_of(record, doctor)
    duties.not_needed(duty=first, reason="医院已报", by=doctor)
    remove_diagnosis(diagnosis=diagnoses_of(record)[0], by=doctor)
    add_diagnosis(consultation=record, code="B08.4", by=doctor)

    with pytest.raises(RuleBroken):
        duties.reopen(duty=first, by=doctor)
