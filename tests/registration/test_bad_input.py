"""Every form of this app given what people and machines send by mistake or on purpose.

Never a 500, nothing half saved, a sentence that says what is wrong, and what was typed is kept.
"""

import html
import uuid
from urllib.parse import quote_from_bytes

import pytest

from registration.consultation import diagnoses_of
from registration.models import Consultation, Registration
from tests.factories.patients import PatientFactory
from tests.factories.registration import open_record, waiting_visit
from tests.helpers import undone

NASTY = {
    "emoji": "🙂👩🏽‍⚕️",
    "NUL": "a\x00b",
    "control": "a\x1bb",
    "full-width digits": "１２３",
    "half a surrogate pair": "\ud83d",
    "SQL": "'; DROP TABLE registration_registration; --",
    "HTML": "<script>alert(1)</script><b>",
    "template": "{{ request.user }}{% now 'Y' %}",
    "right to left": "\u202eabc",
    "very long": "长" * 100_000,
    "number": "-1",
    "float": "1e400",
    "uuid": str(uuid.UUID(int=7)),
}
REFUSED_AS_TEXT = {"NUL", "control", "half a surrogate pair", "very long"}


def raw(text: str) -> bytes:
    """As a browser would send it; half a pair goes out as the three bytes it must not be."""
    return text.encode("utf-8", "surrogatepass")


def send(client, url: str, data: dict):
    """A POST whose body is bytes we made ourselves, so that broken text gets through."""
    body = "&".join(f"{name}={quote_from_bytes(raw(str(value)))}" for name, value in data.items())
    return client.post(url, body, content_type="application/x-www-form-urlencoded")


@pytest.fixture
def record(session, frontdesk, bronchitis):
    return open_record(session, frontdesk)


# -- registering, cancelling --


@pytest.mark.parametrize("field", ["session", "because"])
def test_registering(session, frontdesk, as_, field):
    client, patient = as_(frontdesk), PatientFactory()
    for what, value in NASTY.items():
        data = {"session": session.pk, "because": "", field: value}

        page = send(client, f"/registration/new/{patient.pk}/", data)

        assert page.status_code == 200, what
        assert page.context["form"].errors[field], what
        assert not Registration.objects.exists(), what


def test_registering_with_nothing_says_what_is_missing(session, frontdesk, as_):
    page = send(as_(frontdesk), f"/registration/new/{PatientFactory().pk}/", {"x": ""})

    assert page.status_code == 200 and page.context["form"].errors["session"]


def test_registering_for_a_session_that_is_not_offered(session, other_session, frontdesk, as_):
    other_session.open = False
    other_session.save()

    page = send(
        as_(frontdesk), f"/registration/new/{PatientFactory().pk}/", {"session": other_session.pk}
    )

    assert page.context["form"].errors["session"] and not Registration.objects.exists()


def test_cancelling(session, frontdesk, as_):
    client, visit = as_(frontdesk), waiting_visit(session, frontdesk)
    for what, value in NASTY.items():
        page = send(client, f"/registration/{visit.pk}/cancel/", {"reason": value})

        assert page.status_code == 200 and page.context["form"].errors["reason"], what
        assert Registration.objects.get().cancelled_at is None, what


def test_a_broken_form_token_still_carries_out_the_form(session, frontdesk, as_):
    client, patient = as_(frontdesk), PatientFactory()
    for token in ("", "x", "\x00", "🙂", "0" * 5000):
        with undone():
            data = {"session": session.pk, "once": token}

            page = send(client, f"/registration/new/{patient.pk}/", data)

            assert page.status_code == 302 and Registration.objects.count() == 1, token[:50]


# -- vital signs --


def test_vital_signs(session, nurse, frontdesk, as_):
    client, visit = as_(nurse), waiting_visit(session, frontdesk)
    for what, value in NASTY.items():
        with undone():
            data = {"temperature": value, "confirmed": "temperature=123"}

            page = send(client, f"/registration/{visit.pk}/vitals/", data)

            if what == "full-width digits":  # read as 123, out of range, and confirmed
                assert Consultation.objects.get().vitals == {"temperature": "123"}
            else:
                assert page.status_code == 200, what
                assert page.context["form"].errors["temperature"], what
                assert not Consultation.objects.exists(), what


def test_numbers_that_are_none(session, nurse, frontdesk, as_):
    client, visit = as_(nurse), waiting_visit(session, frontdesk)
    for value in (
        *("nan", "inf", "-5", "36,5", "36.55", "0x20", "1_0"),
        *("9" * 400, "1e3", "ⅳ", "²"),
    ):
        page = send(client, f"/registration/{visit.pk}/vitals/", {"temperature": value})

        assert page.status_code == 200, value[:50]
        assert value[:50] in html.unescape(page.content.decode())
        assert not Consultation.objects.exists(), value[:50]


def test_vital_signs_left_empty_save_nothing_and_go_on(session, nurse, frontdesk, as_):
    visit = waiting_visit(session, frontdesk)

    assert send(as_(nurse), f"/registration/{visit.pk}/vitals/", {"x": ""}).status_code == 302


# -- the record --


@pytest.mark.parametrize("field", ["complaint", "auxiliary", "examination", "referral_to"])
def test_the_record(record, doctor, as_, field):
    client, url = as_(doctor), f"/registration/consultations/{record.pk}/"
    other = "advice" if field == "complaint" else "complaint"
    for what, value in NASTY.items():
        with undone():
            page = send(client, url, {"version": 1, field: value, other: "写了很久的话"})

            stored = Consultation.objects.get(pk=record.pk)
            if what in REFUSED_AS_TEXT:
                assert page.status_code == 200 and page.context["form"].errors[field], what
                assert "写了很久的话" in page.content.decode(), what
                assert getattr(stored, field) is getattr(stored, other) is None, what
            else:
                assert page.status_code == 302, what
                assert getattr(stored, other) == "写了很久的话", what
                assert "<script>alert(1)" not in client.get(url).content.decode(), what


@pytest.mark.parametrize("field", ["version", "code", "dx", "add"])
def test_what_the_page_itself_sends(record, doctor, as_, field):
    client, url = as_(doctor), f"/registration/consultations/{record.pk}/"
    for what, value in NASTY.items():
        page = send(client, url, {"version": 1, "complaint": "写了很久的话", field: value})

        assert page.status_code == 200, what
        assert "写了很久的话" in page.content.decode(), what
        assert diagnoses_of(record) == [], what
        assert Consultation.objects.get(pk=record.pk).complaint is None, what


def test_its_other_buttons_and_fields(record, doctor, as_):
    client, url = as_(doctor), f"/registration/consultations/{record.pk}/"
    for what, value in NASTY.items():
        with undone():
            for button in ("suspect", "first", "insert", "copy", "refill"):
                status = send(client, url, {"version": 1, button: value}).status_code
                assert status == 404, (button, what)
            for field in ("kind", "follow_up", "sick_days", "sick_from", "confirmed", "print"):
                page = send(client, url, {"version": 1, field: value})

                assert page.status_code in (200, 302), (field, what)
                Consultation.objects.filter(pk=record.pk).update(version=1, follow_up_on=None)
            for path in ("print/", "sick-note/", "referral/"):
                sent = send(client, url + path, {"paper": value, "copy": value})
                assert sent.status_code == 302, (path, what)


def test_a_template(doctor, as_):
    form = {"name": "模板", "kind": "record", "advice": "多饮水", "codes": "", "examination": ""}
    client = as_(doctor)
    for what, value in NASTY.items():
        with undone():
            for field in form:
                page = send(client, "/registration/templates/new/", {**form, field: value})

                assert page.status_code in (200, 302), (field, what)


def test_an_empty_record_is_saved_as_empty(record, doctor, as_):
    page = send(as_(doctor), f"/registration/consultations/{record.pk}/", {"version": 1})

    assert page.status_code == 302


def test_the_panel_key(record, doctor, as_):
    client, url = as_(doctor), f"/registration/consultations/{record.pk}/"
    for what, value in NASTY.items():
        with undone():
            assert send(client, url, {"version": 1, "panel": value}).status_code == 302, what


def test_the_type_ahead(record, doctor, as_):
    client = as_(doctor)
    for what, value in NASTY.items():
        page = send(client, "/registration/diagnoses/", {"q": value})

        assert page.status_code == 200 and "data-value" not in page.content.decode(), what


def test_the_draft(record, doctor, as_):
    client, url = as_(doctor), f"/registration/consultations/{record.pk}/"
    for what, value in NASTY.items():
        with undone():
            kept = send(client, f"{url}draft/", {"version": 1, "complaint": value})

            assert kept.status_code == 200, what
            page = client.get(url)
            assert page.status_code == 200, what
            assert "<script>alert(1)" not in page.content.decode(), what


# -- addresses --


def test_the_query_string_of_a_page(session, frontdesk, as_):
    client, visit = as_(frontdesk), waiting_visit(session, frontdesk)
    for what, text in NASTY.items():
        value = quote_from_bytes(raw(text[:500]))
        for name in ("at", "page", "print"):
            for url in ("/registration/", f"/registration/{visit.pk}/slip/"):
                assert client.get(f"{url}?{name}={value}").status_code == 200, (url, name, what)
