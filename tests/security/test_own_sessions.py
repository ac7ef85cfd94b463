"""One's own sessions, and everything that ends them."""

import time

import pytest
from axes.models import AccessAttempt

from security import own_sessions
from security.lockout import is_locked
from security.models import AuditEntry, OpenSession
from security.roles import set_roles
from tests.helpers import SecureClient
from tests.test_every_view import OURS, sample_url

pytestmark = pytest.mark.django_db
NEW = "qingxi-2026-autumn"


def is_out(client):
    return client.get("/sessions/").status_code == 302


def test_the_page_shows_ones_own_sessions_only(frontdesk, nurse, as_):
    client, _other, _foreign = as_(frontdesk), as_(frontdesk), as_(nurse)

    rows = client.get("/sessions/").context["sessions"]

    assert len(rows) == 2
    assert [row.current for row in rows].count(True) == 1


def test_ending_all_others_leaves_this_one(frontdesk, as_):
    here, there = as_(frontdesk), as_(frontdesk)

    here.post("/sessions/end/", {"session": "others"})

    assert not is_out(here)
    assert is_out(there)
    assert AuditEntry.objects.filter(event="session_ended", actor=frontdesk).exists()


@pytest.mark.parametrize("wanted", ["", "x", "-1", "９", "9" * 40, "😀"])
def test_a_senseless_number_ends_nothing(frontdesk, as_, wanted):
    here, there = as_(frontdesk), as_(frontdesk)

    assert here.post("/sessions/end/", {"session": wanted}).status_code == 302
    assert not is_out(there)


def test_nobody_ends_a_strangers_session(frontdesk, nurse, as_):
    here, foreign = as_(frontdesk), as_(nurse)

    here.post("/sessions/end/", {"session": OpenSession.objects.get(user=nurse).pk})

    assert not is_out(foreign)


def test_a_password_change_ends_the_others_and_keeps_this_one(frontdesk, as_):
    here, there = as_(frontdesk), as_(frontdesk)
    fields = {"old_password": "correct-horse-7", "new_password1": NEW, "new_password2": NEW}

    here.post("/password/", fields)

    assert not is_out(here)
    assert is_out(there)
    assert [row.current for row in here.get("/sessions/").context["sessions"]] == [True]


def test_an_account_closed_and_opened_again_needs_a_new_sign_in(frontdesk, as_):
    client = as_(frontdesk)
    frontdesk.is_active = False
    frontdesk.save()
    frontdesk.is_active = True
    frontdesk.save()

    assert is_out(client)


def test_other_roles_need_a_new_sign_in(frontdesk, as_):
    client = as_(frontdesk)

    set_roles(user=frontdesk, roles={"nurse"}, by=frontdesk)

    assert is_out(client)


def test_ending_all_also_ends_a_cookie_that_no_row_knows_of(frontdesk, as_):
    client = as_(frontdesk)
    OpenSession.objects.all().delete()

    assert own_sessions.end_sessions(user=frontdesk) == 0

    assert is_out(client)


def test_a_later_save_of_the_person_does_not_bring_ended_sessions_back(frontdesk, as_):
    client = as_(frontdesk)
    OpenSession.objects.all().delete()
    own_sessions.end_sessions(user=frontdesk)

    frontdesk.save()

    assert is_out(client)


def test_the_administrator_ends_a_persons_sessions_and_keeps_the_own_one(
    frontdesk, administrator, as_
):
    own, other, foreign = as_(administrator), as_(administrator), as_(frontdesk)
    chosen = [administrator.pk, frontdesk.pk]

    own.post("/admin/security/user/", {"action": "end_all_sessions", "_selected_action": chosen})

    assert [is_out(client) for client in (own, other, foreign)] == [False, True, True]


def test_ten_hours_after_the_sign_in_a_busy_session_ends(frontdesk, as_):
    client = as_(frontdesk)
    session = client.session
    session[own_sessions.STARTED] = int(time.time()) - 10 * 3600 - 1
    session["seen"] = int(time.time())
    session.save()

    assert is_out(client)


def test_the_cookie_of_before_the_sign_out_is_worth_nothing(frontdesk, as_):
    client = as_(frontdesk)
    cookies = client.cookies.copy()
    client.post("/logout/")
    client.cookies = cookies

    assert is_out(client)
    assert not OpenSession.objects.exists()


def test_the_administrator_unlocks_who_was_locked_out(frontdesk, administrator, as_):
    stranger = SecureClient()
    for _try in range(5):
        stranger.post("/login/", {"username": "frontdesk", "password": "wrong"})
    assert is_locked(frontdesk)

    as_(administrator).post(
        "/admin/security/user/", {"action": "unlock", "_selected_action": [frontdesk.pk]}
    )

    assert not is_locked(frontdesk)
    assert not AccessAttempt.objects.exists()
    assert AuditEntry.objects.filter(event="unlocked", actor=administrator).exists()


@pytest.mark.parametrize("password", ["Yiyuan12345", "frontdesk2026", "clinic-clinic"])
def test_a_password_of_clinic_words_is_refused(frontdesk, as_, password):
    fields = {"old_password": "correct-horse-7"}
    fields |= {"new_password1": password, "new_password2": password}

    assert as_(frontdesk).post("/password/", fields).status_code == 200


STRICT = {
    "Content-Security-Policy": "default-src 'self'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=()",
    "Cache-Control": "no-store",
}


def assert_strict(response, url):
    for name, value in STRICT.items():
        assert value in response.headers.get(name, ""), (url, response.status_code, name)


@pytest.mark.parametrize(
    ("url", "status"),
    [("/login/", 200), ("/nowhere/", 404), ("/logout/", 302), ("/type-large/", 405)],
)
def test_every_answer_carries_the_strict_headers_whatever_its_status(client, db, url, status):
    response = client.get(url, secure=True)

    assert response.status_code == status
    assert_strict(response, url)


def test_every_page_carries_the_strict_headers(administrator, as_):
    client = as_(administrator)

    for pattern in OURS:
        url = sample_url(pattern)
        assert_strict(client.get(url), url)
    assert_strict(client.get("/admin/"), "/admin/")
    assert_strict(client.get("/admin/security/user/"), "/admin/security/user/")
