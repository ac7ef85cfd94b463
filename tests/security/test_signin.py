"""Signing in, being locked out, being signed out after a while, and what is stored of it."""

import time

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session

from security.models import AuditEntry
from tests.helpers import SecureClient, in_english

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-7"


@pytest.fixture
def browser():
    return SecureClient()


def sign_in(browser, name, password, **extra):
    return browser.post("/login/", {"username": name, "password": password}, **extra)


def test_the_right_password_opens_the_home_page(browser, frontdesk):
    response = sign_in(browser, "frontdesk", PASSWORD)

    assert response.status_code == 302
    assert AuditEntry.objects.filter(event="sign_in", outcome="ok", actor=frontdesk).exists()


def test_unknown_name_wrong_password_and_closed_account_read_the_same(browser, frontdesk, nurse):
    nurse.is_active = False
    nurse.save()

    pages = [
        list(sign_in(browser, name, password).context["form"].non_field_errors())
        for name, password in [("nobody", "x"), ("frontdesk", "wrong"), ("nurse", PASSWORD)]
    ]

    assert pages[0] == pages[1] == pages[2] != []


def test_five_wrong_passwords_close_the_account_for_this_address(browser, frontdesk, nurse):
    for _try in range(5):
        sign_in(browser, "frontdesk", "wrong")

    assert sign_in(browser, "frontdesk", PASSWORD).status_code == 429
    assert sign_in(browser, "nurse", PASSWORD).status_code == 302


def test_an_unknown_name_is_locked_like_a_known_one(browser, db):
    answers = [sign_in(browser, "nobody", "wrong").status_code for _try in range(6)]

    assert answers[-1] == 429


def test_a_password_typed_into_the_name_field_is_stored_nowhere(browser, db):
    sign_in(browser, "My-Secret-Passw0rd", "x")

    stored = [repr(vars(row)) for row in AccessAttempt.objects.all()]
    stored += [row.payload for row in AuditEntry.objects.all()]
    assert stored
    assert not any("My-Secret" in text for text in stored)


def test_messages_in_the_session_are_not_readable_in_the_database(browser, frontdesk):
    sign_in(browser, "frontdesk", PASSWORD)

    data = Session.objects.get().session_data

    assert "_auth_user_id" not in data
    assert Session.objects.get().get_decoded()["_auth_user_id"] == str(frontdesk.pk)


def test_an_idle_session_ends(frontdesk, as_):
    client = as_(frontdesk)
    client.get("/")
    session = client.session
    session["seen"] = int(time.time()) - 61 * 60
    session.save()

    response = client.get("/registration/")

    assert response["Location"].startswith("/login/")


def test_a_clock_that_ran_ahead_keeps_no_session_alive(frontdesk, as_):
    client = as_(frontdesk)
    client.get("/")
    session = client.session
    session["seen"] = int(time.time()) + 3600
    session.save()

    client.get("/registration/")

    assert client.session["seen"] <= time.time()


def test_a_new_person_changes_the_password_first(browser, frontdesk):
    frontdesk.must_change_password = True
    frontdesk.save()
    sign_in(browser, "frontdesk", PASSWORD)

    assert browser.get("/registration/")["Location"] == "/password/"
    response = browser.post(
        "/password/",
        {
            "old_password": PASSWORD,
            "new_password1": "qingxi-2026-autumn",
            "new_password2": "qingxi-2026-autumn",
        },
    )

    assert response.status_code == 302
    frontdesk.refresh_from_db()
    assert not frontdesk.must_change_password


def test_signing_out_takes_a_post_and_ends_the_session(frontdesk, as_):
    client = as_(frontdesk)

    assert client.get("/logout/").status_code == 405
    response = client.post("/logout/")

    assert response["Clear-Site-Data"] == '"storage"'
    assert not Session.objects.exists()
    assert client.get("/registration/")["Location"].startswith("/login/")


def test_a_forged_forwarding_header_does_not_change_the_address(browser, frontdesk):
    sign_in(browser, "frontdesk", PASSWORD, HTTP_X_FORWARDED_FOR="6.6.6.6", REMOTE_ADDR="10.0.0.9")

    assert AuditEntry.objects.filter(event="sign_in").latest("pk").remote_addr == "10.0.0.9"


@pytest.mark.parametrize("told", ["10.0.0.9", "::ffff:10.0.0.9"])
def test_behind_our_front_the_address_is_what_the_front_says(browser, frontdesk, settings, told):
    settings.TRUSTED_FRONT = "unix"

    sign_in(browser, "frontdesk", PASSWORD, HTTP_X_FORWARDED_FOR=told, REMOTE_ADDR="")

    assert AuditEntry.objects.filter(event="sign_in").latest("pk").remote_addr == "10.0.0.9"


def test_every_answer_carries_the_strict_headers(browser, db):
    response = browser.get("/login/")

    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "no-store" or "no-store" in response["Cache-Control"]
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_the_page_is_english_for_who_asks_for_it(browser, db):
    response = in_english(browser).get("/login/")

    assert response.status_code == 200
