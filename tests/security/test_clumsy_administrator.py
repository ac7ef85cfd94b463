"""What an administrator's slip must not do: settings out of range, actions upon oneself."""

import pytest

from clinic.core.models import Setting
from clinic.core.site import DEFINITIONS, setting
from security.models import AuditEntry, User

pytestmark = pytest.mark.django_db
PEOPLE = "/admin/security/user/"
PASSWORD = "correct-horse-7"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("security.idle_minutes", "0"),
        ("security.idle_minutes", "9" * 30),
        ("security.open_file_hours", "0"),
        ("security.open_file_hours", "99999999999"),
        ("security.pin_hours", "999999999"),
        ("backup.daily_hour", "99"),
        ("backup.daily_hour", ""),
        ("backup.overdue_hours", "0"),
        ("backup.verify_days", "0"),
        ("backup.second_place", "a/relative/folder"),
        ("site.slip_paper_mm", "0"),
    ],
)
def test_a_setting_out_of_its_range_is_not_saved(administrator, as_, key, value):
    answer = as_(administrator).post("/admin/core/setting/add/", {"key": key, "value": value})

    assert answer.status_code == 200
    assert answer.context["adminform"].errors
    assert not Setting.objects.exists()


@pytest.mark.parametrize(
    "key", [k for k, d in DEFINITIONS.items() if not isinstance(d.default, str)]
)
@pytest.mark.parametrize("value", ["", "-1", "9" * 40, "junk"])
def test_a_senseless_row_counts_as_the_default_and_stops_no_page(key, value):
    Setting.objects.create(key=key, value=value)

    assert setting(key) == DEFINITIONS[key].default


def act(browser, action, *people):
    chosen = {"action": action, "_selected_action": [str(user.pk) for user in people]}
    return browser.post(PEOPLE, chosen, follow=True)


def test_nobody_gives_themselves_a_one_time_password_without_the_old_one(administrator, nurse, as_):
    browser = as_(administrator)

    told = act(browser, "new_password", administrator, nurse).context["messages"]

    assert sorted("nurse" in str(message) for message in told) == [False, True]
    assert User.objects.get(pk=administrator.pk).check_password(PASSWORD)
    assert not User.objects.get(pk=nurse.pk).check_password(PASSWORD)
    assert browser.get(PEOPLE).status_code == 200


def test_a_new_one_time_password_stands_in_the_log(administrator, nurse, as_):
    act(as_(administrator), "new_password", nurse)

    entry = AuditEntry.objects.get(event="password_reset")
    assert entry.object_pk == str(nurse.pk) and entry.actor_id == administrator.pk


def test_wrong_old_passwords_close_the_account_like_at_the_sign_in(frontdesk, as_):
    browser = as_(frontdesk)
    new = {"new_password1": "violet-harbour-88", "new_password2": "violet-harbour-88"}

    for _n in range(5):
        browser.post("/password/", {"old_password": "guess", **new})
    browser.post("/password/", {"old_password": PASSWORD, **new})

    assert User.objects.get(pk=frontdesk.pk).check_password(PASSWORD)


def test_the_admins_own_page_for_the_password_is_no_way_around_ours(administrator, as_):
    new = {"new_password1": "violet-harbour-88", "new_password2": "violet-harbour-88"}

    answer = as_(administrator).post("/admin/password_change/", {"old_password": PASSWORD, **new})

    assert answer["Location"] == "/password/"
    assert User.objects.get(pk=administrator.pk).check_password(PASSWORD)
