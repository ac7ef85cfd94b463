"""A form with a token of before the last sign-in is shown again; a stranger plants none."""

import re

import pytest

from clinic.core.models import Draft
from patients.models import Patient
from patients.reference import load_allergy_groups
from security import kept
from tests.helpers import SecureClient, in_english
from tests.patients.pages import typed
from tests.security.test_kept import NEW, wait_long

pytestmark = pytest.mark.django_db
OURS = {"HTTP_ORIGIN": "https://testserver"}


@pytest.fixture
def strict(frontdesk):
    """A browser whose forms are checked, and which signed in again in a second window."""
    load_allergy_groups()
    client = SecureClient(enforce_csrf_checks=True)
    client.force_login(frontdesk, backend="django.contrib.auth.backends.ModelBackend")
    return client


def send_stale(pc, form=None, **headers):
    return pc.post(NEW, {**(form or typed()), "csrfmiddlewaretoken": "x" * 64}, **headers)


def test_a_form_with_an_old_token_is_offered_again_and_saved_only_by_its_person(strict):
    form = typed()

    response = send_stale(strict, form, **OURS)

    assert not Patient.objects.exists()
    page = in_english(strict).get(response.url).content.decode()
    assert "Not saved yet, and nothing is lost" in page and "signed in as" in page
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    name = response.url.strip("/").rpartition("/")[2]
    shown = strict.post(NEW, {**form, "kept": name, "csrfmiddlewaretoken": token}, **OURS)
    assert shown.status_code == 200 and form["id_number"] in shown.content.decode()
    assert not Patient.objects.exists()
    assert strict.post(NEW, {**form, "csrfmiddlewaretoken": token}, **OURS).status_code == 302
    assert Patient.objects.get().name == "王秀英"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"HTTP_ORIGIN": "https://elsewhere.example"},
        {"HTTP_ORIGIN": "http://testserver"},
        {"HTTP_ORIGIN": "https://testserver:8443"},
        {"HTTP_ORIGIN": "null", "HTTP_REFERER": "https://testserver/patients/new/"},
        {"HTTP_REFERER": "https://elsewhere.example/patients/new/"},
        {"HTTP_REFERER": "https://testserver.example/"},
        {**OURS, "HTTP_SEC_FETCH_SITE": "cross-site"},
        {**OURS, "HTTP_SEC_FETCH_SITE": "same-site"},
        {**OURS, "HTTP_SEC_FETCH_MODE": "cors"},
    ],
)
def test_a_form_of_another_site_or_of_a_script_plants_nothing(strict, headers):
    response = send_stale(strict, **headers)

    assert response.status_code == 403
    assert not Draft.objects.exists() and not Patient.objects.exists()


def test_a_browser_that_only_tells_the_page_is_believed_too(strict):
    response = send_stale(strict, HTTP_REFERER="https://testserver/patients/new/")

    assert strict.get(response.url).status_code == 200


def test_an_old_token_after_the_session_ended_leads_to_the_sign_in_and_back(strict, frontdesk):
    wait_long(strict)

    response = send_stale(strict, **OURS)

    assert response.url.startswith("/login/?next=/kept/")
    assert Draft.objects.get(form=kept.FORM).owner == frontdesk


@pytest.mark.parametrize(
    "address", ["/password/", "/pin/", "/second-step/new-codes/", "/sessions/end/", "/logout/"]
)
def test_passwords_pins_and_codes_with_an_old_token_are_kept_nowhere(strict, address):
    form = {"old_password": "geheim", "pin": "507183", "code": "123456", "session": "others"}

    response = strict.post(address, form, **OURS)

    assert response.status_code == 403
    assert not Draft.objects.exists()


def test_whoever_may_not_open_the_page_is_not_given_its_form(nurse, frontdesk):
    client = SecureClient(enforce_csrf_checks=True)
    client.force_login(nurse, backend="django.contrib.auth.backends.ModelBackend")

    response = client.post("/security/backup/", {"note": "x"}, **OURS)

    assert response.status_code == 403
    assert not Draft.objects.exists()
