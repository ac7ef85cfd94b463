"""One-time codes: who needs them, what opens without, what is accepted, and only once."""

import base64
import time

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.db import connection

from clinic.core.errors import RuleBroken
from security import resets, second_factor
from security.models import AuditEntry, RecoveryCode, SecondFactor
from tests.helpers import SecureClient

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-7"


def code_of(user, steps=0):
    seed = base64.b32decode(SecondFactor.objects.get(user=user).seed)
    moment = int(time.time()) + steps * 30
    totp = TOTP(seed, 6, SHA1(), 30, enforce_key_length=False)  # noqa: S303 - RFC 6238
    return totp.generate(moment).decode()


def wrong_code(user):
    near = {code_of(user, step) for step in range(-3, 4)}
    return next(code for code in (f"{n:06}" for n in range(10)) if code not in near)


def signed_in(name):
    browser = SecureClient()
    browser.post("/login/", {"username": name, "password": PASSWORD})
    return browser


@pytest.fixture
def enrolled(administrator):
    """The administrator's recovery codes; no code is spent yet."""
    second_factor.begin(by=administrator)
    codes = second_factor.confirm(code=code_of(administrator), by=administrator)
    SecondFactor.objects.update(last_step=0)
    return codes


def test_an_administrator_sets_up_codes_before_anything_else_opens(administrator):
    browser = signed_in("admin")

    assert browser.get("/admin/")["Location"].startswith("/second-step/set-up/")
    page = browser.get("/second-step/set-up/").content.decode()
    answer = browser.post("/second-step/set-up/", {"code": code_of(administrator)})

    assert "<svg" in page
    assert len(answer.context["codes"]) == 10
    assert browser.get("/admin/").status_code == 200


@pytest.mark.parametrize("who", ["frontdesk", "doctor"])
def test_other_people_need_no_code(who, request):
    request.getfixturevalue(who)

    assert signed_in(who).get("/sessions/").status_code == 200


def test_a_demo_account_needs_no_code(auditor):
    auditor.is_demo = True
    auditor.save()

    assert signed_in("auditor").get("/sessions/").status_code == 200


def test_the_password_alone_opens_nothing_for_who_is_enrolled(enrolled):
    browser = signed_in("admin")

    for url in ("/admin/", "/sessions/", "/password/", "/second-step/set-up/"):
        assert browser.get(url)["Location"].startswith("/second-step/"), url


def test_the_code_opens_and_the_cookie_of_before_is_worth_nothing(enrolled, administrator):
    browser = signed_in("admin")
    before = browser.session.session_key

    browser.post("/second-step/", {"code": code_of(administrator)})

    assert browser.get("/admin/").status_code == 200
    assert browser.session.session_key != before
    assert not browser.session.exists(before)


def test_the_right_code_is_accepted_in_full_width_and_with_spaces(enrolled, administrator):
    wide = code_of(administrator).translate({ord(str(n)): 0xFF10 + n for n in range(10)})

    second_factor.check_code(code=f" {wide[:3]}　{wide[3:]} ", by=administrator)

    assert AuditEntry.objects.filter(event="second_factor", outcome="ok").exists()


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "abcdef", "😀😀😀😀😀😀", "١٢٣٤٥٦", "²" * 6]
)
def test_what_is_no_code_is_refused_with_words(enrolled, administrator, typed):
    with pytest.raises(RuleBroken):
        second_factor.check_code(code=typed, by=administrator)


def test_the_page_bears_bad_input(enrolled):
    browser = signed_in("admin")

    for typed in ("", "😀", "x" * 5000, "\x00"):
        for how in ({}, {"recovery": "1"}):
            assert browser.post("/second-step/", {"code": typed, **how}).status_code == 200


def test_a_code_works_once(enrolled, administrator):
    code = code_of(administrator)
    second_factor.check_code(code=code, by=administrator)

    with pytest.raises(RuleBroken):
        second_factor.check_code(code=code, by=administrator)


def test_a_code_of_two_steps_away_is_refused(enrolled, administrator):
    with pytest.raises(RuleBroken):
        second_factor.check_code(code=code_of(administrator, 3), by=administrator)


def test_five_wrong_codes_close_it_and_unlocking_opens(enrolled, administrator, auditor, as_):
    for _try in range(5):
        with pytest.raises(RuleBroken):
            second_factor.check_code(code=wrong_code(administrator), by=administrator)

    with pytest.raises(RuleBroken):
        second_factor.check_code(code=code_of(administrator), by=administrator)
    assert AuditEntry.objects.filter(event="locked_out").count() == 1
    second_factor.unblock(administrator)
    second_factor.check_code(code=code_of(administrator), by=administrator)


def test_a_recovery_code_works_once_however_it_is_typed(enrolled, administrator):
    typed = enrolled[3].lower().replace("-", " ")

    assert second_factor.use_recovery_code(code=typed, by=administrator) == 9
    with pytest.raises(RuleBroken):
        second_factor.use_recovery_code(code=enrolled[3], by=administrator)


def test_neither_seed_nor_recovery_codes_are_readable_in_the_database(enrolled, administrator):
    seed = SecondFactor.objects.get().seed

    with connection.cursor() as cursor:
        cursor.execute("SELECT seed FROM security_secondfactor")
        stored = bytes(cursor.fetchone()[0])

    assert seed.encode() not in stored
    assert not any(
        enrolled[0].replace("-", "").encode() in bytes(row.digest)
        for row in RecoveryCode.objects.all()
    )


def test_a_reset_ends_the_sessions_and_asks_for_a_new_phone(enrolled, administrator, nurse, as_):
    open_ = as_(administrator)

    resets.reset_codes(user=administrator, by=nurse)

    assert open_.get("/admin/")["Location"].startswith("/login/")
    assert signed_in("admin").get("/admin/")["Location"].startswith("/second-step/set-up/")


def test_nobody_resets_their_own_codes(enrolled, administrator):
    with pytest.raises(RuleBroken):
        resets.reset_codes(user=administrator, by=administrator)


def test_recovery_codes_on_paper_work_after_a_restore_on_another_machine(
    enrolled, administrator, settings
):
    settings.SECRET_KEY = "the-new-machine-made-one-of-its-own-0123456789-0123456789"

    left = second_factor.use_recovery_code(code=enrolled[0], by=administrator)

    assert left == 9


def test_a_new_administrator_sets_up_codes_and_then_chooses_a_password(administrator):
    administrator.must_change_password = True
    administrator.save()
    browser = signed_in("admin")

    assert browser.get("/password/")["Location"].startswith("/second-step/set-up/")
    assert browser.get("/second-step/set-up/").status_code == 200
    browser.post("/second-step/set-up/", {"code": code_of(administrator)})

    assert browser.get("/security/")["Location"] == "/password/"
    assert browser.get("/password/").status_code == 200


def test_setting_up_by_choice_asks_the_password_of_whoever_sits_there(nurse, as_):
    browser = as_(nurse)
    browser.get("/second-step/set-up/")
    code = code_of(nurse)

    refused = browser.post("/second-step/set-up/", {"code": code, "password": "not-hers-77"})

    assert refused.status_code == 200 and not second_factor.is_enrolled(nurse)
    browser.post("/second-step/set-up/", {"code": code, "password": "correct-horse-7"})
    assert second_factor.is_enrolled(nurse)
