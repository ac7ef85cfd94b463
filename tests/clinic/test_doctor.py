"""The doctor inside the application, its page, and a support bundle that tells of no patient."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connection, models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from clinic.core import scheduler
from clinic.core.models import Job, Lease
from clinic.doctor import inside, scrub, whole
from clinic.doctor.findings import CARE, FAULT, NOTE, OK
from patients.models import Patient
from security import audit, machine_notes, seals
from security.models import AuditEntry, BackupRecord
from tests.factories.patients import PatientFactory
from tests.security.markers import spellings, unpacked

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def levels(name: str) -> list[str]:
    return [one.level for one in inside.look() if one.name == name]


def lines(name: str) -> str:
    with override("en"):
        return " ".join(f"{one.said} {one.do}" for one in inside.look() if one.name == name)


def good_backup(**changes) -> BackupRecord:
    now = timezone.now()
    values = {"kind": "daily", "state": "good", "started_at": now, "verified_at": now}
    return BackupRecord.objects.create(**{**values, "file_name": "b.clinic", **changes})


@pytest.fixture
def not_new(monkeypatch):
    """Set up long ago, though its log was begun by this test."""
    monkeypatch.setattr(inside, "FIRST_BACKUP", timedelta(0))
    monkeypatch.setattr(inside, "BEGINNING", timedelta(0))


# --- findings -----------------------------------------------------------------------------------


def test_a_database_that_answers_fits_and_is_whole():
    found = {one.name: one for one in inside.look()}

    assert found["database"].level == found["migrations"].level == OK
    assert connection.vendor in found["database"].said.lower().replace("mariadb", "mysql")


def test_without_its_database_one_line_says_it_and_the_rest_is_left_out(monkeypatch):
    def gone():
        raise DatabaseError("password=hunter2")

    monkeypatch.setattr(inside, "_ask_database", gone)

    found = inside.look()

    assert [(one.name, one.level) for one in found] == [("versions", OK), ("database", FAULT)]
    assert "hunter2" not in found[1].said


def test_a_migration_that_was_not_made_is_a_fault(monkeypatch):
    plan = [("one", False), ("two", False)]
    monkeypatch.setattr(inside.MigrationExecutor, "migration_plan", lambda *_: plan)

    assert levels("migrations") == [FAULT]
    assert "2 changes" in lines("migrations")


def test_backups_are_told_by_age_trial_and_second_place():
    assert levels("backups") == [FAULT]  # there is none

    record = good_backup()
    assert levels("backups") == [OK, OK, CARE]  # on this PC only
    BackupRecord.objects.update(started_at=timezone.now() - 30 * HOUR, verified_at=None)
    assert levels("backups") == [FAULT, CARE, CARE]
    BackupRecord.objects.update(started_at=timezone.now() + 3 * HOUR, verify_error="differs")
    assert levels("backups") == [FAULT, FAULT, CARE]
    assert record.file_name not in lines("backups")


def test_a_clinic_that_was_set_up_just_now_is_not_told_off_for_what_comes_by_itself():
    audit.record("sign_in", screen="login")

    assert levels("backups") == levels("jobs") == levels("audit") == [NOTE]


def test_an_hour_later_a_backup_is_missed():
    AuditEntry.objects.create(event="read", action=3, timestamp=timezone.now() - 2 * HOUR)

    assert levels("backups") == [FAULT]


def test_a_key_sheet_is_asked_for_until_it_is_printed_and_again_after_new_keys():
    said = [levels("keys")]
    for event in ("key_sheet", "key_new"):
        audit.record(event, screen="command")
        said.append(levels("keys"))

    assert said == [[OK, CARE], [OK, OK], [OK, CARE]]


def test_a_key_sheet_that_set_up_made_is_not_called_printed(frontdesk):
    audit.record("key_sheet", screen="set_up")

    assert levels("keys") == [OK, NOTE]


def test_entries_of_the_future_mean_a_wrong_clock(frontdesk):
    audit.record("sign_in", screen="login")
    assert levels("clock") == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT MAX(id) FROM security_auditentry")
        newest = cursor.fetchone()[0]
    AuditEntry.objects.create(event="read", action=3, timestamp=timezone.now() + HOUR)

    assert levels("clock") == [FAULT] and newest


def test_a_log_that_nobody_seals_is_told(frontdesk, not_new):
    audit.record("sign_in", screen="login")
    assert levels("audit") == [CARE]

    seals.seal_all()

    assert levels("audit") == [OK]


def test_a_scheduler_that_is_gone_and_a_task_that_failed_are_told(monkeypatch):
    tasks = {"a": scheduler.Task("a", 60, lambda: 1 / 0), "b": scheduler.Task("b", 60, len)}
    monkeypatch.setattr(scheduler, "_tasks", tasks)
    assert machine_notes.jobs() is None  # a new clinic: nothing ran yet
    scheduler.run_due(holder="me")
    assert "a, b" in lines("jobs") and levels("jobs") == [OK, CARE]
    assert "a, b" in machine_notes.jobs()

    tasks["a"] = scheduler.Task("a", 60, lambda: None)
    Lease.objects.filter(name="task:a").update(until=timezone.now())
    scheduler.run_due(holder="me")
    assert "last try: b." in lines("jobs")
    Lease.objects.filter(name="scheduler").update(until=timezone.now() - HOUR)

    assert levels("jobs") == [FAULT, CARE]
    assert machine_notes.jobs() is not None


def test_a_job_that_was_broken_off_is_named_by_its_kind():
    now = timezone.now()
    Job.objects.create(kind="export", state="failed", error="KeyError", due_at=now, finished_at=now)

    assert "export (KeyError)" in lines("jobs")


def test_the_command_tells_both_halves_and_exits_as_documented(capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", "--json", "--language", "en")

    said = json.loads(capsys.readouterr().out)
    assert ended.value.code == said["status"] == 2  # no backup, no installation around the tests
    assert {"program", "database", "backups"} <= {one["name"] for one in said["findings"]}


# --- the page and the bundle --------------------------------------------------------------------


@pytest.fixture
def outside_told(monkeypatch):
    """What is seen from outside has tests of its own, in tests/installer."""
    monkeypatch.setattr(whole, "outside", list)


def test_the_page_puts_faults_on_top_and_asks_as_often_with_many_rows(
    as_, administrator, outside_told, django_assert_max_num_queries, not_new
):
    client, counts = as_(administrator), []
    client.get(reverse("support"))  # what a process asks once
    for rows in (1, 50):
        for _ in range(rows):
            good_backup(started_at=timezone.now() - 30 * HOUR)
        with django_assert_max_num_queries(80) as asked:
            page = client.get(reverse("support"))
        counts.append(len(asked))

    assert [one.level for one in page.context["found"]][:1] == [FAULT]
    assert counts[0] == counts[1]


MARKERS = {
    "name": "慕容显眼",
    "phone": "13977120586",
    "id_number": "320582197109230774",
    "address": "暗香镇疏影村七组",
    "pinyin": "murongxianyan",
}


def marked_patient() -> tuple[Patient, dict[str, str]]:
    """A word of its own in every field that holds text."""
    told = dict(MARKERS)
    for field in Patient._meta.concrete_fields:
        free = isinstance(field, models.CharField | models.TextField) and not field.choices
        if free and field.name not in told and field.name not in ("record_no", "initials"):
            told[field.name] = f"Zq{field.name[:3]}暗语{len(told)}"[: field.max_length or 40]
    told = {name: text for name, text in told.items() if _holds(name)}
    return PatientFactory(**told, record_no="P98765432"), told


def _holds(name: str) -> bool:
    return name in {field.name for field in Patient._meta.concrete_fields}


def test_no_word_of_a_patient_is_in_the_bundle_in_any_spelling(
    as_, administrator, outside_told, settings, tmp_path
):
    settings.DATA_DIR = tmp_path
    (tmp_path / "logs").mkdir()
    patient, told = marked_patient()
    told |= {"record": patient.record_no, "uid": str(patient.pk), "key": settings.SECRET_KEY}
    noise = "".join(f"2026-11-29 10:00:00,1 ERROR clinic.x failed for {w}\n" for w in told.values())
    hidden = "".join(f"{s.decode('latin-1')}\n" for w in told.values() for s in spellings(w))
    (tmp_path / "logs" / "serve.log").write_text(noise + hidden)
    Job.objects.create(kind="export", payload=told["name"].encode(), due_at=timezone.now())

    answer = as_(administrator).post(reverse("support_bundle"))

    with zipfile.ZipFile(io.BytesIO(answer.content)) as bundle:
        parts = {name: bundle.read(name) for name in bundle.namelist()}
    assert {"doctor-zh-hans.txt", "settings.json", "jobs.json", "logs/serve.log"} <= set(parts)
    assert b"ERROR clinic.x failed for" in parts["logs/serve.log"]
    found = {
        (what, part)
        for part, content in parts.items()
        for reading in unpacked(content)
        for what, word in told.items()
        if any(one in reading for one in spellings(word))
    }
    assert found == set()
    assert len(told) > 8
    entry = AuditEntry.objects.filter(event="export").get()
    assert (entry.screen, entry.actor) == ("support_bundle", administrator)


def test_the_bundle_reads_no_table_of_patients(as_, administrator, outside_told):
    """Counted, and never read: the only questions to tables of people are counts."""
    PatientFactory()
    client = as_(administrator)
    tables = {m._meta.db_table for m in apps.get_models() if m._meta.app_label == "patients"}

    with connection.execute_wrapper(lambda run, sql, *rest: seen.append(sql) or run(sql, *rest)):
        seen: list[str] = []
        client.post(reverse("support_bundle"))

    asked = [sql for sql in seen if any(f'"{t}"' in sql or f"`{t}`" in sql for t in tables)]
    assert asked and all(sql.startswith("SELECT COUNT(*)") for sql in asked)


def test_settings_of_the_bundle_are_a_white_list(as_, administrator, outside_told, settings):
    settings.CLINIC_PUBLIC_URL = "https://zq-secret.example"

    answer = as_(administrator).post(reverse("support_bundle"))

    with zipfile.ZipFile(io.BytesIO(answer.content)) as bundle:
        said = json.loads(bundle.read("settings.json"))
    assert said["is_set"]["CLINIC_PUBLIC_URL"] is True
    assert "help.phones" not in said["site"] and "backup.daily_hour" in said["site"]
    assert "zq-secret" not in json.dumps(said)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        (
            "2026-11-29 10:00:00,123 ERROR clinic.errors reference 3F9A21C0 at /patients/*/",
            "2026-11-29 10:00:00,123 ERROR clinic.errors reference … at /patients/*/",
        ),
        (
            '  File "/opt/clinic/app/security/views.py", line 112, in sign_in',
            '  File "/…/clinic/…/security/views.py", line 112, in sign_in',
        ),
        ("password=Geheim99 王小明 13812345678", "password=… … #"),
    ],
)
def test_a_line_of_a_log_keeps_our_own_words_alone(line, kept):
    said = scrub.line(line)

    assert said.replace("/opt/", "/…/").replace("/app/", "/…/") == kept


def test_only_the_administrator_gets_it(as_, doctor, auditor):
    for user in (doctor, auditor):
        assert as_(user).get(reverse("support")).status_code == 403
        assert as_(user).post(reverse("support_bundle")).status_code == 403
