"""Old entries move into sealed files; whatever else is missing from the log is still named."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from security import checkpoints, keyring, keyring_file, seals, verify
from security.audit_archive import make, places, records
from security.models import AuditArchive, AuditEntry, AuditSeal, AuditSealed
from security.verify import FAULTS, Verification
from tests.security import archiving
from tests.security.archiving import (
    EACH,
    YEARS_AGO,
    archive_audit,
    archived_files,
    faults,
    old_log,
    refused,
    sql,
)

pytestmark = pytest.mark.django_db
OLD = EACH * len(YEARS_AGO)


@pytest.fixture
def log(archive_folders):
    """Six seals over five entries each; four of them are more than three years old."""
    return old_log()


@pytest.fixture
def archived(log):
    make.archive()
    return log


# --- archiving ----------------------------------------------------------------------------------


def test_what_is_older_than_three_years_leaves_the_log_and_the_log_stays_whole(log):
    before = archiving.macs()

    said = archive_audit()

    assert f"{OLD} entries archived" in said
    assert not AuditEntry.objects.filter(pk__in=[entry.pk for entry in log]).exists()
    assert AuditSealed.objects.count() == AuditEntry.objects.count() - 2  # the two that tell of it
    assert AuditSeal.objects.count() == len(YEARS_AGO) + 2
    assert before.items() <= archiving.macs().items()
    assert faults() == []


def test_the_archiving_is_itself_recorded(archived):
    told = {e.event: e for e in AuditEntry.objects.filter(screen="audit_archive")}

    assert set(told) == {"audit_archive", "audit_removed"}
    assert told["audit_removed"].additional_data["entries"] == OLD
    assert told["audit_archive"].additional_data["file"] == archived_files()[0].name


def test_verifying_tells_how_many_entries_lie_in_archives(archived):
    run = Verification(checkpoints=checkpoints.read())

    assert list(run.faults()) == []
    assert (run.archived, run.seals) == (OLD, len(YEARS_AGO) + 2)
    out = StringIO()
    call_command("verify_audit", "--archives", stdout=out)
    assert f"{OLD} in archives" in out.getvalue()


def test_less_than_six_months_is_refused_R135(log):
    assert "183 days" in refused("--older-than", "182")
    assert "183 days" in refused("--older-than", "-1")
    assert AuditEntry.objects.count() == OLD + 2 * EACH


def test_another_age_takes_more(log):
    archive_audit("--older-than", "900")

    assert AuditArchive.objects.get().entries == OLD + EACH
    assert faults() == []


def test_an_archive_ends_on_the_border_of_a_seal(log):
    """One entry of the last old seal is young: all of that seal stays."""
    moment = timezone.now() - timedelta(days=1195)
    young = archiving.write(timezone.now() - timedelta(days=2))
    archiving.write(moment)
    sql("DELETE FROM security_auditsealed WHERE seal_id >= 4")
    sql("DELETE FROM security_auditseal WHERE seq >= 4")
    checkpoints.set_aside(seals.latest(), "x")
    archiving.seal_at(moment)

    make.archive()

    row = AuditArchive.objects.get()
    assert (row.last_seal, row.entries) == (3, 3 * EACH)
    assert AuditEntry.objects.filter(pk=young.pk).exists()
    assert faults() == []


def test_many_entries_make_several_files_that_follow_each_other(log, monkeypatch):
    monkeypatch.setattr(make, "ENTRIES", 2 * EACH)

    make.archive()

    rows = list(AuditArchive.objects.order_by("number"))
    assert [(r.first_seal, r.last_seal) for r in rows] == [(1, 2), (3, 4)]
    assert bytes(rows[1].prev_mac) == bytes(rows[0].mac)
    assert len(archived_files()) == 2
    assert faults() == []


def test_a_second_run_archives_only_what_has_grown_old(archived):
    assert "0 entries" in archive_audit()

    archive_audit("--older-than", "183")

    assert [r.entries for r in AuditArchive.objects.order_by("number")] == [OLD, 2 * EACH]
    assert faults() == []


def test_another_folder_must_be_there_and_is_found_again(log, tmp_path):
    stick = tmp_path / "stick"
    assert "plug the disk in" in refused("--to", str(stick))
    stick.mkdir()

    archive_audit("--to", str(stick))

    assert len(list(stick.glob("*.clinicaudit"))) == 1
    assert not archived_files()
    assert faults() == []
    stick.rename(tmp_path / "elsewhere")
    assert faults() == [("archive_file_missing", 1)]
    call_command("verify_audit", "--archives", str(tmp_path / "elsewhere"), stdout=StringIO())


def test_a_folder_that_takes_no_file_leaves_everything_where_it_is(log):
    assert "can't be written" in refused("--to", "/proc")

    assert AuditEntry.objects.count() == OLD + 2 * EACH
    assert not AuditArchive.objects.exists()


def test_a_log_with_a_fault_is_archived_only_up_to_it(log):
    victim = log[-1].pk
    sql("UPDATE security_auditentry SET screen = 'x' WHERE id = %s", victim)

    said = refused()

    assert "Seal 4" in said and "verify_audit" in said
    assert AuditArchive.objects.get().last_seal == 3
    assert AuditEntry.objects.filter(pk__gte=log[-EACH].pk, pk__lte=victim).count() == EACH
    assert faults() == [("column", victim)]


def test_parts_of_a_broken_off_run_go_at_the_next(archived):
    part = places.own_folder() / "audit-00002-20260101T000000000000Z.clinicaudit.part"
    part.write_bytes(b"half")

    make.archive()

    assert not part.exists()


def test_the_file_shows_nothing_of_the_entries(archived):
    content = archived_files()[0].read_bytes()

    assert all(entry.uid.hex.encode() not in content for entry in archived)
    assert archived_files()[0].stat().st_mode & 0o077 == 0


# --- tampering ----------------------------------------------------------------------------------


def test_an_entry_missing_beyond_the_archive_is_named(archived):
    victim = AuditEntry.objects.order_by("pk").first().pk
    sql("DELETE FROM security_auditentry WHERE id = %s", victim)

    assert faults() == [("deleted", victim)]


def test_entries_missing_with_their_memberships_beyond_the_archive_show_at_the_seal(archived):
    ids = list(AuditSealed.objects.filter(seal_id=5).values_list("pk", flat=True))
    sql("DELETE FROM security_auditsealed WHERE seal_id = 5")
    for victim in ids:
        sql("DELETE FROM security_auditentry WHERE id = %s", victim)

    assert faults() == [("seal_members", 5)]


@pytest.mark.parametrize(
    "change",
    ["last_seal = 5", "entries = 9", "file = 'other'", "audit_keys = ''", "seal_mac = prev_mac"],
)
def test_a_changed_record_is_named_and_covers_nothing(archived, change):
    sql(f"UPDATE security_auditarchive SET {change}")  # noqa: S608

    found = list(Verification(checkpoints=checkpoints.read()).faults())

    assert ("archive_changed", 1) in [(f.kind, f.number) for f in found]
    assert [f.number for f in found if f.kind == "seal_members"] == [1, 2, 3, 4]


def forged(last_seal: int) -> AuditArchive:
    """A record as somebody without the audit key could write it."""
    seal = AuditSeal.objects.get(pk=last_seal)
    row = AuditArchive(
        number=1,
        first_seal=1,
        last_seal=last_seal,
        first_id=1,
        last_id=seal.last_id,
        entries=seal.total,
        seal_mac=bytes(seal.mac),
        file="none",
        size=0,
        sha256=bytes(32),
        backup_key=1,
        audit_keys="1",
        made_at=timezone.now(),
        prev_mac=seals.NO_MAC,
        mac=bytes(seal.mac),
    )
    row.save()
    return row


def test_a_forged_record_covers_nothing_and_nothing_is_removed_for_it(log):
    forged(2)
    sql("DELETE FROM security_auditentry WHERE id = %s", log[0].pk)
    count = AuditEntry.objects.count()

    assert "verify_audit" in refused()

    assert AuditEntry.objects.count() == count
    assert [f for f in faults() if "file" not in f[0]] == [
        ("archive_changed", 1),
        ("deleted", log[0].pk),
    ]


def test_a_record_of_another_time_does_not_fit_this_log(archived):
    """A genuine record is put back after its last seal was made again over other entries."""
    row = AuditArchive.objects.get()
    row.seal_mac = bytes(AuditSeal.objects.get(pk=3).mac)
    row.mac = seals.crypto.audit_mac(records.text_of(row), seals.UUID(int=1), records.LABEL)
    sql("UPDATE security_auditarchive SET seal_mac = %s, mac = %s", row.seal_mac, row.mac)

    found = list(Verification().faults())

    assert ("archive_seal", 1) in [(f.kind, f.number) for f in found]
    assert ("seal_members", 4) in [(f.kind, f.number) for f in found]


def test_a_record_that_was_deleted_is_named_by_seals_and_checkpoint(archived):
    sql("DELETE FROM security_auditarchive")

    found = faults()

    assert ("archive_missing", 1) in found
    assert {("seal_members", n) for n in (1, 2, 3, 4)} <= set(found)


def test_the_first_of_two_records_deleted_or_another_one_is_named(log, monkeypatch):
    monkeypatch.setattr(make, "ENTRIES", 2 * EACH)
    make.archive()
    row = AuditArchive.objects.get(number=1)
    other = records.crypto.audit_mac(records.text_of(row), seals.UUID(int=2), records.LABEL)

    sql("UPDATE security_auditarchive SET mac = %s WHERE number = 1", other)
    assert {("archive_changed", 1), ("archive_other", 1), ("archive_order", 2)} <= set(faults())

    sql("DELETE FROM security_auditarchive WHERE number = 1")
    found = faults()
    assert found.count(("archive_missing", 1)) == 1
    assert [n for kind, n in found if kind == "seal_members"] == [1, 2]


@pytest.mark.parametrize("where", [0.02, 0.5, 0.999])
def test_a_damaged_file_is_named(archived, where):
    path = archived_files()[0]
    content = bytearray(path.read_bytes())
    content[int(len(content) * where)] ^= 1
    path.write_bytes(content)

    assert [kind for kind, _n in faults()] == ["archive_file_changed"]
    assert refused("--read", str(path))


def test_a_cut_or_missing_file_is_named(archived):
    path = archived_files()[0]
    path.write_bytes(path.read_bytes()[:-20])
    assert faults() == [("archive_file_changed", 1)]

    path.unlink()
    assert faults() == [("archive_file_missing", 1)]
    assert list(Verification(checkpoints=checkpoints.read()).faults()) == []


def test_a_file_in_the_place_of_another_is_named(log, monkeypatch):
    monkeypatch.setattr(make, "ENTRIES", 2 * EACH)
    make.archive()
    one, other = archived_files()
    one.write_bytes(other.read_bytes())

    assert faults() == [("archive_file_changed", 1)]


def test_an_archived_entry_that_was_put_back_is_named(archived):
    entry = archived[0]
    AuditEntry.objects.bulk_create([entry])

    assert ("archived_twice", entry.pk) in faults()


def test_a_key_that_is_not_there_is_no_tampering(archived, new_ring):
    body = keyring_file.body_of(keyring.ring())
    body["audit"] = [{**keyring_file.new_entry(9, "now"), "state": "active"}]
    new_ring(body)

    kinds = {kind for kind, _n in faults()}

    assert {"archive_unknown_key", "archive_file_key"} <= kinds <= verify.CANT_CHECK


def test_every_kind_of_fault_of_an_archive_has_words(archived):
    assert all("{}" in str(FAULTS[k]) for k in FAULTS if k.startswith("archive"))


def test_a_verification_that_began_before_the_archiving_finds_nothing_wrong(log, monkeypatch):
    monkeypatch.setattr(verify, "PAGE", 7)
    pages = iter(range(100))

    found = faults(between=lambda: make.archive() if next(pages) == 1 else None)

    assert AuditArchive.objects.get().entries == OLD
    assert found == []


def test_verifying_archives_asks_not_by_the_entry(archived, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        assert faults() == []
