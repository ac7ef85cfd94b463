"""verify_audit names whatever somebody does to the log with the database's own tools."""

import json
from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from security import audit, checkpoints, keyring, keyring_file, seals, verdict
from security.models import AuditEntry, AuditSeal, AuditSealed
from security.verify import FAULTS, Verification
from tests.security.conftest import fixed_body

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_checkpoints(tmp_path, settings):
    settings.CLINIC_CHECKPOINT_DIR = str(tmp_path / "checkpoints")


@pytest.fixture
def log(doctor):
    """Three seals over four entries each; the log of a small day."""
    seals.seal_all()
    for _seal in range(2):
        with audit.acting_as(doctor):
            for copies in range(4):
                audit.record("print", data={"copies": copies})
        seals.seal_all()
    return list(AuditEntry.objects.order_by("pk"))


def sql(statement: str, *values) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def faults(**kwargs) -> list[tuple[str, int]]:
    run = Verification(checkpoints=checkpoints.read(), **kwargs)
    return [(fault.kind, fault.number) for fault in run.faults()]


def test_an_untouched_log_is_whole(log):
    run = Verification(checkpoints=checkpoints.read())

    assert list(run.faults()) == []
    assert (run.seals, run.entries) == (3, len(log))
    assert run.mark == seals.latest().mark


@pytest.mark.parametrize(
    "change",
    ["payload = REPLACE(payload, 'print', 'write')", "payload = ''", "uid = %s"],
)
def test_a_changed_entry_is_named(log, change):
    victim = log[-3].pk
    values = [uuid4().hex] if "%s" in change else []

    sql(f"UPDATE security_auditentry SET {change} WHERE id = %s", *values, victim)  # noqa: S608

    assert faults() == [("changed", victim)]


@pytest.mark.parametrize(
    "change",
    [
        "actor_name = 'nobody'",
        "actor_id = NULL",
        "event = 'read'",
        "outcome = 'failed'",
        "remote_addr = '10.0.0.9'",
        "screen = 'desk'",
        "object_repr = 'P00000009'",
        "timestamp = '2020-01-01 00:00:00'",
        "additional_data = '{\"copies\": 9}'",
    ],
)
def test_a_column_that_differs_from_what_was_written_is_named(log, change):
    victim = log[-2].pk

    sql(f"UPDATE security_auditentry SET {change} WHERE id = %s", victim)  # noqa: S608

    assert faults() == [("column", victim)]


def test_a_deleted_entry_is_named(log):
    victim = log[-2].pk

    sql("DELETE FROM security_auditentry WHERE id = %s", victim)

    assert faults() == [("deleted", victim)]


def test_an_entry_deleted_with_its_membership_shows_at_the_seal(log):
    victim = log[-2].pk

    sql("DELETE FROM security_auditentry WHERE id = %s", victim)
    sql("DELETE FROM security_auditsealed WHERE entry_id = %s", victim)

    assert faults() == [("seal_members", 3)]


def test_an_inserted_entry_is_named_and_never_sealed(log):
    fields = [f.column for f in AuditEntry._meta.concrete_fields if f.column not in ("id", "uid")]
    columns = ", ".join(fields)

    sql(
        f"INSERT INTO security_auditentry (uid, {columns}) "  # noqa: S608
        f"SELECT %s, {columns} FROM security_auditentry WHERE id = %s",
        uuid4().hex,
        log[-1].pk,
    )

    assert seals.seal_all() == 0
    assert faults() == [("inserted", AuditEntry.objects.order_by("-pk").first().pk)]


def test_two_entries_that_changed_places_are_named(log):
    one, other = log[-1].pk, log[-2].pk

    for old, new in ((one, 10**9), (other, one), (10**9, other)):
        sql("UPDATE security_auditentry SET id = %s WHERE id = %s", new, old)

    assert sorted(faults()) == [("moved", other), ("moved", one)]


def test_a_genuine_entry_that_nobody_sealed_is_named_after_ten_minutes(log):
    moment = timezone.now() - timedelta(minutes=11)
    entry = AuditEntry.objects.create(event="print", action=3, timestamp=moment)
    AuditEntry.objects.create(event="print", action=3)

    assert faults() == [("unsealed", entry.pk)]


def test_a_membership_that_was_taken_away_shows_twice(log):
    sql("DELETE FROM security_auditsealed WHERE entry_id = %s", log[-1].pk)

    assert faults() == [("seal_members", 3)]


def test_a_seal_is_not_made_over_other_entries(log):
    leaf = b"\x01" * 32

    sql("UPDATE security_auditsealed SET leaf = %s WHERE entry_id = %s", leaf, log[-1].pk)

    assert faults() == [("moved", log[-1].pk), ("seal_members", 3)]


def test_a_changed_seal_is_named(log):
    sql("UPDATE security_auditseal SET last_id = 99 WHERE seq = 2")

    assert faults() == [("seal_changed", 2)]


def test_a_missing_seal_is_named_though_its_entries_are_whole(log):
    sql("DELETE FROM security_auditseal WHERE seq = 2")

    assert faults() == [("seal_missing", 2)]


def test_seals_in_another_order_are_named(log):
    for old, new in ((2, 99), (3, 2), (99, 3)):
        sql("UPDATE security_auditseal SET seq = %s WHERE seq = %s", new, old)

    found = faults()

    assert {("seal_changed", 2), ("seal_changed", 3), ("seal_order", 2)} <= set(found)


def test_a_tail_that_was_cut_off_shows_by_the_checkpoint_alone(log):
    sql("DELETE FROM security_auditentry WHERE id >= %s", log[-4].pk)
    sql("DELETE FROM security_auditsealed WHERE seal_id = 3")
    sql("DELETE FROM security_auditseal WHERE seq = 3")

    assert faults() == [("cut_off", 3)]
    assert list(Verification().faults()) == []


def test_what_is_sealed_while_a_long_log_is_read_is_no_cut(log):
    def beside():
        yield from checkpoints.read()
        audit.record("print")
        seals.seal_all()  # the scheduler, after the last seal was read
        yield list(checkpoints.read())[-1]

    run = Verification(checkpoints=beside())

    assert list(run.faults()) == []
    assert (run.seals, AuditSeal.objects.count()) == (3, 4)


def test_a_tail_written_again_is_not_the_one_of_the_checkpoint(log):
    sql("DELETE FROM security_auditsealed WHERE seal_id = 3")
    sql("DELETE FROM security_auditseal WHERE seq = 3")
    list_before = list(checkpoints.read())
    sealed = seals._seal_after(0)

    assert sealed == 4
    run = Verification(checkpoints=iter(list_before))
    assert [(f.kind, f.number) for f in run.faults()] == [("other_seal", 3)]


def test_a_key_that_is_not_there_is_named_and_no_tampering(log, new_ring):
    body = fixed_body()
    body["audit"] = [{**body["audit"][0], "id": 77}]
    new_ring(body)

    kinds = {kind for kind, _number in faults()}

    assert kinds == {"unknown_key", "seal_unknown_key"}
    with pytest.raises(CommandError) as stopped:
        call_command("verify_audit", stdout=StringIO())
    assert stopped.value.returncode == 2


def test_an_entry_of_before_an_audit_key_was_replaced_still_fits(new_ring, doctor):
    body = keyring_file.new_body()
    new_ring(body)
    audit.record("print")
    seals.seal_all()
    old = {**body["audit"][0], "state": "decrypt-only"}
    new = {**keyring_file.new_body()["audit"][0], "id": old["id"] + 1}
    new_ring({**body, "audit": [old, new]})
    audit.record("print")
    seals.seal_all()

    assert keyring.ring().active("audit").id == new["id"]
    ours = {fault.number for fault in Verification().faults() if not fault.kind.startswith("seal")}
    assert not ours & set(AuditEntry.objects.order_by("-pk").values_list("pk", flat=True)[:2])


def test_from_a_day_on_older_faults_are_left_alone(log):
    sql("DELETE FROM security_auditentry WHERE id = %s", log[-1].pk)
    later = AuditSeal.objects.get(seq=3).sealed_at + timedelta(microseconds=1)

    assert faults(since=AuditSeal.objects.get(seq=3).sealed_at) == [("deleted", log[-1].pk)]
    assert faults(since=later) == []


def test_the_command_ends_with_0_1_or_2(log, tmp_path):
    out = StringIO()
    call_command("verify_audit", stdout=out)
    assert seals.latest().mark in out.getvalue()

    sql("UPDATE security_auditentry SET screen = 'desk' WHERE id = %s", log[-1].pk)
    with pytest.raises(CommandError) as stopped:
        call_command("verify_audit", "--json", stdout=(told := StringIO()))
    assert stopped.value.returncode == 1
    assert json.loads(told.getvalue())["faults"][0]["number"] == log[-1].pk

    for wrong in (["--checkpoint", str(tmp_path / "none")], ["--since", "yesterday"]):
        with pytest.raises(CommandError) as stopped:
            call_command("verify_audit", *wrong, stdout=StringIO())
        assert stopped.value.returncode == 2


def test_a_checkpoint_typed_from_paper_is_checked(log, tmp_path):
    seal = AuditSeal.objects.get(seq=2)
    paper = tmp_path / "paper"
    paper.write_text(f"2 {seal.mark.replace(' ', '')}\n")
    call_command("verify_audit", "--checkpoint", str(paper), stdout=StringIO())

    paper.write_text("2 000000000000\n")

    with pytest.raises(CommandError, match="1 faults"):
        call_command("verify_audit", "--checkpoint", str(paper), stdout=StringIO())


def test_a_torn_line_of_a_checkpoint_is_passed_over_and_the_next_is_whole(log):
    path = next(checkpoints.folder().glob("*.txt"))
    path.write_bytes(path.read_bytes()[:-30])
    audit.record("print")
    seals.seal_all()

    assert [one.seq for one in checkpoints.read()][-1] == 4
    assert faults() == []


def test_every_fault_has_words_with_its_number():
    assert all("{}" in str(words) for words in FAULTS.values())


def test_the_nightly_result_is_an_entry_of_the_log(log):
    sql("DELETE FROM security_auditentry WHERE id = %s", log[-1].pk)

    verdict.verify_nightly()

    kept = verdict.last()
    assert kept.outcome == "failed"
    assert kept.additional_data["faults"] == {"deleted": 1}
    assert kept.additional_data["first"] == [["deleted", log[-1].pk]]
    verdict.verify_nightly()
    assert verdict.last() == kept


def test_a_verification_asks_little_and_not_by_the_entry(log, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        assert faults() == []


def test_a_seal_holds_what_has_none_even_when_its_number_is_lower(log):
    late = log[0].pk
    sql("DELETE FROM security_auditsealed WHERE entry_id = %s", late)

    assert seals.seal_new() == 1
    assert AuditSealed.objects.get(pk=late).seal_id == 4


@pytest.mark.parametrize("back", [2, 3, 100])
def test_the_last_seal_before_a_moment_is_found_from_the_end_of_the_chain(monkeypatch, back):
    monkeypatch.setattr(seals, "BACK", back)
    now = timezone.now()
    first = AuditSeal.objects.count()
    # A minute each; the third and the sixth were made while the clock ran a year ahead.
    times = [
        now - timedelta(minutes=10 - turn) + timedelta(days=365 if turn in (3, 6) else 0)
        for turn in range(1, 8)
    ]
    AuditSeal.objects.bulk_create(
        AuditSeal(
            seq=first + turn, n=1, total=turn, first_id=turn, last_id=turn, sealed_at=sealed_at,
            root=bytes(32), prev_mac=bytes(34), mac=bytes(34),
        )
        for turn, sealed_at in enumerate(times, 1)
    )  # fmt: skip

    for minutes in range(12):
        moment = now - timedelta(minutes=minutes, seconds=-1)
        old = AuditSeal.objects.filter(sealed_at__lt=moment).order_by("-seq").first()
        assert seals.last_before(moment) == old
