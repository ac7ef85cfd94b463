"""The patient's own place in the queue, by the slip's square code."""

import re

import pytest
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.models import Setting
from registration.models import Registration
from registration.place import address_of, find, token_of
from registration.queue import pass_over
from security.models import AuditEntry
from tests.factories.patients import PatientFactory
from tests.factories.registration import called_visit, waiting_visit
from tests.helpers import SecureClient


@pytest.fixture
def phone():
    return SecureClient()


@pytest.fixture
def visit(session, frontdesk):
    waiting_visit(session, frontdesk)
    return waiting_visit(session, frontdesk, PatientFactory(name="欧阳文静", birth_date=BORN))


BORN = timezone.localdate().replace(year=timezone.localdate().year - 30, day=1)


def url_of(visit) -> str:
    return f"/display/place/{token_of(visit.pk)}/"


def test_it_tells_number_room_state_and_how_many_are_ahead_and_nothing_else(visit, phone):
    page = phone.get(url_of(visit))

    text = page.content.decode()
    for words in (visit.number, visit.session.room.name, visit.get_state_display()):
        assert words in text
    assert find(token_of(visit.pk)).ahead == 1
    doctor = visit.session.clinician
    for secret in ("欧", visit.patient.phone, visit.patient.record_no, str(visit.pk)):
        assert secret not in text
    assert doctor.user.full_name not in text and doctor.department.name not in text
    assert not page.cookies and not AuditEntry.objects.filter(event="read").exists()


def test_it_says_what_to_do_when_called_and_when_passed_over(session, doctor, frontdesk, phone):
    visit = called_visit(session, frontdesk)
    called = phone.get(url_of(visit)).content.decode()
    pass_over(registration=visit, by=doctor)

    missed = phone.get(url_of(visit)).content.decode()

    room = {"room": session.room.name}
    assert _("Please go to %(room)s now.") % room in called and "is-called" in called
    assert _("Please go to %(room)s now.") % room not in missed
    assert Registration.objects.get().get_state_display() in missed


def test_a_token_cannot_be_guessed_and_tells_no_id(visit):
    token = token_of(visit.pk)

    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", token)  # 128 bits
    assert visit.pk.hex not in token


def test_it_is_good_on_its_own_day_only(visit, phone):
    Registration.objects.update(day=timezone.localdate() - timezone.timedelta(days=1))

    page = phone.get(url_of(visit)).content.decode()

    assert visit.number not in page and _("There is no number of today here") in page


@pytest.mark.parametrize("token", ["sample", "0" * 22, "é", "_" * 22])
def test_a_made_up_token_finds_nothing(visit, phone, token):
    page = phone.get(f"/display/place/{token}/")

    assert page.status_code == 200 and visit.number not in page.content.decode()


def test_its_poll_is_answered_304_until_the_queue_moves(session, frontdesk, visit, phone):
    url = f"{url_of(visit)}now/"
    etag = phone.get(url)["ETag"]
    same = phone.get(url, HTTP_IF_NONE_MATCH=etag)
    if same.status_code == 200:  # the minute turned just now
        same = phone.get(url, HTTP_IF_NONE_MATCH=same["ETag"])
    called_visit(session, frontdesk)

    after = phone.get(url, HTTP_IF_NONE_MATCH=etag)

    assert (same.status_code, after.status_code) == (304, 200)


def test_the_slip_carries_the_code_where_phones_reach_us(visit, frontdesk, as_):
    client, slip = as_(frontdesk), f"/registration/{visit.pk}/slip/"
    without = client.get(slip).content.decode()
    Setting.objects.create(key="display.address", value="http://192.168.1.10:8081/")

    with_code = client.get(slip).content.decode()

    assert address_of(visit) == f"http://192.168.1.10:8081{url_of(visit)}"
    assert 'class="code"' in with_code and "segno" in with_code
    assert 'class="code"' not in without
