"""Accounts nobody uses, old sign-ins, lost phones, idle limits, and what the home page warns of."""

import time
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.utils import timezone

from clinic.core.models import Setting
from security import accounts, second_factor
from security.models import (
    AuditEntry,
    Device,
    DeviceUnlock,
    OpenSession,
    RecoveryCode,
    SecondFactor,
    User,
)
from security.permissions import Role
from security.roles import set_roles
from tests.concurrency.together import run_together
from tests.helpers import in_english
from tests.security.test_second_factor import code_of, signed_in, wrong_code

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-7"
NEW_CODES = "/second-step/new-codes/"


def long_ago(user, days=91):
    moment = timezone.now() - timedelta(days=days)
    User.objects.filter(pk=user.pk).update(opened_at=moment, last_login=moment)


def is_open(user):
    return User.objects.get(pk=user.pk).is_active


@pytest.fixture
def enrolled(administrator):
    second_factor.begin(by=administrator)
    codes = second_factor.confirm(code=code_of(administrator), by=administrator)
    SecondFactor.objects.update(last_step=0)
    return codes


def test_an_account_unused_for_ninety_days_is_closed_with_the_reason(nurse, frontdesk):
    long_ago(nurse)
    long_ago(frontdesk, days=89)

    accounts.tidy()

    assert not is_open(nurse)
    assert is_open(frontdesk)
    entry = AuditEntry.objects.get(event="account_closed")
    assert entry.additional_data == {"reason": "unused", "days": 90}
    assert entry.object_repr == "nurse"


def test_a_new_account_never_signed_in_has_its_ninety_days_too(nurse):
    assert nurse.last_login is None

    accounts.tidy()

    assert is_open(nurse)


def test_nought_days_close_nobody(nurse):
    Setting.objects.create(key="security.unused_days", value="0")
    long_ago(nurse, days=9999)

    accounts.tidy()

    assert is_open(nurse)


def test_of_two_unused_administrators_the_last_stays(administrator, nurse):
    set_roles(user=nurse, roles={Role.ADMINISTRATOR}, by=None)
    long_ago(nurse)
    long_ago(administrator)

    accounts.tidy()

    assert User.objects.filter(groups__name=Role.ADMINISTRATOR, is_active=True).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_that_close_at_the_same_moment_leave_one_administrator(administrator, nurse):
    set_roles(user=nurse, roles={Role.ADMINISTRATOR}, by=None)
    long_ago(nurse)
    long_ago(administrator)

    answers = run_together("security.accounts:close_unused", [{}, {}])

    assert [answer.get("error") for answer in answers] == [None, None]
    assert User.objects.filter(groups__name=Role.ADMINISTRATOR, is_active=True).count() == 1


def test_an_account_opened_again_is_not_closed_at_once(administrator, nurse, as_):
    long_ago(nurse)
    accounts.tidy()
    form = {"username": "nurse", "full_name": "周护士", "is_active": "on", "roles": ["nurse"]}

    as_(administrator).post(f"/admin/security/user/{nurse.pk}/change/", form)
    accounts.tidy()

    assert is_open(nurse)


def test_an_account_closed_past_all_our_code_is_out_with_the_next_request(frontdesk, as_):
    client = as_(frontdesk)
    assert client.get("/sessions/").status_code == 200

    User.objects.filter(pk=frontdesk.pk).update(is_active=False)

    assert client.get("/sessions/")["Location"].startswith("/login/")


def test_what_is_left_of_old_sign_ins_is_dropped_and_the_rest_stays(frontdesk, nurse, as_):
    here = as_(frontdesk)
    now = timezone.now()
    signed_in("frontdesk")
    signed_in("nurse")
    old = Device.objects.get(last_user=nurse)
    Device.objects.filter(pk=old.pk).update(created_at=now - timedelta(days=401))
    DeviceUnlock.objects.filter(device=old).update(until=now - timedelta(days=401))
    OpenSession.objects.filter(user=nurse).update(since=now - timedelta(days=3))
    Session.objects.exclude(pk=here.session.session_key).update(expire_date=now)

    accounts.tidy()

    assert list(Device.objects.values_list("last_user", flat=True)) == [frontdesk.pk]
    assert DeviceUnlock.objects.get().user == frontdesk
    assert not OpenSession.objects.filter(user=nurse).exists()
    assert [row.pk for row in Session.objects.all()] == [here.session.session_key]
    assert here.get("/sessions/").status_code == 200


def test_the_machines_owner_takes_lost_codes_away(enrolled, administrator, as_):
    client, told = as_(administrator), StringIO()

    call_command("reset_second_factor", "admin", stdout=told)

    assert "admin" in told.getvalue()
    assert not SecondFactor.objects.exists()
    assert client.get("/sessions/").status_code == 302
    entry = AuditEntry.objects.get(event="second_factor_reset")
    assert (entry.screen, entry.object_repr, entry.actor) == ("command", "admin", None)


def test_an_unknown_name_is_told_to_the_machines_owner(db):
    with pytest.raises(CommandError, match="no account named nobody"):
        call_command("reset_second_factor", "nobody")


def test_new_recovery_codes_make_the_old_paper_void(enrolled, administrator, as_):
    client = as_(administrator)
    assert NEW_CODES in client.get("/sessions/").content.decode()

    answer = client.post(NEW_CODES, {"password": PASSWORD, "code": code_of(administrator)})

    assert len(answer.context["codes"]) == 10
    assert RecoveryCode.objects.count() == 10
    assert not set(answer.context["codes"]) & set(enrolled)
    assert second_factor.use_recovery_code(code=answer.context["codes"][0], by=administrator) == 9
    assert AuditEntry.objects.filter(event="recovery_codes_new", actor=administrator).exists()


@pytest.mark.parametrize("wrong", ["password", "code", "both"])
def test_new_codes_take_password_and_code(enrolled, administrator, as_, wrong):
    typed = {"password": PASSWORD, "code": code_of(administrator)}
    if wrong in ("password", "both"):
        typed["password"] = "not-mine-1234"
    if wrong in ("code", "both"):
        typed["code"] = wrong_code(administrator)
    before = set(RecoveryCode.objects.values_list("pk", flat=True))

    answer = as_(administrator).post(NEW_CODES, typed)

    assert answer.status_code == 200
    assert "codes" not in answer.context
    assert set(RecoveryCode.objects.values_list("pk", flat=True)) == before


def test_the_password_alone_does_not_reach_the_new_codes(enrolled):
    assert signed_in("admin").get(NEW_CODES)["Location"].startswith("/second-step/?")


def test_who_has_no_codes_is_shown_no_page_for_new_ones(frontdesk, as_):
    client = as_(frontdesk)

    assert client.get(NEW_CODES)["Location"] == "/sessions/"
    assert NEW_CODES not in client.get("/sessions/").content.decode()


@pytest.mark.parametrize(
    ("who", "minutes", "out"),
    [
        ("administrator", 14, False),
        ("administrator", 16, True),
        ("auditor", 16, True),
        ("frontdesk", 16, False),
        ("frontdesk", 61, True),
    ],
)
def test_administrator_and_auditor_are_signed_out_sooner(who, minutes, out, request, as_):
    client = as_(request.getfixturevalue(who))
    session = client.session
    session["seen"] = int(time.time()) - minutes * 60
    session.save()

    assert (client.get("/sessions/").status_code == 302) is out


def test_the_administrators_limit_is_never_longer_than_everybodys(administrator, as_):
    Setting.objects.create(key="security.idle_minutes", value="5")
    client = as_(administrator)
    session = client.session
    session["seen"] = int(time.time()) - 6 * 60
    session.save()

    assert client.get("/sessions/").status_code == 302


def test_the_home_page_warns_of_a_lone_administrator_and_of_demo_accounts(
    administrator, nurse, frontdesk, as_
):
    client = as_(administrator)
    assert client.get("/security/").context["people"] == {
        "demo_beside_real": False,
        "one_administrator": True,
    }

    User.objects.filter(pk=nurse.pk).update(is_demo=True)
    set_roles(user=frontdesk, roles={Role.ADMINISTRATOR}, by=administrator)
    page = in_english(client).get("/security/")

    assert page.context["people"] == {"demo_beside_real": True, "one_administrator": False}
    assert page.content.decode().count('role="alert"') > 0
