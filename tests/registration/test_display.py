"""The waiting-room screen: public, masked, cheap (R-97, R-98; mock-up 08)."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session as BrowserSession
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.models import Institution, Setting
from registration.chime import as_wav
from registration.consultation import start
from registration.models import Area, Registration
from registration.queue import call_again, pass_over
from registration.screen import FRESH, MOST_NEXT, MOST_ROOMS
from security.models import AuditEntry
from security.permissions import Role
from tests.conftest import person
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
    line = [waiting_visit(session, frontdesk) for _number in range(7)]

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
    for _number in range(20):
        waiting_visit(session, frontdesk)

    with django_assert_num_queries(len(one)):
        tv.get("/display/")

    assert Registration.objects.count() == 21


# -- areas, pause, notice, voice --


@pytest.fixture
def upstairs(session):
    area = Area.objects.create(name="二楼")
    session.room.area = area
    session.room.save()
    return area


def test_an_area_shows_its_rooms_and_no_others(upstairs, session, other_session, frontdesk, tv):
    mine, other = called_visit(session, frontdesk), called_visit(other_session, frontdesk)

    page = tv.get(f"/display/{upstairs.pk}/").content.decode()
    everything = tv.get("/display/all/").content.decode()

    assert mine.number in page and other.number not in page and "二楼" in page
    assert mine.number in everything and other.number in everything


def test_where_there_are_areas_the_address_offers_them(upstairs, tv):
    page = tv.get("/display/").content.decode()

    assert f'href="/display/{upstairs.pk}/"' in page and 'href="/display/all/"' in page
    assert tv.get("/display/999/").content.decode() == page


def test_an_area_may_show_numbers_only_R97(upstairs, session, frontdesk, tv):
    Area.objects.update(numbers_only=True)
    visit = called_visit(session, frontdesk, patient=PatientFactory(name="欧阳文静"))

    page = tv.get(f"/display/{upstairs.pk}/rows/").content.decode()

    assert visit.number in page and "欧" not in page


def test_a_department_that_tells_a_disease_is_called_by_number_R97(session, frontdesk, tv):
    department = session.clinician.department
    department.discreet = True
    department.save()
    visit = called_visit(session, frontdesk, patient=PatientFactory(name="欧阳文静"))

    page = tv.get("/display/rows/").content.decode()

    assert visit.number in page and "欧" not in page


def test_a_pause_is_shown_R94(session, frontdesk, tv):
    waiting_visit(session, frontdesk)
    session.paused_at = timezone.now()
    session.save()

    page = tv.get("/display/rows/").content.decode()

    assert f'<span class="calm">{_("Paused")}</span>' in page


def test_the_clinics_own_notice_stands_at_the_foot(session, tv):
    Setting.objects.create(key="display.notice", value="流感疫苗到货，请到二楼登记")

    page = tv.get("/display/").content.decode()

    assert "流感疫苗到货，请到二楼登记" in page


def words_on(page: str) -> list[str]:
    return re.findall(r'data-words="([^"]*)"', page)


@pytest.mark.parametrize(
    ("voice", "said"), [("name", "欧某静"), ("number", None), ("off", None), ("nonsense", "欧某静")]
)
def test_the_voice_says_what_may_be_read_and_never_the_full_name_R96(
    session, frontdesk, tv, voice, said
):
    Setting.objects.create(key="display.voice", value=voice)
    visit = called_visit(session, frontdesk, patient=PatientFactory(name="欧阳文静"))

    page = tv.get("/display/rows/").content.decode()

    assert "欧阳" not in page
    if voice == "off":
        assert words_on(page) == []
        return
    (words,) = words_on(page)
    assert words.index(visit.number) < words.index(session.room.name)
    assert (said in words) if said else ("某" not in words)


def test_an_old_call_is_shown_but_not_read_aloud_R98(session, frontdesk, tv):
    visit = called_visit(session, frontdesk)
    with connection.cursor() as cursor:  # calls are never changed: time has to pass by itself
        long_ago = timezone.now() - FRESH
        cursor.execute("UPDATE registration_call SET called_at = %s", [long_ago])

    page = tv.get("/display/rows/").content.decode()

    assert visit.number in page and words_on(page) == []


def test_a_call_repeated_has_a_number_of_its_own_and_is_read_again_R95(
    session, doctor, frontdesk, tv
):
    visit = called_visit(session, frontdesk)
    first = re.findall(r'data-call="(\d+)"', tv.get("/display/rows/").content.decode())

    call_again(registration=visit, by=doctor)

    second = re.findall(r'data-call="(\d+)"', tv.get("/display/rows/").content.decode())
    assert len(first) == len(second) == 1 and int(second[0]) > int(first[0])


def test_with_more_rooms_than_lines_those_called_are_shown(db, frontdesk, tv):
    doctors = [person(f"doc{n}", "何静", Role.DOCTOR) for n in range(MOST_ROOMS + 2)]
    sessions = [open_session(doctor) for doctor in doctors]
    last = max(sessions, key=lambda session: session.room.name)
    visit = called_visit(last, frontdesk)

    page = tv.get("/display/rows/").content.decode()

    assert visit.number in page and page.count('class="room"') == MOST_ROOMS


def test_the_chime_is_our_own(db):
    shipped = Path(settings.BASE_DIR, "static", "sound", "chime.wav").read_bytes()

    assert shipped == as_wav() and len(shipped) < 10_000
