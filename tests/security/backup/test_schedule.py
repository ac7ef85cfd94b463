"""When a backup falls due, and that the scheduler keeps its lease meanwhile."""

from datetime import timedelta

import pytest
from django.utils import timezone

from clinic.core import scheduler
from clinic.core.models import Lease, Setting
from security import audit
from security.backup import folders, make, schedule
from security.models import AuditEntry, BackupRecord

NOON = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture
def backed_up(clinic_dir):
    """`backed_up(moment)`: a good backup of then, which holds every entry of the log so far."""

    def note(moment, **facts):
        last = AuditEntry.objects.order_by("-pk").first()
        record = BackupRecord.objects.create(
            kind="daily",
            state=facts.pop("state", "good"),
            file_name="a.clinicbackup",
            audit_last=last.pk if last else 0,
            **facts,
        )
        BackupRecord.objects.filter(pk=record.pk).update(started_at=moment)
        return record

    return note


def test_the_first_backup_is_due_at_once(clinic_dir):
    assert schedule.due() == "daily"


def test_once_a_day_at_the_set_hour_and_later_when_the_pc_was_off(backed_up):
    Setting.objects.create(key="backup.daily_hour", value="12")
    backed_up(NOON - timedelta(hours=20))

    assert schedule.due(NOON - timedelta(minutes=1)) == ""
    assert schedule.due(NOON) == "daily"
    assert schedule.due(NOON + timedelta(hours=7)) == "daily"


def test_every_hour_when_something_changed_and_only_then(backed_up):
    done = NOON + timedelta(minutes=1)
    backed_up(done)

    assert schedule.due(done + timedelta(minutes=55)) == ""
    audit.record("search", screen="patient_search")
    assert schedule.due(done + timedelta(minutes=45)) == ""
    assert schedule.due(done + timedelta(minutes=55)) == "hourly"
    Setting.objects.create(key="backup.hourly", value="no")
    assert schedule.due(done + timedelta(minutes=55)) == ""


def test_a_backup_of_a_clock_that_ran_ahead_puts_off_none(backed_up):
    """Set back by an hour, the clinic would be without a backup for two."""
    Setting.objects.create(key="backup.daily_hour", value="1")
    backed_up(NOON + timedelta(hours=1))
    audit.record("search", screen="patient_search")

    ahead = schedule.due(NOON)
    backed_up(NOON)

    assert ahead == "hourly"
    assert schedule.due(NOON + timedelta(minutes=5)) == ""


def test_after_a_failure_it_waits_and_then_tries_again(backed_up):
    backed_up(NOON, state="failed", error="disk_full")

    assert schedule.due(NOON + timedelta(minutes=5)) == ""
    assert schedule.due(NOON + timedelta(minutes=20)) == "daily"


def test_the_scheduler_makes_what_is_due_and_then_restores_it_on_trial(clinic_dir):
    schedule.run_due()
    record = BackupRecord.objects.get()
    assert (record.kind, record.state, record.verified_at) == ("daily", "good", None)
    assert (folders.backup_dir() / record.file_name).stat().st_size == record.size

    schedule.run_due()
    record.refresh_from_db()
    verified = record.verified_at
    assert verified is not None

    schedule.run_due()
    record.refresh_from_db()
    assert record.verified_at == verified
    assert not schedule.verify_is_due(timezone.now() + timedelta(days=6))
    assert schedule.verify_is_due(timezone.now() + timedelta(days=8))


def test_a_copy_made_elsewhere_does_not_count_as_the_clinics_backup(clinic_dir, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    make.make_backup(kind="manual", to=elsewhere)

    assert schedule.newest_good() is None


def test_long_work_renews_the_lease_of_the_process(transactional_db, monkeypatch):
    monkeypatch.setattr(scheduler, "RENEW_SECONDS", 0)
    monkeypatch.setattr(scheduler, "_tasks", {})
    seen = []

    def long_work():
        Lease.objects.filter(name="scheduler").update(until=timezone.now())
        scheduler.still_here()
        seen.append(scheduler.take_lease("scheduler", holder="another", seconds=9))

    scheduler.register("long", every=60, run=long_work)
    scheduler.run_due(holder="this one")
    scheduler.still_here()

    assert seen == [False]
