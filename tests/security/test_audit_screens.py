"""The auditor finds, exports and sums up; and sees at once when the log is not whole."""

import csv
import html
import io
import re
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from clinic.core.models import Counter, Setting
from patients.models import Patient
from security import audit, entries, mentions, seals, verdict
from security.models import AuditEntry, AuditMention
from tests.factories.patients import PatientFactory
from tests.patients.plans import whole_reads

pytestmark = pytest.mark.django_db
LIST, EXPORT, WEEK = "/security/audit/", "/security/audit/export/", "/security/audit/week/"


@pytest.fixture(autouse=True)
def own_checkpoints(tmp_path, settings):
    settings.CLINIC_CHECKPOINT_DIR = str(tmp_path / "checkpoints")


def entries_on(response) -> list[AuditEntry]:
    return list(response.context["page"].object_list)


def rows_of(response) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode()
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def at(moment: datetime, by, event="read", **more) -> AuditEntry:
    with audit.acting_as(by):
        return AuditEntry.objects.create(event=event, action=3, timestamp=moment, **more)


def monday() -> datetime:
    """Noon of a Monday in a week in which nothing else was written."""
    return timezone.make_aware(datetime(2026, 3, 9, 12))


THAT_WEEK = {"day": "2026-03-12"}


def test_a_patient_is_found_by_number_alone_and_in_lists(auditor, doctor, as_):
    patient, other = PatientFactory(), PatientFactory()
    alone = audit.record("read", subject=patient.pk)
    listed = audit.record("read", subjects=[other.pk, patient.pk])
    audit.record("read", subject=other.pk)

    found = entries_on(as_(auditor).get(LIST, {"number": patient.record_no, "event": "read"}))

    assert found == [listed, alone]
    assert found[1].patient_number == patient.record_no


def test_lists_are_found_by_a_patient_when_they_are_noted_and_while_they_are_not(
    auditor, as_, monkeypatch
):
    monkeypatch.setattr("security.mentions.LATE", timedelta(seconds=-1))
    patient, other = PatientFactory(), PatientFactory()
    noted = audit.record("read", subjects=[other.pk, patient.pk])
    audit.record("read", subjects=[other.pk])
    seals.seal_all()
    mentions.note_settled()
    unnoted = audit.record("read", subjects=[patient.pk, other.pk])

    found = entries_on(as_(auditor).get(LIST, {"number": patient.record_no, "event": "read"}))

    assert found == [unnoted, noted]
    assert AuditMention.objects.filter(patient=patient.pk).count() == 1


def test_a_mention_is_noted_once_however_often_the_scheduler_asks(monkeypatch):
    monkeypatch.setattr("security.mentions.LATE", timedelta(seconds=-1))
    monkeypatch.setattr("security.mentions.PIECE", 2)
    one, two = uuid4(), uuid4()
    listed = [audit.record("read", subjects=[one, two]) for _turn in range(5)]
    # MariaDB never counts back: before these lie the thousands of numbers of earlier tests.
    Counter.objects.create(name=mentions.NOTED, value=listed[0].pk - 1)
    seals.seal_all()

    for _turn in range(2):
        mentions.note_settled()

    assert mentions.entries_of(one) == [entry.pk for entry in reversed(listed)]


def test_what_no_seal_holds_yet_is_not_noted():
    audit.record("read", subjects=[uuid4(), uuid4()])

    mentions.note_settled()

    assert not AuditMention.objects.exists()


def test_the_newest_entries_lead_to_the_older_ones_and_none_is_left_out(auditor, as_, monkeypatch):
    monkeypatch.setattr("security.audit_page.MOST", 70)
    monkeypatch.setattr("security.audit_page.PAGE", 30)
    written = [audit.record("print", data={"number": number}).pk for number in range(150)]
    client, address, seen = as_(auditor), f"{LIST}?event=print", []

    while address:
        page = client.get(address)
        seen += [entry.pk for entry in entries_on(page)]
        onwards = re.search(r'rel="next" href="([^"]+)"', page.content.decode())
        address = onwards and LIST + html.unescape(onwards[1])

    assert seen == written[::-1]


@pytest.mark.parametrize(
    "asked",
    [
        {}, {"who": "doctor"}, {"event": "print"}, {"outcome": "refused"}, {"page": "20"},
        {"since": "2026-03-09", "until": "2026-03-09"}, {"patient": str(uuid4())},
    ],
)  # fmt: skip
def test_no_question_of_the_auditor_reads_the_whole_log(auditor, doctor, as_, asked):
    many_entries(auditor)
    client = as_(auditor)

    found = whole_reads(lambda: client.get(LIST, asked))

    log = [line for line in found if "security_auditentry" in line.partition(" in SELECT")[0]]
    assert [line for line in log if not in_the_order_of_an_index(line)] == []


def many_entries(by) -> None:
    """Enough for the database to prefer an index to reading the whole table; few of no account."""
    rows = [AuditEntry(event=f"kind{n % 9}", action=3, timestamp=monday()) for n in range(600)]
    for entry in rows[:20]:
        entries.complete(entry)
    with audit.acting_as(by):
        for entry in rows[20:]:
            entries.complete(entry)
    AuditEntry.objects.bulk_create(rows)


def in_the_order_of_an_index(line: str) -> bool:
    """From the newest on, no further than the page goes."""
    plan, _in, asked = line.partition(" in SELECT")
    return "security_auditentry_timestamp" in plan and "ORDER BY" in asked and "LIMIT" in asked


def test_who_has_no_account_is_found_by_the_name_in_the_entry(auditor, doctor, as_):
    mine, of_a_command = at(monday(), doctor), AuditEntry(event="read", actor_name="demo_data")
    of_a_command.action, of_a_command.timestamp = mine.action, monday()
    of_a_command.save()

    response = as_(auditor).get("/security/audit/", {"who": "demo"})

    assert of_a_command in entries_on(response) and mine not in entries_on(response)


def test_a_number_that_nobody_has_shows_nothing_and_says_so(auditor, as_):
    page = as_(auditor).get(LIST, {"number": "P99999999"})

    assert entries_on(page) == []
    assert page.context["form"].errors["number"]


@pytest.mark.parametrize("wrong", [{"until": "soon"}, {"event": "nothing"}, {"actor": "x"}])
def test_a_filter_that_can_not_be_read_shows_nothing_rather_than_all(auditor, as_, wrong):
    assert entries_on(as_(auditor).get(LIST, wrong)) == []


def test_the_night_of_some_days_is_found(auditor, doctor, as_):
    noon = monday()
    day = at(noon, doctor)
    night = [at(noon.replace(hour=hour), doctor) for hour in (2, 23)]
    today = noon.date()

    page = as_(auditor).get(LIST, {"night": "on", "since": today, "until": today, "event": "read"})

    assert set(entries_on(page)) == set(night)
    assert day not in entries_on(page)


def test_the_export_holds_what_the_list_shows_and_nothing_a_spreadsheet_runs(auditor, doctor, as_):
    doctor.full_name = "=1+1"
    doctor.username = "@cmd"
    doctor.save()
    with audit.acting_as(doctor):
        audit.record("print", target=PatientFactory())
    audit.record("read")

    response = as_(auditor).get(EXPORT, {"event": "print"})

    assert response["Content-Disposition"].endswith('.csv"')
    head, row = rows_of(response)
    assert len(head) == len(row)
    assert row[2] == "'@cmd =1+1"
    assert not any(text.startswith(("=", "+", "-", "@")) for text in row)


def test_the_file_begins_with_the_mark_that_excel_needs(auditor, as_):
    body = b"".join(as_(auditor).get(EXPORT).streaming_content)

    assert body.startswith(b"\xef\xbb\xbf")


def test_an_export_is_recorded_before_its_first_byte(auditor, as_):
    response = as_(auditor).get(EXPORT, {"event": "print"})

    entry = AuditEntry.objects.get(event="export")
    assert entry.actor == auditor
    assert entry.additional_data["asked"] == {"event": "print"}
    assert response.streaming


def test_a_long_export_is_read_in_pieces(auditor, doctor, as_, monkeypatch):
    monkeypatch.setattr("security.audit_export.PAGE", 7)
    for number in range(20):
        audit.record("print", data={"number": number})

    rows = rows_of(as_(auditor).get(EXPORT, {"event": "print"}))

    assert len(rows) == 21
    assert [int(row[0]) for row in rows[1:]] == sorted(int(row[0]) for row in rows[1:])


def test_the_week_counts_what_stands_out_and_leads_to_it(auditor, doctor, as_):
    noon = monday()
    patients = [PatientFactory(), PatientFactory()]
    for patient in (*patients, patients[0]):
        at(noon, doctor, subject=patient.pk)
    at(noon.replace(hour=3), doctor, "print", subject=patients[0].pk)
    at(noon, doctor, "break_glass", subject=patients[0].pk, additional_data={"reason": "急诊"})
    at(noon, doctor, "refused", outcome="refused")
    at(noon - timedelta(days=7), doctor, "export")
    client = as_(auditor)

    page = client.get(WEEK, THAT_WEEK)

    lines = {line.kind.key: line for line in page.context["lines"]}
    counts = {key: (line.count, line.before) for key, line in lines.items()}
    assert counts["files"] == (2, 0)
    assert counts["night"] == (1, 0)
    assert counts["glass"] == (1, 0)
    assert counts["refused"] == (1, 0)
    assert counts["export"] == (0, 1)
    assert "急诊" in page.content.decode()
    assert len(entries_on(client.get(LIST + lines["refused"].url))) == 1
    assert len(entries_on(client.get(LIST + lines["files"].people[0]["url"]))) == 3
    assert len(entries_on(client.get(LIST + lines["night"].url))) == 1


def test_very_many_opened_files_are_marked(auditor, doctor, as_):
    Setting.objects.create(key="audit.many_files", value="2")
    for patient in (PatientFactory(), PatientFactory()):
        at(monday(), doctor, subject=patient.pk)

    line = as_(auditor).get(WEEK, THAT_WEEK).context["lines"][0]

    assert [person["stands_out"] for person in line.people] == [True]


@pytest.mark.parametrize("day", ["", "x", "2026-02-30", "0001-01-01", "9999-12-31"])
def test_the_week_of_any_day_opens(auditor, as_, day):
    assert as_(auditor).get(WEEK, {"day": day}).status_code == 200


def test_the_newest_seal_and_the_last_result_stand_on_both_pages(auditor, as_):
    audit.record("print")
    seals.seal_all()
    verdict.run_whole()
    client = as_(auditor)
    mark = seals.latest().mark

    for url in (LIST, WEEK):
        page = client.get(url).content.decode()
        assert mark in page
        assert 'class="stop"' not in page


def test_a_fault_of_the_night_is_a_red_banner_that_names_it(auditor, as_):
    entry = audit.record("print")
    seals.seal_all()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE security_auditentry SET screen = 'x' WHERE id = %s", [entry.pk])
    verdict.run_whole()

    page = as_(auditor).get(LIST).content.decode()

    assert 'class="stop"' in page
    assert str(entry.pk) in page.partition('class="stop"')[2].partition("</ul>")[0]


def test_a_log_that_was_not_verified_for_two_days_is_a_red_banner(auditor, as_):
    AuditEntry.objects.create(
        event=verdict.EVENT,
        action=3,
        timestamp=timezone.now() - timedelta(hours=49),
        additional_data={"entries": 1},
    )

    assert 'class="stop"' in as_(auditor).get(LIST).content.decode()


def test_the_week_asks_the_same_number_of_queries_however_much_happened(
    auditor, doctor, as_, django_assert_max_num_queries
):
    for _entry in range(30):
        at(monday(), doctor, subject=PatientFactory().pk)
    client = as_(auditor)
    client.get(WEEK, THAT_WEEK)

    with django_assert_max_num_queries(30):
        client.get(WEEK, THAT_WEEK)
    assert Patient.objects.count() == 30
