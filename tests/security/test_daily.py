"""The day on one sheet: its seal finds what was cut off or changed later (R-148)."""

import json
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from security import audit, checkpoints, daily, encryption_check, seals, verdict
from security.models import AuditEntry, AuditSeal, BackupRecord
from tests.factories.patients import PatientFactory
from tests.security.archiving import seal_at
from tests.security.test_verify_audit import sql

pytestmark = pytest.mark.django_db
SHEET, COMPARE = "/security/daily/", "/security/daily/compare/"
MONDAY = timezone.make_aware(datetime(2026, 3, 9, 12))
TUESDAY = MONDAY + timedelta(days=1)
THAT_DAY = {"day": "2026-03-09"}


@pytest.fixture(autouse=True)
def own_checkpoints(tmp_path, settings):
    settings.CLINIC_CHECKPOINT_DIR = str(tmp_path / "checkpoints")


def at(moment, event="read", by=None, **more) -> AuditEntry:
    with audit.acting_as(by):
        return AuditEntry.objects.create(event=event, action=3, timestamp=moment, **more)


@pytest.fixture
def two_days(doctor):
    """A seal on Monday, another on Tuesday; what the fixtures wrote is sealed before."""
    seal_at(MONDAY - timedelta(days=1))
    for day in (MONDAY, TUESDAY):
        for _entry in range(3):
            at(day, "print", by=doctor)
        seal_at(day + timedelta(minutes=1))
    return AuditSeal.objects.order_by("seq")


def paper_of(day: datetime) -> str:
    """What somebody types from that day's sheet."""
    seal = daily.sheet(day.date()).seal
    return f"{seal.seq}:{seal.mark}"


def verified(*words) -> str:
    out = StringIO()
    call_command("verify_audit", *words, stdout=out)
    return out.getvalue()


def found(*words) -> list[tuple[str, int]]:
    """The faults that the command names, with its exit status for them."""
    out = StringIO()
    with pytest.raises(CommandError) as stopped:
        call_command("verify_audit", "--json", *words, stdout=out)
    assert stopped.value.returncode == 1
    return [(fault["kind"], fault["number"]) for fault in json.loads(out.getvalue())["faults"]]


def cut_off_tuesday(seal: AuditSeal) -> None:
    """As somebody does it who owns database and machine: the checkpoints go as well."""
    sql("DELETE FROM security_auditentry WHERE id >= %s", seal.first_id)
    sql("DELETE FROM security_auditsealed WHERE seal_id = %s", seal.pk)
    sql("DELETE FROM security_auditseal WHERE seq = %s", seal.pk)
    for path in checkpoints.folder().glob("*.txt"):
        path.unlink()


def test_papers_of_an_untouched_log_are_as_they_were_printed_R148(two_days):
    monday, tuesday = paper_of(MONDAY), paper_of(TUESDAY)
    at(TUESDAY + timedelta(days=1), "print")
    seals.seal_all()

    said = verified("--paper", monday, "--paper", tuesday.replace(" ", "").upper())

    assert "As on paper" in said
    assert paper_of(MONDAY) == monday


def test_paper_alone_finds_an_end_that_was_cut_off_R148(two_days):
    paper, last = paper_of(TUESDAY), two_days.last()
    cut_off_tuesday(last)
    assert verified()

    faults = found("--paper", paper)

    assert faults == [("cut_off", last.seq)]


def test_paper_alone_finds_an_end_that_was_written_again_R148(two_days):
    paper, last = paper_of(TUESDAY), two_days.last()
    cut_off_tuesday(last)
    at(TUESDAY, "print")
    seal_at(TUESDAY + timedelta(minutes=1))
    assert verified()

    faults = found("--paper", paper)

    assert faults == [("other_seal", last.seq)]


@pytest.mark.parametrize("wrong", ["812", "8:1234", "x:a1b2c3d4e5f6", "0:a1b2c3d4e5f6"])
def test_what_can_stand_on_no_paper_is_no_tampering(two_days, wrong):
    with pytest.raises(CommandError, match="type number and digits as 812") as stopped:
        call_command("verify_audit", "--paper", wrong, stdout=StringIO())

    assert stopped.value.returncode == 2


def test_a_paper_is_compared_with_the_whole_log_only(two_days):
    with pytest.raises(CommandError, match="leave --since out") as stopped:
        call_command("verify_audit", "--paper", paper_of(MONDAY), "--since", "2026-03-10")

    assert stopped.value.returncode == 2


def test_the_sheet_of_a_day_that_is_over_never_changes(two_days, auditor, as_):
    monday = two_days.get(seq=two_days.last().seq - 1)

    page = as_(auditor).get(SHEET, THAT_DAY).content.decode()

    assert monday.mark in page
    assert f"<b>{monday.seq}</b>" in page
    assert f"{monday.seq}:{monday.mark.replace(' ', '')}" in page
    assert two_days.last().mark not in page


def test_the_sheet_counts_the_day_and_nothing_of_its_neighbours(doctor, auditor, as_):
    for moment in (MONDAY.replace(hour=0), MONDAY, MONDAY.replace(hour=23, minute=59)):
        at(moment, "sign_in", by=doctor)
    for moment in (MONDAY.replace(hour=0) - timedelta(seconds=1), TUESDAY.replace(hour=0)):
        at(moment, "sign_in", by=doctor)
    at(MONDAY, "pin_switch", by=doctor)
    for event in ("sign_in", "pin_switch", "second_factor"):
        at(MONDAY, event, outcome="failed")
    at(MONDAY, "locked_out", outcome="refused")
    at(MONDAY, "refused", outcome="refused")
    at(MONDAY, "break_glass", subject=PatientFactory().pk)
    for event in ("print", "print", "export", "roles", "password_reset", "restore", "key_new"):
        at(MONDAY, event)

    sheet = as_(auditor).get(SHEET, THAT_DAY).context["sheet"]

    assert [count for _label, count in sheet.lines] == [3, 1, 3, 1, 1, 1, 2, 1, 1, 1, 1, 1]
    assert sheet.entries == 17


def test_the_sheet_tells_of_backups_and_verifications_as_they_stood_that_evening(auditor, as_):
    for day in (MONDAY, TUESDAY):
        record = BackupRecord.objects.create(kind="daily", state="good", verified_at=day)
        BackupRecord.objects.filter(pk=record.pk).update(started_at=day)
        at(day, verdict.EVENT, additional_data={"entries": 7, "faults": {}})
        at(day, encryption_check.EVENT, outcome="failed", additional_data={"cells": 9, "faults": 1})

    page = as_(auditor).get(SHEET, THAT_DAY)

    sheet, text = page.context["sheet"], page.content.decode()
    moments = [sheet.backup.started_at, sheet.restore.verified_at]
    moments += [sheet.log.timestamp, sheet.encryption.timestamp]
    assert moments == [MONDAY] * 4
    assert text.count("2026-03-09 12:00") == 4
    assert "2026-03-10" not in text.replace("?day=2026-03-10", "")


def test_the_last_run_over_what_is_encrypted_is_kept_for_the_sheet():
    PatientFactory()

    call_command("verify_encryption", stdout=StringIO())

    kept = daily.sheet(timezone.localdate()).encryption
    assert kept.outcome == "ok"
    assert kept.additional_data["cells"] > 0
    assert kept.additional_data["faults"] == 0


def test_the_sheet_names_nobody_but_the_staff_who_prints_it(administrator, doctor, as_):
    patient = PatientFactory(name="王留名")
    at(MONDAY, "break_glass", by=doctor, subject=patient.pk, additional_data={"reason": "急诊"})

    page = as_(administrator).get(SHEET, THAT_DAY).content.decode()

    for secret in (patient.name, patient.record_no, doctor.full_name, "急诊"):
        assert secret not in page


@pytest.mark.parametrize("day", ["", "x", "2026-02-30", "0001-01-01", "9999-12-31"])
def test_a_sheet_of_any_day_opens(auditor, as_, day):
    assert as_(auditor).get(SHEET, {"day": day}).status_code == 200


def test_the_sheet_asks_the_same_however_much_happened(
    auditor, doctor, as_, two_days, django_assert_num_queries
):
    client = as_(auditor)
    client.get(SHEET, THAT_DAY)
    with connection.execute_wrapper(counter := Counter()):
        client.get(SHEET, THAT_DAY)
    for _entry in range(50):
        at(MONDAY, "print", by=doctor)

    with django_assert_num_queries(counter.count):
        client.get(SHEET, THAT_DAY)


class Counter:
    count = 0

    def __call__(self, execute, sql, params, many, context):
        self.count += 1
        return execute(sql, params, many, context)


# --- on screen ----------------------------------------------------------------------------------


def compared(client, paper: str):
    number, _colon, digits = paper.partition(":")
    return client.get(COMPARE, {"number": number, "digits": digits})


def test_who_may_print_may_compare_and_wide_digits_are_digits(two_days, as_, administrator):
    wide = paper_of(MONDAY).translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})

    page = compared(as_(administrator), wide.replace("：", ":"))

    assert page.context["fault"] is None
    assert page.context["compared"].seq == daily.sheet(MONDAY.date()).seal.seq


def test_a_cut_off_a_changed_and_a_missing_seal_are_named_on_screen(two_days, auditor, as_):
    client, last = as_(auditor), two_days.last()
    papers = [paper_of(MONDAY), paper_of(TUESDAY)]
    cut_off_tuesday(last)

    kinds = [compared(client, paper).context["fault"] for paper in papers]
    sql("UPDATE security_auditseal SET total = total + 1 WHERE seq = %s", last.seq - 1)
    kinds.append(compared(client, papers[0]).context["fault"])
    kinds.append(compared(client, f"{last.seq - 1}:000000000000").context["fault"])

    assert [fault and fault.kind for fault in kinds] == [
        *(None, "cut_off"),
        *("seal_changed", "other_seal"),
    ]
    noted = AuditEntry.objects.filter(screen="seal_compare").order_by("pk")
    assert [entry.outcome for entry in noted] == ["ok", "failed", "failed", "failed"]


@pytest.mark.parametrize("typed", [("1", "xyz"), ("", "a1b2c3d4e5f6"), ("-1", "a1b2c3d4e5f6")])
def test_what_can_not_stand_on_a_sheet_is_said_and_kept_in_the_form(auditor, as_, typed):
    page = compared(as_(auditor), ":".join(typed))

    assert page.context["form"].errors
    assert "compared" not in page.context
    assert f'value="{typed[1]}"' in page.content.decode()
