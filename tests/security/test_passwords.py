"""The two profiles of password rules, and one-time passwords that run out."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic.core.models import Setting
from clinic.core.site import DEFINITIONS, setting
from security.models import AuditEntry, FormerPassword, User
from security.switching import may_use_pin
from tests.helpers import SecureClient

pytestmark = pytest.mark.django_db
FIRST = "correct-horse-7"


@pytest.fixture
def mlps(db):
    Setting.objects.create(key="security.password_profile", value="mlps")


def change(client, old, new):
    fields = {"old_password": old, "new_password1": new, "new_password2": new}
    return client.post("/password/", fields).status_code == 302


def aged(user, days, **fields):
    moment = timezone.now() - timedelta(days=days)
    User.objects.filter(pk=user.pk).update(password_changed_at=moment, **fields)


def sign_in(name):
    return SecureClient().post("/login/", {"username": name, "password": FIRST})


@pytest.mark.parametrize("text", ["MLPS", "strict", "", "mlps default"])
def test_an_unknown_profile_is_refused(text):
    with pytest.raises(ValidationError):
        DEFINITIONS["security.password_profile"].parse(text)


@pytest.mark.parametrize(
    ("password", "good"),
    [
        ("qingxi-autumn", False),
        ("QingxiAutumn", False),
        ("qingxi2026autumn", False),
        ("Qingxi2026autumn", True),
        ("qingxi-2026-autumn", True),
        ("清溪-秋-2026-qiutian", True),
    ],
)
def test_the_strict_profile_takes_three_of_four_kinds(mlps, frontdesk, as_, password, good):
    assert change(as_(frontdesk), FIRST, password) is good


def test_the_usual_profile_asks_for_length_not_for_kinds(frontdesk, as_):
    assert setting("security.password_profile") == "default"

    assert change(as_(frontdesk), FIRST, "qingxi-autumn")
    assert not FormerPassword.objects.exists()


def test_none_of_the_last_five_passwords_is_taken_again(mlps, frontdesk, as_):
    client, now = as_(frontdesk), FIRST
    for number in range(1, 6):
        assert not change(client, now, now)
        assert change(client, now, f"Qingxi-{number}-autumn")
        now = f"Qingxi-{number}-autumn"
        assert not change(client, now, FIRST)

    assert change(client, now, "Qingxi-6-autumn")
    assert FormerPassword.objects.count() == 5
    assert not change(client, "Qingxi-6-autumn", "Qingxi-2-autumn")
    assert change(client, "Qingxi-6-autumn", FIRST)


def test_a_one_time_password_does_not_hide_the_one_before(mlps, administrator, frontdesk, as_):
    as_(administrator).post(
        "/admin/security/user/", {"action": "new_password", "_selected_action": [frontdesk.pk]}
    )
    frontdesk.refresh_from_db()
    frontdesk.set_password("known-to-Us-2")
    frontdesk.save()

    assert not change(as_(frontdesk), "known-to-Us-2", FIRST)


def test_the_former_passwords_go_when_the_clinic_leaves_the_profile(mlps, frontdesk, as_):
    client = as_(frontdesk)
    change(client, FIRST, "Qingxi-1-autumn")
    Setting.objects.all().delete()

    assert change(client, "Qingxi-1-autumn", "qingxi-autumn")
    assert not FormerPassword.objects.exists()


def test_after_ninety_days_a_new_password_comes_before_all_else(mlps, frontdesk, as_):
    client = as_(frontdesk)
    aged(frontdesk, 89)
    assert client.get("/sessions/").status_code == 200

    aged(frontdesk, 91)

    assert client.get("/sessions/")["Location"] == "/password/"
    assert client.get("/password/").context["too_old"]
    assert change(client, FIRST, "Qingxi-1-autumn")
    assert client.get("/sessions/").status_code == 200


def test_in_the_usual_profile_a_password_has_no_age(frontdesk, as_):
    aged(frontdesk, 9999)

    assert as_(frontdesk).get("/sessions/").status_code == 200


def test_a_pin_is_no_way_around_an_old_password(mlps, frontdesk):
    aged(frontdesk, 91)
    frontdesk.refresh_from_db()

    assert not may_use_pin(frontdesk)


def test_a_one_time_password_not_used_in_a_week_opens_nothing(administrator, frontdesk):
    aged(frontdesk, 8, must_change_password=True)

    answer = sign_in("frontdesk")

    assert answer.status_code == 200
    assert "one_time_over" in [
        error.code for error in answer.context["form"].errors.as_data()["__all__"]
    ]
    assert not AuditEntry.objects.filter(event="sign_in", outcome="ok").exists()
    assert AuditEntry.objects.get(event="sign_in", outcome="refused").object_repr == "frontdesk"


def test_a_one_time_password_of_this_week_and_an_old_one_of_ones_own_are_good(frontdesk, nurse):
    aged(frontdesk, 6, must_change_password=True)
    aged(nurse, 600)

    assert sign_in("frontdesk").status_code == 302
    assert sign_in("nurse").status_code == 302


def test_the_last_administrators_one_time_password_stays_good(administrator):
    aged(administrator, 30, must_change_password=True)

    assert sign_in("admin").status_code == 302
