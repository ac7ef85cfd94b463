"""Switching user by PIN at a shared PC."""

import pytest
from django.contrib.auth.hashers import check_password
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

from clinic.core.errors import RuleBroken
from security import keyring
from security.keyring_file import create_file
from security.models import AuditEntry, Device, DeviceUnlock, Pin
from security.permissions import Role
from security.pins import check_pin, pin_fits, write_pin
from security.roles import set_roles
from security.switching import COOKIE, TRIES
from tests.concurrency.together import run_together
from tests.helpers import SecureClient, post_ok

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-7"
PIN = "507183"
SESSION = "__Host-clinic-session"


@pytest.fixture
def pc():
    return SecureClient()


def sign_in(pc, user):
    answer = pc.post(reverse("login"), {"username": user.username, "password": PASSWORD})
    assert answer.status_code == 302


def set_pin(pc, pin=PIN, **changes):
    typed = {"password": PASSWORD, "pin": pin, "pin_again": pin, **changes}
    return pc.post(reverse("pin_set"), typed)


def come_by_pin(pc, user, pin=PIN, **extra):
    return pc.post(reverse("switch"), {"who": str(user.uid), "pin": pin, **extra})


def who_is_at(pc) -> int | None:
    return int(pc.session.get("_auth_user_id", 0)) or None


@pytest.fixture
def shared(pc, nurse, frontdesk):
    """Both signed in here with their passwords; the nurse has a PIN; the front desk is there."""
    sign_in(pc, nurse)
    set_pin(pc)
    pc.post(reverse("logout"))
    sign_in(pc, frontdesk)
    return pc


def test_a_name_and_a_pin_change_the_person_and_end_the_former_session(shared, nurse):
    old = shared.cookies[SESSION].value

    response = come_by_pin(shared, nurse)

    assert response["Location"] == "/"
    assert who_is_at(shared) == nurse.pk
    assert not Session.objects.filter(session_key=old).exists()
    stale = SecureClient()
    stale.cookies[SESSION] = old
    assert stale.get("/registration/")["Location"].startswith("/login/")


def test_full_width_digits_are_digits(shared, nurse):
    come_by_pin(shared, nurse, pin=" ５０７１８３")

    assert who_is_at(shared) == nurse.pk


def test_a_switch_and_a_failure_name_the_right_people_in_the_audit_log(shared, nurse, frontdesk):
    come_by_pin(shared, nurse, pin="000001")
    come_by_pin(shared, nurse)

    failed, done = AuditEntry.objects.filter(event="pin_switch").order_by("pk")
    assert (failed.actor, failed.outcome, failed.object_pk) == (frontdesk, "failed", str(nurse.pk))
    assert (done.actor, done.outcome, done.object_pk) == (nurse, "ok", str(nurse.pk))
    left = AuditEntry.objects.filter(event="sign_out").latest("pk")
    assert left.object_pk == str(frontdesk.pk)
    assert not AuditEntry.objects.filter(payload__contains=PIN).exists()


def test_the_pin_is_worth_nothing_at_another_pc(shared, nurse, frontdesk):
    other = SecureClient()
    sign_in(other, frontdesk)

    come_by_pin(other, nurse)

    assert who_is_at(other) == frontdesk.pk


def test_after_its_hours_the_pin_needs_the_password_first(shared, nurse, frontdesk):
    DeviceUnlock.objects.update(until=timezone.now())

    come_by_pin(shared, nurse)

    assert who_is_at(shared) == frontdesk.pk


def test_a_wrong_pin_and_no_pin_read_the_same(shared, nurse, frontdesk):
    pages = [
        come_by_pin(shared, user, pin="918273").content.decode() for user in (nurse, frontdesk)
    ]

    alerts = [page.partition('role="alert"')[2].partition("</div>")[0] for page in pages]
    assert alerts[0] == alerts[1] != ""


def test_after_five_wrong_pins_only_the_password_works(shared, nurse, frontdesk):
    for _try in range(TRIES):
        come_by_pin(shared, nurse, pin="918273")

    come_by_pin(shared, nurse)

    assert who_is_at(shared) == frontdesk.pk
    assert AuditEntry.objects.filter(event="pin_locked", object_pk=str(nurse.pk)).exists()
    shared.post(reverse("logout"))
    sign_in(shared, nurse)
    come_by_pin(shared, nurse)
    assert who_is_at(shared) == nurse.pk


@pytest.mark.parametrize("change", ["password", "roles", "closed", "pin"])
def test_what_changes_an_account_drops_its_unlock(shared, nurse, frontdesk, change):
    if change == "password":
        nurse.set_password("another-horse-8")
        nurse.save()
    elif change == "roles":
        set_roles(user=nurse, roles={Role.DOCTOR.value}, by=nurse)
    elif change == "closed":
        nurse.is_active = False
        nurse.save()
        nurse.is_active = True
        nurse.save()
    else:
        write_pin(nurse, PIN)

    come_by_pin(shared, nurse)

    assert who_is_at(shared) == frontdesk.pk


@pytest.mark.parametrize("who", ["administrator", "auditor"])
def test_administrator_and_auditor_have_no_pin(pc, who, request, frontdesk):
    user = request.getfixturevalue(who)
    sign_in(pc, user)

    set_pin(pc)
    write_pin(user, PIN)
    come_by_pin(pc, user)

    assert not DeviceUnlock.objects.filter(user=user, until__gt=timezone.now()).exists()
    assert str(user.uid) not in pc.get(reverse("switch")).content.decode()


def test_setting_a_pin_asks_for_the_password(pc, nurse):
    sign_in(pc, nurse)

    response = set_pin(pc, password="wrong")

    assert response.status_code == 200
    assert not Pin.objects.exists()


def test_two_different_pins_are_not_set(pc, nurse):
    sign_in(pc, nurse)

    set_pin(pc, pin_again="507184")

    assert not Pin.objects.exists()


EASY = (
    "12345 123456 654321 890123 111111 121212 123123 112211 850316 160385 19850316 abc123 50718３"
)


@pytest.mark.parametrize("pin", EASY.split())
def test_an_easy_pin_is_refused(pin):
    with pytest.raises(RuleBroken):
        check_pin(pin)


@pytest.mark.parametrize("pin", [PIN, "904713", "73910486", "135790246813"])
def test_a_hard_pin_is_taken(pin):
    check_pin(pin)


def test_a_stolen_database_can_not_verify_a_pin_without_the_ring(nurse, tmp_path):
    write_pin(nurse, PIN)
    own = keyring.ring()
    create_file(tmp_path / "other.json")

    try:
        keyring.use(keyring.load(tmp_path / "other.json"))
        assert not pin_fits(nurse, PIN)
    finally:
        keyring.use(own)

    assert pin_fits(nurse, PIN)
    assert not check_password(PIN, nurse.pin.hash)


def test_the_cookie_itself_is_not_in_the_database(shared):
    cookie = shared.cookies[COOKIE]

    assert cookie["httponly"] and cookie["secure"] and cookie["samesite"] == "Strict"
    assert cookie.value not in str(Device.objects.values_list("token_hash"))


@pytest.mark.parametrize("sent", [{}, {"who": "x"}, {"who": "\x00", "pin": "５"}, {"pin": "1"}])
def test_bad_input_is_answered_like_a_wrong_pin(shared, frontdesk, sent):
    response = shared.post(reverse("switch"), sent)

    assert response.status_code == 200
    assert who_is_at(shared) == frontdesk.pk


def test_nobody_is_led_away_from_the_clinic(shared, nurse):
    assert come_by_pin(shared, nurse, next="//evil.example/")["Location"] == "/"


def test_the_former_persons_open_form_is_not_saved_as_the_next_persons(nurse, frontdesk):
    pc = SecureClient(enforce_csrf_checks=True, HTTP_REFERER="https://testserver/")
    page = pc.get(reverse("login"))
    token = page.context["csrf_token"]
    sent = {"username": "nurse", "password": PASSWORD, "csrfmiddlewaretoken": token}
    pc.post(reverse("login"), sent)
    before = str(pc.get(reverse("pin_set")).context["csrf_token"])
    set_pin(pc, csrfmiddlewaretoken=before)
    come_by_pin(pc, nurse, csrfmiddlewaretoken=before)

    late = pc.post(reverse("type_large"), {"csrfmiddlewaretoken": before})

    assert who_is_at(pc) == nurse.pk
    assert late.status_code == 403


@pytest.mark.django_db(transaction=True)
def test_wrong_pins_sent_at_once_are_all_counted(nurse, pc):
    sign_in(pc, nurse)
    device = Device.objects.get()
    call = {"device": str(device.pk), "user": nurse.pk}

    answers = run_together("tests.concurrency.pin_tries:count_try", [call] * 7)

    assert [a["result"] for a in answers].count(True) == TRIES
    assert DeviceUnlock.objects.get().tries == TRIES


def test_setting_twice_sets_once(pc, nurse):
    sign_in(pc, nurse)

    post_ok(pc, reverse("pin_set"), {"password": PASSWORD, "pin": PIN, "pin_again": PIN})

    assert Pin.objects.count() == 1
