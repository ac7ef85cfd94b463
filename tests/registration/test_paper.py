"""Numbers on paper for an outage, and typing them in afterwards (R-106, R-178)."""

import datetime

import pytest
from django.utils import timezone

from clinic.core.days import moment
from clinic.core.errors import RuleBroken
from patients.models import Patient
from registration.models import EmergencySheet, Registration, Session
from registration.paper import enter_paper, print_sheets, seen_after_all
from registration.states import VisitState
from tests.factories.patients import PatientFactory
from tests.factories.registration import (
    WeeklyScheduleFactory,
    open_session,
    waiting_visit,
)
from tests.helpers import post_ok

TODAY = timezone.localdate()
YESTERDAY = TODAY - datetime.timedelta(days=1)
MIDNIGHT = datetime.time(0)


@pytest.fixture
def sheet(session, frontdesk) -> EmergencySheet:
    (sheet,) = print_sheets(clinicians=[session.clinician], count=5, by=frontdesk)
    return sheet


@pytest.fixture
def first(sheet) -> str:
    return sheet.numbers[0]


@pytest.fixture
def desk(frontdesk, as_):
    return as_(frontdesk)


def enter(number: str, by, **changes) -> Registration:
    row = {"patient": None, "day": TODAY, "time": MIDNIGHT, **changes}
    row["patient"] = row["patient"] or PatientFactory(birth_date=datetime.date(1990, 3, 16))
    return enter_paper(number=number, by=by, **row)


def other_letter(sheet: EmergencySheet) -> str:
    """No doctor's; the letters of the factory's doctors go round."""
    return "Z" if sheet.clinician.letter != "Z" else "Y"


# -- sheets --


def test_no_number_is_printed_twice(session, other_session, frontdesk):
    doctors = [session.clinician, other_session.clinician]
    sheets = [s for _ in range(2) for s in print_sheets(clinicians=doctors, count=3, by=frontdesk)]

    numbers = [number for sheet in sheets for number in sheet.numbers]

    letters = [doctor.letter for doctor in doctors]
    assert numbers[:3] == [f"{letters[0]}E0{n}" for n in (1, 2, 3)]
    assert len(set(numbers)) == 12


def test_a_number_on_paper_is_none_of_the_queues_own(session, sheet, frontdesk):
    visits = [waiting_visit(session, frontdesk) for _ in range(3)]

    assert not {visit.number for visit in visits} & set(sheet.numbers)


# -- typing in --


def test_the_time_on_the_paper_is_kept_and_the_visit_is_marked_R178(first, frontdesk):
    visit = enter(first, frontdesk)

    at = moment(TODAY, MIDNIGHT)
    assert (visit.source, visit.number, visit.state) == ("paper", first, VisitState.WAITING)
    assert visit.registered_at == visit.checked_in_at == at
    assert visit.entered_at > at and visit.registered_by == frontdesk


def test_whoever_was_seen_is_with_the_doctor_whose_record_is_still_to_be_written(
    first, doctor, frontdesk, as_
):
    visit = enter(first, frontdesk, seen=True)

    assert visit.state == VisitState.IN_CONSULTATION
    page = as_(doctor).get("/registration/queue/").content.decode()
    assert first in page and f"/registration/consultations/{visit.consultation.pk}/" in page


def test_the_screen_does_not_show_who_was_seen_on_paper_as_inside(session, first, frontdesk, as_):
    enter(first, frontdesk, seen=True)

    assert first not in as_(frontdesk).get("/display/").content.decode()


def test_nobody_of_an_earlier_day_waits_and_who_left_is_never_called_R178(
    sheet, session, frontdesk
):
    WeeklyScheduleFactory(clinician=session.clinician, weekday=YESTERDAY.weekday())
    with pytest.raises(RuleBroken) as refused:
        enter(sheet.numbers[0], frontdesk, day=YESTERDAY)

    left = enter(sheet.numbers[0], frontdesk, day=YESTERDAY, left=True)

    assert refused.value.field == "now"
    assert (left.state, left.live_key) == (VisitState.LAPSED, None)


def test_a_row_typed_in_as_waiting_by_mistake_goes_to_the_doctors_open_records(
    first, session, frontdesk, doctor, desk
):
    visit = enter(first, frontdesk)
    page = desk.get("/registration/paper/entry/").content.decode()
    assert f"/registration/paper/{visit.pk}/seen/" in page

    post_ok(desk, f"/registration/paper/{visit.pk}/seen/")

    visit.refresh_from_db()
    assert visit.state == VisitState.IN_CONSULTATION and visit.started_at == visit.registered_at
    assert visit.consultation.clinician == session.clinician
    usual = waiting_visit(session, frontdesk)
    for gone in (visit, usual):
        with pytest.raises(RuleBroken):
            seen_after_all(registration=gone, by=frontdesk)


@pytest.mark.parametrize("wrong", ["AE", "A001", "ZE01", "99"])
def test_a_number_that_was_never_printed_is_refused(wrong, sheet, frontdesk):
    if wrong.startswith("Z"):
        wrong = f"{other_letter(sheet)}{wrong[1:]}"

    with pytest.raises(RuleBroken) as refused:
        enter(wrong, frontdesk)

    assert refused.value.field == "number"


def test_the_number_after_the_last_of_the_sheet_is_refused(sheet, frontdesk):
    letter, last = sheet.numbers[-1][:2], int(sheet.numbers[-1][2:])

    with pytest.raises(RuleBroken):
        enter(f"{letter}{last + 1:02d}", frontdesk)


def test_a_number_is_typed_in_once_on_whatever_day(first, session, frontdesk):
    WeeklyScheduleFactory(clinician=session.clinician, weekday=YESTERDAY.weekday())
    enter(first, frontdesk, day=YESTERDAY, seen=True)

    with pytest.raises(RuleBroken, match=first):
        enter(first.lower(), frontdesk)


def test_a_day_on_which_nothing_was_up_gets_its_session_from_the_plan(first, session, frontdesk):
    WeeklyScheduleFactory(clinician=session.clinician, weekday=YESTERDAY.weekday(), quota=17)

    visit = enter(first, frontdesk, day=YESTERDAY, time=datetime.time(9), seen=True)

    assert (visit.session.date, visit.session.quota, visit.day) == (YESTERDAY, 17, YESTERDAY)


def test_another_doctor_may_have_seen_the_patient(first, other_session, frontdesk):
    visit = enter(first, frontdesk, clinician=other_session.clinician)

    assert visit.session == other_session


@pytest.mark.parametrize("when", ["to come", "long ago", "no session"])
def test_times_that_can_not_be_are_refused(when, first, frontdesk):
    now = timezone.localtime()
    changes = {
        "to come": {"day": now.date() + datetime.timedelta(days=1)},
        "long ago": {"day": now.date() - datetime.timedelta(days=40)},
        "no session": {"day": YESTERDAY},
    }[when]

    with pytest.raises(RuleBroken):
        enter(first, frontdesk, **changes)


def test_a_full_session_takes_it_as_an_added_number(doctor, frontdesk):
    session = open_session(doctor, quota=1)
    waiting_visit(session, frontdesk)
    (sheet,) = print_sheets(clinicians=[session.clinician], count=1, by=frontdesk)

    assert enter(sheet.numbers[0], frontdesk).added
    assert Session.objects.get().added == 1


def test_a_patient_with_a_number_of_the_session_gets_no_second_one(first, session, frontdesk):
    visit = waiting_visit(session, frontdesk)

    with pytest.raises(RuleBroken, match=visit.number):
        enter(first, frontdesk, patient=visit.patient)


# -- the pages --


def typed(number: str, **changes) -> dict:
    return {"day": TODAY.isoformat(), "number": number, "time": "0000", "now": "waiting", **changes}


def test_sheets_are_made_by_a_press_and_shown_for_printing(session, desk):
    answer = post_ok(
        desk, "/registration/paper/", {"clinicians": [session.clinician_id], "count": 3}
    )

    page = desk.get(answer["Location"]).content.decode()
    assert all(number in page for number in EmergencySheet.objects.get().numbers)


def test_a_row_with_one_fitting_patient_is_saved_and_the_next_number_waits(sheet, desk):
    patient = PatientFactory()
    url = "/registration/paper/entry/"

    answer = post_ok(desk, url, typed(sheet.numbers[0], q=patient.record_no))

    form = desk.get(answer["Location"]).context["form"]
    assert Registration.objects.get().patient == patient
    assert (form["number"].value(), form["time"].value()) == (sheet.numbers[1], "00:00")


def test_where_the_patient_is_now_has_to_be_said_and_waiting_is_never_carried_on_R178(sheet, desk):
    patient, url = PatientFactory(), "/registration/paper/entry/"

    page = desk.post(url, typed(sheet.numbers[0], q=patient.record_no, now=""))
    assert page.context["form"].errors["now"] and not Registration.objects.exists()
    after = {}
    for number, now in zip(sheet.numbers, ("waiting", "left", "seen"), strict=False):
        row = typed(number, q=PatientFactory().record_no, now=now)
        after[now] = desk.get(post_ok(desk, url, row)["Location"]).context["form"]["now"].value()

    assert after == {"waiting": "", "left": "", "seen": "seen"}


def test_of_several_one_is_chosen_and_nothing_is_typed_again(sheet, desk):
    patients = [PatientFactory(name="郭淑珍", pinyin="guoshuzhen") for _ in range(2)]
    row = typed(sheet.numbers[0], q="郭淑珍")

    page = desk.post("/registration/paper/entry/", row)
    assert {found["patient"] for found in page.context["found"]} == set(patients)
    post_ok(desk, "/registration/paper/entry/", {**row, "patient": patients[1].pk})

    assert Registration.objects.get().patient == patients[1]


def test_somebody_without_a_file_gets_a_short_one(sheet, desk):
    row = typed(sheet.numbers[0], q="金丝雀")
    page = desk.post("/registration/paper/entry/", row)
    assert page.context["asks_file"]

    new = {"name": "金丝雀", "sex": "2", "birth_date": "19900316", "phone": "13800001111"}
    post_ok(desk, "/registration/paper/entry/", {**row, **new})

    assert Registration.objects.get().patient == Patient.objects.get(name="金丝雀")


def test_a_child_gets_a_short_file_with_its_guardian_R86(sheet, desk):
    child = {"name": "金丝雀", "sex": "2", "birth_date": TODAY.replace(day=1).isoformat()}
    row = typed(sheet.numbers[0], q="金丝雀", **child)
    page = desk.post("/registration/paper/entry/", row)
    assert {"contact_name", "contact_relation", "phone"} <= set(page.context["form"].errors)

    guardian = {"contact_name": "金雀", "contact_relation": "母亲", "contact_phone": "13800001111"}
    post_ok(desk, "/registration/paper/entry/", {**row, **guardian})

    assert Registration.objects.get().patient.contact_name == "金雀"


def test_a_refused_row_opens_no_file(sheet, desk):
    new = {"name": "金丝雀", "sex": "2", "birth_date": "19900316", "phone": "13800001111"}

    page = desk.post("/registration/paper/entry/", typed(f"{other_letter(sheet)}E01", **new))

    assert page.context["form"].errors["number"]
    assert not Patient.objects.exists()
