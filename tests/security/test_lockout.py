"""Wrong passwords: what closes, for whom, for how long, and that nothing tells who exists."""

import re
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.hashers import MD5PasswordHasher
from django.utils import timezone

from security import throttles
from security.models import AuditEntry, WrongTries
from tests.concurrency.together import run_together
from tests.helpers import SecureClient

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-7"


def sign_in(browser, name, password, address="10.0.0.1"):
    typed = {"username": name, "password": password}
    return browser.post("/login/", typed, REMOTE_ADDR=address)


def attack(name, times, network="10.1.0"):
    """So many wrong tries, each from another address."""
    return [
        sign_in(SecureClient(), name, "wrong", f"{network}.{number}").status_code
        for number in range(1, times + 1)
    ]


class CountingHasher(MD5PasswordHasher):
    calls = 0

    def encode(self, password, salt):
        type(self).calls += 1
        return super().encode(password, salt)


@pytest.fixture
def hasher(settings):
    CountingHasher.calls = 0
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    return CountingHasher


def tried(name, hasher):
    """Seven wrong tries and the right one: status, page and work of each."""
    browser, seen = SecureClient(), []
    for password in ["wrong"] * 7 + [PASSWORD]:
        before = hasher.calls
        answer = sign_in(browser, name, password, "10.2.0.1")
        text = re.sub(r'(csrfmiddlewaretoken" value=)"\w+"', r"\1", answer.content.decode())
        text = text.replace(name, "NAME")
        seen.append((answer.status_code, text, hasher.calls - before))
    return seen


def test_a_name_that_exists_and_one_that_does_not_behave_alike_to_the_end(frontdesk, hasher):
    known, unknown = tried("frontdesk", hasher), tried("nosuchman", hasher)

    assert [(s, n) for s, _text, n in known] == [(s, n) for s, _text, n in unknown]
    assert [status for status, _text, _n in known] == [200] * 4 + [429] * 4
    assert [n for _status, _text, n in known] == [1] * 5 + [0] * 3
    assert [text for _s, text, _n in known] == [text for _s, text, _n in unknown]


def test_the_lock_is_an_entry_of_its_own_once(frontdesk):
    browser = SecureClient()

    for _try in range(7):
        sign_in(browser, "frontdesk", "wrong")

    entry = AuditEntry.objects.get(event="locked_out")
    assert entry.additional_data == {"account": "frontdesk"}
    assert entry.remote_addr == "10.0.0.1"


def test_the_entry_of_an_unknown_name_carries_a_mark(db):
    for _try in range(6):
        sign_in(SecureClient(), "My-Secret-1", "wrong")

    [entry] = AuditEntry.objects.filter(event="locked_out")
    assert entry.additional_data["account"].startswith("?")


def test_trying_on_does_not_make_the_lock_longer(frontdesk):
    browser = SecureClient()
    for _try in range(5):
        sign_in(browser, "frontdesk", "wrong")
    before = AccessAttempt.objects.get().attempt_time
    sign_in(browser, "frontdesk", "wrong")

    assert AccessAttempt.objects.get().attempt_time == before


def test_twenty_wrong_tries_from_everywhere_close_the_account_for_strangers(frontdesk):
    answers = attack("frontdesk", 20)

    assert answers == [200] * 19 + [429]
    assert sign_in(SecureClient(), "frontdesk", PASSWORD, "10.9.0.1").status_code == 429
    assert AuditEntry.objects.filter(event="locked_out").count() == 1


def test_the_person_still_signs_in_at_the_pc_used_before(frontdesk):
    own = SecureClient()
    sign_in(own, "frontdesk", PASSWORD)
    own.post("/logout/")

    attack("frontdesk", 21)

    assert sign_in(own, "frontdesk", PASSWORD).status_code == 302


def test_the_administrators_pc_counts_by_itself_too(administrator):
    own = SecureClient()
    sign_in(own, "admin", PASSWORD)
    own.post("/logout/")

    attack("admin", 21)

    assert sign_in(own, "admin", PASSWORD).status_code == 302


def test_a_pc_used_before_is_closed_by_ten_of_its_own(frontdesk, nurse):
    own = SecureClient()
    sign_in(own, "frontdesk", PASSWORD)
    own.post("/logout/")

    answers = [sign_in(own, "frontdesk", "wrong").status_code for _try in range(10)]

    assert answers == [200] * 9 + [429]
    assert sign_in(own, "frontdesk", PASSWORD).status_code == 429
    assert AuditEntry.objects.filter(event="locked_out").count() == 1


def test_a_pc_where_only_somebody_else_signed_in_is_a_strangers(frontdesk, nurse):
    other = SecureClient()
    sign_in(other, "nurse", PASSWORD)
    other.post("/logout/")

    attack("frontdesk", 20)

    assert sign_in(other, "frontdesk", PASSWORD).status_code == 429


def test_thirty_wrong_tries_at_one_address_close_it_for_every_name(frontdesk):
    answers = [
        sign_in(SecureClient(), f"name{number}", "wrong").status_code for number in range(30)
    ]

    assert answers == [200] * 29 + [429]
    assert sign_in(SecureClient(), "frontdesk", PASSWORD).status_code == 429
    assert sign_in(SecureClient(), "frontdesk", PASSWORD, "10.0.0.2").status_code == 302


def test_ones_own_sign_in_does_not_empty_the_count_of_the_address(frontdesk):
    for number in range(29):
        sign_in(SecureClient(), f"name{number}", "wrong")
    sign_in(SecureClient(), "frontdesk", PASSWORD)

    assert sign_in(SecureClient(), "name30", "wrong").status_code == 429


def test_a_closed_account_opens_by_itself_and_after_an_hour_counting_begins_anew(frontdesk):
    attack("frontdesk", 20)
    WrongTries.objects.update(closed_until=timezone.now() - timedelta(seconds=1))
    assert sign_in(SecureClient(), "frontdesk", PASSWORD, "10.9.0.1").status_code == 302

    attack("frontdesk", 19, "10.3.0")
    WrongTries.objects.update(since=timezone.now() - timedelta(minutes=61))

    assert attack("frontdesk", 1, "10.4.0") == [200]


def test_old_counts_are_dropped(frontdesk):
    attack("frontdesk", 1)
    WrongTries.objects.update(since=timezone.now() - timedelta(hours=3))

    assert throttles.purge() == 2
    assert not WrongTries.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_wrong_tries_at_the_same_moment_are_all_counted(frontdesk):
    calls = [{"name": "frontdesk", "times": 4}] * 3

    answers = run_together("tests.concurrency.wrong_tries:try_wrongly", calls)

    assert [answer.get("error") for answer in answers] == [None] * 3
    assert WrongTries.objects.get(account="frontdesk").failures == 12
