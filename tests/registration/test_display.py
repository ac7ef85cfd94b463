"""The waiting-room screen: public, masked, cheap (R-97, R-98; mock-up 08)."""

import re

import pytest
from django.contrib.sessions.models import Session as BrowserSession
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.core.models import Institution, Setting
from registration.consultation import start
from registration.models import Registration
from registration.queue import pass_over
from registration.screen import MOST_NEXT
from security.models import AuditEntry
from tests.factories.patients import AllergicPatientFactory, PatientFactory
from tests.factories.registration import (
    DepartmentFactory,
    called_visit,
    finished_record,
    open_session,
    waiting_visit,
)
from tests.helpers import SecureClient


@pytest.fixture
def tv():
    return SecureClient()


def test_it_needs_no_sign_in_and_opens_no_session(session, frontdesk, tv):
    called_visit(session, frontdesk)
    sessions = BrowserSession.objects.count()

    page = tv.get("/display/")

    assert page.status_code == 200 and not page.cookies
    assert BrowserSession.objects.count() == sessions


def test_the_called_number_stands_there_with_room_and_masked_name_R97(session, frontdesk, tv):
    visit = called_visit(session, frontdesk, patient=PatientFactory(name="欧阳文静"))

    page = tv.get("/display/").content.decode()

    assert visit.number in page and session.room.name in page
    assert "欧**静" in page and "欧阳文静" not in page
    assert "is-called" in page


def test_nothing_about_the_person_but_the_masked_name_R97(session, doctor, frontdesk, tv):
    patient = AllergicPatientFactory(name="王秀英")
    finished_record(session, frontdesk)
    visit = called_visit(session, frontdesk, patient=patient)
    start(registration=visit, by=doctor)
    waiting_visit(session, frontdesk, PatientFactory(name="陈志强"))

    for url in ("/display/", "/display/rows/"):
        page = tv.get(url).content.decode()
        for secret in (patient.id_number, patient.phone, patient.record_no, "王秀英", "青霉素"):
            assert secret not in page
        for secret in ("支气管", "咳嗽", "陈志强", "岁", "1960", "女", str(patient.pk)):
            assert secret not in page


def test_a_site_may_show_numbers_only_R97(session, frontdesk, tv):
    Setting.objects.create(key="display.number_only", value="yes")
    visit = called_visit(session, frontdesk, patient=PatientFactory(name="欧阳文静"))

    page = tv.get("/display/rows/").content.decode()

    assert visit.number in page and "欧" not in page


def test_the_next_few_are_numbers_only_R97(session, frontdesk, tv):
    called_visit(session, frontdesk)
    line = [waiting_visit(session, frontdesk) for _ in range(7)]

    page = tv.get("/display/rows/").content.decode()

    assert 2 <= MOST_NEXT <= 5
    assert [v.number in page for v in line] == [True] * MOST_NEXT + [False] * (7 - MOST_NEXT)


def test_who_missed_the_call_is_asked_to_the_desk_R95(session, doctor, frontdesk, tv):
    visit = pass_over(registration=called_visit(session, frontdesk), by=doctor)

    page = tv.get("/display/rows/").content.decode()

    assert f"<b>{visit.number}</b>" in page


def test_a_department_that_tells_a_disease_is_not_named_R97(session, frontdesk, tv):
    DepartmentFactory(name="性病科", discreet=True)
    called_visit(session, frontdesk)

    page = tv.get("/display/rows/").content.decode()

    assert "全科" in page and "性病" not in page


def test_a_doctor_without_hours_now_has_no_row(doctor, other_doctor, frontdesk, tv):
    over = open_session(other_doctor, ends="00:00:01")
    now = open_session(doctor)

    page = tv.get("/display/rows/").content.decode()

    assert now.room.name in page
    assert over.clinician.user.full_name not in page


def test_an_unchanged_screen_is_answered_304_with_few_queries(
    session, frontdesk, tv, django_assert_max_num_queries
):
    called_visit(session, frontdesk)
    etag = tv.get("/display/rows/")["ETag"]

    with django_assert_max_num_queries(4):
        answer = tv.get("/display/rows/", HTTP_IF_NONE_MATCH=etag)

    if answer.status_code == 200:  # the clock's minute turned just now
        answer = tv.get("/display/rows/", HTTP_IF_NONE_MATCH=answer["ETag"])
    assert answer.status_code == 304 and not answer.content


def test_the_answer_does_not_depend_on_who_asks(session, frontdesk, as_, tv):
    called_visit(session, frontdesk)
    sessions = BrowserSession.objects.count()
    client = as_(frontdesk)

    assert client.get("/display/rows/").content == tv.get("/display/rows/").content
    assert BrowserSession.objects.count() == sessions + 1  # that of signing in


def test_the_screen_writes_nothing(session, frontdesk, tv):
    called_visit(session, frontdesk)
    entries = AuditEntry.objects.count()

    tv.get("/display/")
    tv.get("/display/rows/")

    assert AuditEntry.objects.count() == entries


def test_before_anybody_came_it_says_so(db, tv):
    Institution.objects.create(name="青溪社区卫生服务站", short_name="青溪")

    page = tv.get("/display/")

    assert page.status_code == 200 and "青溪社区卫生服务站" in page.content.decode()


def test_without_script_the_page_fetches_itself(db, tv):
    page = tv.get("/display/").content.decode()

    assert re.search(r'<noscript>\s*<meta http-equiv="refresh"', page)


def test_the_same_queries_for_one_patient_and_for_many(
    session, frontdesk, tv, django_assert_num_queries
):
    called_visit(session, frontdesk)
    with CaptureQueriesContext(connection) as one:
        tv.get("/display/")
    for _ in range(20):
        waiting_visit(session, frontdesk)

    with django_assert_num_queries(len(one)):
        tv.get("/display/")

    assert Registration.objects.count() == 21
