"""The administrator's home: what is in order, what is red, and "Back up now"."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.core.models import GuideStep, OnceToken, Setting
from security.backup import schedule
from security.models import AuditEntry, BackupRecord
from tests.helpers import post_ok


@pytest.fixture
def page(administrator, as_):
    def show() -> str:
        return as_(administrator).get(reverse("security_home")).content.decode()

    return show


def record(age: timedelta, **facts) -> BackupRecord:
    made = BackupRecord.objects.create(
        kind="daily", state="good", file_name="a.clinicbackup", size=5_000_000, **facts
    )
    BackupRecord.objects.filter(pk=made.pk).update(started_at=timezone.now() - age)
    return made


def test_the_administrator_begins_here(administrator, as_):
    GuideStep.objects.create(code="guide", state="later", by=administrator)

    response = as_(administrator).get("/")

    assert response["Location"] == reverse("security_home")


def test_fresh_backup_and_trial_restore_are_not_red(page):
    record(timedelta(hours=3), verified_at=timezone.now() - timedelta(days=2))

    assert "tag-harm" not in page()
    assert "message-error" not in page()


def test_an_old_backup_is_red(page):
    record(timedelta(hours=30), verified_at=timezone.now())

    assert page().count('class="tag tag-harm"') == 1
    Setting.objects.create(key="backup.overdue_hours", value="40")
    assert "tag-harm" not in page()


def test_a_trial_restore_of_long_ago_is_red(page):
    record(timedelta(hours=1), verified_at=timezone.now() - timedelta(days=11))

    assert page().count('class="tag tag-harm"') == 1


def test_without_any_backup_both_are_red(page):
    assert page().count('class="tag tag-harm"') == 2


def test_a_failed_second_place_is_told_on_top(page):
    Setting.objects.create(key="backup.second_place", value="/media/stick")
    record(
        timedelta(0),
        verified_at=timezone.now(),
        second="failed",
        second_error="second_gone",
        second_detail="/media/stick",
    )

    assert "message-error" in page()
    assert "/media/stick" in page()


def test_asking_for_a_backup_twice_gives_one_and_the_scheduler_makes_it(
    clinic_dir, administrator, as_
):
    client = as_(administrator)

    post_ok(client, reverse("backup_now"))
    post_ok(client, reverse("backup_now"))
    waiting = BackupRecord.objects.get()
    assert (waiting.state, waiting.asked_by) == ("waiting", administrator)
    assert AuditEntry.objects.filter(event="backup", actor=administrator).count() == 1
    schedule.run_due()

    waiting.refresh_from_db()
    assert (waiting.state, waiting.kind) == ("good", "manual")


def test_a_double_click_asks_once(administrator, as_):
    client = as_(administrator)
    token = "11111111-1111-4111-8111-111111111111"

    for _click in range(2):
        post_ok(client, reverse("backup_now"), {"once": token})

    assert BackupRecord.objects.count() == OnceToken.objects.count() == 1


@pytest.mark.parametrize("who", ["doctor", "frontdesk", "auditor", "no_role"])
def test_nobody_else_sees_or_asks(who, request, as_):
    client = as_(request.getfixturevalue(who))

    assert client.get(reverse("security_home")).status_code == 403
    assert client.post(reverse("backup_now")).status_code == 403
    assert not BackupRecord.objects.exists()


def test_it_says_whether_patients_can_book_from_outside(page, settings):
    assert "--public-url" in page()

    settings.CLINIC_PUBLIC_URL = "https://booking.example.cn"

    assert "https://booking.example.cn/booking/" in page()
