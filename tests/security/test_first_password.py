"""The first administrator's one-time password: stored before the account is there, gone after."""

import io

import pytest
from django.core.management import call_command

from security import resets
from security.models import User
from security.permissions import Role
from security.roles import set_roles

pytestmark = pytest.mark.django_db
ONE_TIME = "Xh3-one-time"
NEW = "qingxi-2026-autumn"


@pytest.fixture
def folder(settings, tmp_path):
    """As set-up leaves it: the password, and the sheets that show it."""
    settings.DATA_DIR = tmp_path
    made = tmp_path / "first"
    made.mkdir()
    (made / "password").write_text(ONE_TIME)
    (made / "sheet.html").write_text(f"<b>{ONE_TIME}</b>")
    return made


def first_admin(folder) -> str:
    said = io.StringIO()
    call_command("create_first_admin", password_file=folder / "password", stdout=said)
    return said.getvalue().strip()


def test_the_stored_password_is_told_to_be_the_one_until_it_is_changed(folder):
    assert first_admin(folder) == "one-time"
    assert first_admin(folder) == "one-time"
    assert User.objects.get(username="admin").check_password(ONE_TIME)
    User.objects.update(must_change_password=False)

    assert first_admin(folder) == ""


def test_another_password_of_that_account_makes_the_stored_one_void(folder):
    first_admin(folder)
    (folder / "password").write_text("another-one")

    assert first_admin(folder) == ""


def test_the_sheets_go_as_soon_as_the_password_is_changed(
    folder, as_, django_capture_on_commit_callbacks
):
    first_admin(folder)
    fields = {"old_password": ONE_TIME, "new_password1": NEW, "new_password2": NEW}
    browser = as_(User.objects.get(username="admin"))

    with django_capture_on_commit_callbacks(execute=True):
        answer = browser.post("/password/", fields)

    assert answer.status_code == 302
    assert not folder.exists()


def test_the_sheets_stay_when_somebody_elses_password_is_changed(
    folder, frontdesk, as_, django_capture_on_commit_callbacks
):
    first_admin(folder)
    fields = {"old_password": "correct-horse-7", "new_password1": NEW, "new_password2": NEW}

    with django_capture_on_commit_callbacks(execute=True):
        as_(frontdesk).post("/password/", fields)

    assert (folder / "sheet.html").exists()


def test_the_sheets_go_when_another_administrator_gives_a_new_password(
    folder, django_capture_on_commit_callbacks
):
    first_admin(folder)
    second = User.objects.create_user("second", NEW, full_name="second")
    set_roles(user=second, roles={Role.ADMINISTRATOR}, by=None)

    with django_capture_on_commit_callbacks(execute=True):
        resets.give_password(user=User.objects.get(username="admin"), by=second)

    assert not folder.exists()
