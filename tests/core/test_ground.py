"""Drafts, stored files, leases, settings, numbers, text: the ground's small promises."""

import sqlite3

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from clinic.core import drafts, files, scheduler
from clinic.core.models import Draft, Institution, Setting
from clinic.core.numbers import next_number
from clinic.core.site import DEFINITIONS, institution, setting
from clinic.core.text import clean_text, half_width
from security.models import AuditEntry

pytestmark = pytest.mark.django_db


def test_a_draft_comes_back_and_is_not_readable_in_the_database(doctor):
    drafts.save_draft(form="consultation", subject="1", content={"complaint": "咳嗽"}, by=doctor)
    drafts.save_draft(form="consultation", subject="1", content={"complaint": "发热"}, by=doctor)

    content, saved_at = drafts.load_draft(form="consultation", subject="1", by=doctor)

    assert content == {"complaint": "发热"}
    assert saved_at is not None
    stored = bytes(Draft.objects.get().content)
    assert "发热".encode() not in stored
    assert b"\\u53d1" not in stored


def test_a_draft_is_its_owners_alone(doctor, other_doctor):
    drafts.save_draft(form="f", content={"a": 1}, by=doctor)

    assert drafts.load_draft(form="f", by=other_doctor) == (None, None)


def test_a_stored_file_is_encrypted_on_disk(doctor, tmp_path, settings):
    settings.CLINIC_FILES_DIR = str(tmp_path)

    file = files.store(content=b"scan", purpose="test", media_type="image/png", by=doctor)

    assert files.read(file) == b"scan"
    assert b"scan" not in files.path_of(file).read_bytes()
    assert files.path_of(file).stat().st_mode & 0o077 == 0


def test_numbers_run_from_one_in_each_series(db):
    assert [next_number("a"), next_number("a"), next_number("b")] == [1, 2, 1]


def test_only_one_process_holds_a_lease(db):
    assert scheduler.take_lease("x", holder="one", seconds=60)

    assert not scheduler.take_lease("x", holder="two", seconds=60)
    assert scheduler.take_lease("x", holder="one", seconds=60)


def test_a_lease_that_ran_out_is_free(db):
    scheduler.take_lease("x", holder="one", seconds=-1)

    assert scheduler.take_lease("x", holder="two", seconds=60)


def test_a_lease_of_a_clock_that_ran_ahead_keeps_nobody_waiting(db):
    """Set back by an hour, nothing would be sealed or backed up for an hour."""
    scheduler.take_lease("x", holder="one", seconds=3600)

    assert scheduler.take_lease("x", holder="two", seconds=60)


def test_a_failing_task_does_not_keep_others_from_running(db, monkeypatch):
    ran = []
    monkeypatch.setattr(scheduler, "_tasks", {})
    scheduler.register("bad", every=60, run=lambda: 1 / 0)
    scheduler.register("good", every=60, run=lambda: ran.append(1))

    done = scheduler.run_due(holder="one")

    assert (done, ran) == (["bad", "good"], [1])
    assert scheduler.run_due(holder="one") == []


@pytest.mark.parametrize("key", list(DEFINITIONS))
def test_every_setting_has_a_default_of_its_type(key, db):
    assert setting(key) == DEFINITIONS[key].default


def test_a_sites_own_value_wins_and_is_audited(db):
    Setting.objects.create(key="queue.priority_age", value="80")

    assert setting("queue.priority_age") == 80
    assert AuditEntry.objects.filter(event="create").latest("pk").changes["value"][1] == "80"


@pytest.mark.parametrize(
    ("key", "text"), [("site.charges", "perhaps"), ("queue.priority_age", "1.5")]
)
def test_a_setting_of_the_wrong_type_is_refused(key, text):
    with pytest.raises(ValidationError):
        DEFINITIONS[key].parse(text)


def test_a_fresh_installation_already_has_a_name(db):
    assert institution().name
    Institution.objects.create(name="青溪社区卫生服务站", short_name="青溪")

    assert institution().short_name == "青溪"


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800", "\x1b[31m"])
def test_text_that_cannot_be_stored_is_refused(text):
    with pytest.raises(ValidationError):
        clean_text(text)


def test_emoji_rare_characters_and_line_ends_are_kept():
    assert clean_text(" 𠮷田😀\n第二行 ") == "𠮷田😀\n第二行"


@pytest.mark.parametrize(
    "text",
    ["", " ", "\u0301", "\u2060\ufeff", "\u200d\ufe0f", "\u00ad\n", "\uff9e", "\u3000\u20dd"],
)
def test_text_in_which_nothing_is_seen_is_none(text):
    assert clean_text(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "e\u0301",
        "\u0301e",
        "👩\u200d⚕\ufe0f",
        "王\u200b芳",
        "龘",
        "\ue000",
        "。",
        "0",
        "\u0e01\u0e33",
    ],
)
def test_marks_and_joiners_beside_what_is_seen_are_kept(text):
    assert clean_text(f" {text} ") == text


def test_full_width_digits_become_digits():
    assert half_width("１３８０ＡＸ") == "1380AX"


def test_ledger_rows_are_written_once(db):
    from pharmacy.models import StockMovement

    with pytest.raises(PermissionDenied):
        StockMovement.objects.all().delete()
    with pytest.raises(PermissionDenied):
        StockMovement.objects.update(quantity=1)


def test_the_test_database_is_a_file_with_the_promised_options(db):
    if connection.vendor != "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT @@sql_mode, @@tx_isolation")
            mode, isolation = cursor.fetchone()
        assert "STRICT_TRANS_TABLES" in mode
        assert isolation == "READ-COMMITTED"
        return
    with connection.cursor() as cursor:
        values = {}
        for pragma in ("journal_mode", "synchronous", "foreign_keys"):
            cursor.execute(f"PRAGMA {pragma}")
            values[pragma] = cursor.fetchone()[0]
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    assert connection.settings_dict["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "memory" not in str(connection.settings_dict["NAME"])
    assert sqlite3.sqlite_version_info > (3, 31)
    assert django_settings.DATABASES["default"]["ATOMIC_REQUESTS"] is False
