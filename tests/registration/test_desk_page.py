"""The desk: today's patients, filters, next steps, registering (mock-up 01)."""

import datetime
import re

import pytest
from django.utils import timezone

from registration.models import Period, Registration
from registration.queue import call_next, line_of, pass_over, recall
from registration.states import VisitState
from security.models import AuditEntry
from tests.factories.patients import AllergicPatientFactory, PatientFactory
from tests.factories.registration import (
    called_visit,
    finished_record,
    open_record,
    open_session,
    waiting_visit,
)
from tests.helpers import post_ok


@pytest.fixture
def desk(frontdesk, as_):
    return as_(frontdesk)


def rows(page) -> dict[str, object]:
    return {row.visit.number: row for row in page.context["today"].rows}


def test_every_patient_of_today_stands_there_with_where_they_are(session, doctor, frontdesk, desk):
    missed = pass_over(registration=called_visit(session, frontdesk), by=doctor)
    inside = open_record(session, frontdesk).registration
    first, second = (waiting_visit(session, frontdesk) for _ in range(2))

    found = rows(desk.get("/registration/"))

    assert [found[v.number].station for v in (missed, inside, first)] == [2, 3, 2]
    assert found[missed.number].is_late
    assert found[inside.number].place == session.room.name
    assert found[first.number].place != found[second.number].place


def test_one_doctor_has_one_next_whatever_the_session(session, doctor, frontdesk, desk):
    later = open_session(doctor, period=Period.AFTERNOON)
    usual, left_over = waiting_visit(later, frontdesk), waiting_visit(session, frontdesk)
    urgent = waiting_visit(later, frontdesk, reason="emergency")

    found = rows(desk.get("/registration/"))

    places = [found[visit.number].place for visit in line_of(session.clinician)]
    assert line_of(session.clinician) == [urgent, left_over, usual]
    assert places == ["下一位", "前面 1 位", "前面 2 位"]


def test_nobody_stands_above_a_person_who_is_called_before_them_R91(
    session, doctor, other_session, frontdesk, desk
):
    first, second, third = (waiting_visit(session, frontdesk) for _ in range(3))
    stopped = waiting_visit(open_session(doctor, period=Period.NIGHT), frontdesk)
    stopped.session.stopped_at = timezone.now()
    stopped.session.save()
    pregnant = waiting_visit(session, frontdesk, reason="pregnant")
    theirs = waiting_visit(other_session, frontdesk)
    called = call_next(clinician=session.clinician, by=doctor)
    recall(registration=pass_over(registration=called, by=doctor), by=frontdesk)

    shown = list(rows(desk.get("/registration/?at=waiting")))

    line = [visit.number for visit in line_of(session.clinician)]
    assert called == pregnant
    assert line == [v.number for v in (first, second, pregnant, third)]  # behind the next two
    assert [number for number in shown if number in line] == line
    assert shown.index(theirs.number) < shown.index(second.number)  # next of the other doctor
    assert shown[-1] == stopped.number


def test_the_word_stands_beside_the_track(session, frontdesk, desk):
    waiting_visit(session, frontdesk)

    page = desk.get("/registration/").content.decode()

    assert re.search(r'class="journey">.*?<b>[^<]+</b>', page)


def test_yesterday_is_not_today(session, frontdesk, desk):
    visit = waiting_visit(session, frontdesk)
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    Registration.objects.filter(pk=visit.pk).update(day=yesterday)

    assert rows(desk.get("/registration/")) == {}


def test_waiting_is_counted_in_minutes_from_check_in_R105(session, frontdesk, desk):
    visit = waiting_visit(session, frontdesk)
    since = timezone.now() - datetime.timedelta(minutes=19, seconds=5)
    Registration.objects.filter(pk=visit.pk).update(checked_in_at=since)

    assert rows(desk.get("/registration/"))[visit.number].waited == 19


@pytest.mark.parametrize(
    "state, expected",
    [
        ("booked", {"check_in", "cancel", "vitals"}),
        ("waiting", {"print", "cancel", "vitals"}),
        ("called", {"print", "cancel", "vitals"}),
        ("missed", {"recall", "cancel", "vitals"}),
        ("consulting", set()),
        ("exam", {"recall"}),
        ("finished", set()),
        ("cancelled", set()),
        ("lapsed", set()),
    ],
)
def test_each_state_offers_its_next_steps_and_no_other(session, frontdesk, desk, state, expected):
    visit = waiting_visit(session, frontdesk)
    Registration.objects.filter(pk=visit.pk).update(state=state)

    page = desk.get("/registration/")

    assert rows(page)[visit.number].actions == expected
    assert (f"{visit.pk}/cancel/" in page.content.decode()) == ("cancel" in expected)


def test_vital_signs_are_offered_to_the_nurse_alone(session, frontdesk, nurse, desk, as_):
    visit = waiting_visit(session, frontdesk)

    assert f"{visit.pk}/vitals/" not in desk.get("/registration/").content.decode()
    assert f"{visit.pk}/vitals/" in as_(nurse).get("/registration/").content.decode()


def test_filters_count_and_show(session, frontdesk, desk):
    waiting_visit(session, frontdesk)
    inside = open_record(session, frontdesk).registration

    page = desk.get("/registration/?at=consulting")

    counts = {f["key"]: f["count"] for f in page.context["today"].filters}
    assert (counts[""], counts["waiting"], counts["consulting"]) == (2, 1, 1)
    assert list(rows(page)) == [inside.number]


def test_an_unknown_filter_shows_all(session, frontdesk, desk):
    waiting_visit(session, frontdesk)

    assert len(rows(desk.get("/registration/?at=%00nonsense&page=zzz"))) == 1


def test_a_long_day_has_pages(session, frontdesk, desk):
    session.quota = 100
    session.save()
    for _ in range(41):
        waiting_visit(session, frontdesk)

    assert len(rows(desk.get("/registration/"))) == 40
    assert len(rows(desk.get("/registration/?page=2"))) == 1


def test_who_was_read_is_recorded(session, frontdesk, desk):
    visits = [waiting_visit(session, frontdesk) for _ in range(2)]

    desk.get("/registration/")

    entry = AuditEntry.objects.get(event="read", screen="desk")
    assert len(bytes(entry.subjects)) == 16 * len(visits)


def test_the_desk_sees_no_complaint_and_no_diagnosis(session, frontdesk, desk):
    finished_record(session, frontdesk)

    page = desk.get("/registration/").content.decode()

    assert "咳嗽" not in page and "支气管" not in page


def test_the_page_has_one_filled_button(session, frontdesk, desk):
    waiting_visit(session, frontdesk)
    patient = PatientFactory()

    for url in ("/registration/", f"/registration/new/{patient.pk}/"):
        assert desk.get(url).content.decode().count("btn-primary") == 1, url


# -- registering --


def test_registering_leads_to_the_slip_and_prints(session, desk):
    patient = PatientFactory()

    response = post_ok(desk, f"/registration/new/{patient.pk}/", {"session": session.pk})

    visit = Registration.objects.get()
    assert visit.patient == patient and visit.state == VisitState.WAITING
    assert response["Location"] == f"/registration/{visit.pk}/slip/?print=1"


def test_a_double_click_registers_once_and_leads_to_the_same_slip(session, desk):
    url = f"/registration/new/{PatientFactory().pk}/"
    data = {"session": session.pk, "once": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"}

    answers = [desk.post(url, data)["Location"] for _ in range(2)]

    assert answers[0] == answers[1]
    assert Registration.objects.count() == 1


def test_a_second_form_for_the_same_doctor_is_refused_with_the_reason_R102(
    session, frontdesk, desk
):
    visit = waiting_visit(session, frontdesk)

    page = desk.post(f"/registration/new/{visit.patient.pk}/", {"session": session.pk})

    assert page.status_code == 200
    assert visit.number in page.content.decode()
    assert page.context["form"].errors["session"]


def test_who_holds_a_number_gets_the_old_slip_and_enter_never_prints_it_R160(
    session, frontdesk, desk
):
    visit = waiting_visit(session, frontdesk)

    page = desk.get(f"/registration/new/{visit.patient.pk}/").content.decode()

    again = page.index('form="again-1"')  # belongs to another form than the one Enter sends
    assert page.index('id="reg"') < again < page.index('data-key="F9"', again)
    assert f'action="/registration/{visit.pk}/slip/"' in page[page.index('id="again-1"') :]


def test_bookings_are_found_from_the_desk_on_a_day_without_any(desk):
    assert "/registration/bookings/" in desk.get("/registration/").content.decode()


def test_the_allergy_line_stands_before_the_name_R44(session, desk):
    patient = AllergicPatientFactory()

    page = desk.get(f"/registration/new/{patient.pk}/").content.decode()

    assert page.index("allergy-yes") < page.index(patient.record_no)


def test_the_doctor_of_last_time_is_chosen_R104(session, other_session, frontdesk, desk):
    old = finished_record(other_session, frontdesk)

    page = desk.get(f"/registration/new/{old.patient.pk}/")

    assert page.context["form"].initial["session"] == str(other_session.pk)
    assert "支气管" not in page.content.decode()


def test_without_a_last_time_the_shortest_queue_is_chosen(session, other_session, frontdesk, desk):
    waiting_visit(session, frontdesk)

    page = desk.get(f"/registration/new/{PatientFactory().pk}/")

    assert page.context["form"].initial["session"] == str(other_session.pk)


def test_numbers_left_and_people_waiting_stand_on_the_tile_R99(doctor, frontdesk, desk):
    session = open_session(doctor, quota=2)
    waiting_visit(session, frontdesk)

    (offer,) = desk.get("/registration/").context["offers"]

    assert (offer.waiting, offer.left) == (1, 1)


def test_the_tile_counts_everybody_the_doctor_calls_before_whatever_the_session(
    session, doctor, frontdesk, desk
):
    later = open_session(doctor, period=Period.AFTERNOON)
    stopped = open_session(doctor, period=Period.NIGHT)
    for one in (session, later, stopped):
        waiting_visit(one, frontdesk)
    stopped.open, stopped.stopped_at = False, timezone.now()
    stopped.save()

    offers = desk.get("/registration/").context["offers"]

    assert {offer.session: offer.waiting for offer in offers}[session] == 2


def test_age_priority_is_said_before_it_is_given_R92(session, desk):
    patient = PatientFactory(birth_date=datetime.date(1940, 1, 1))

    form = desk.get(f"/registration/new/{patient.pk}/").context["form"]

    usual = dict(form.fields["because"].choices)[""]
    assert usual != str(Registration.Priority.NORMAL.label)


def test_a_reason_can_be_given_R92(session, desk):
    url = f"/registration/new/{PatientFactory().pk}/"

    post_ok(desk, url, {"session": session.pk, "because": "emergency"})

    assert Registration.objects.get().priority == Registration.Priority.EMERGENCY


def test_the_patient_of_the_page_is_recorded_as_read(session, desk):
    patient = PatientFactory()

    desk.get(f"/registration/new/{patient.pk}/")

    assert AuditEntry.objects.get(screen="registration_new").subject == patient.pk


def test_a_merged_or_unknown_file_is_not_found(session, desk):
    merged = PatientFactory(state="merged", merged_into=PatientFactory())

    assert desk.get(f"/registration/new/{merged.pk}/").status_code == 404


def test_without_a_doctor_the_page_says_so(frontdesk, desk):
    page = desk.get(f"/registration/new/{PatientFactory().pk}/")

    assert page.status_code == 200
    assert "btn-primary" not in page.content.decode()
