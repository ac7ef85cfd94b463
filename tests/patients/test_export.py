"""What goes out: copy, workbook, lists, data sets (R-73, R-140, R-141, R-151, R-152)."""

import csv
import datetime
import io
import uuid
import zipfile
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from clinic.core import jobs
from clinic.core.errors import RuleBroken
from patients import codes
from patients.exchange import exporting, lists, parts, person, working
from patients.exchange.parts import Asked
from patients.models import Allergy, Basics, Change, Export, History, Patient, Sex
from security.audit_search import in_words
from security.models import AuditEntry
from tests.factories.long_care import followed
from tests.factories.patients import PatientFactory
from tests.factories.prescriptions import dispensed
from tests.helpers import post_ok, undone
from tests.patients.exported import a_list, content, made, of, said, sheets, words

pytestmark = pytest.mark.django_db
FORMULAS = ["=1+1", "+1+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1"]


def test_every_field_of_a_person_and_an_allergy_is_in_the_workbook_or_excused(doctor, canary):
    """By reflection: a field that somebody adds tomorrow is missed here."""
    said = {
        "patients.Patient": {name for name, _label, _write in person.PERSON},
        "patients.Allergy": {name for name, _label, _write in person.ALLERGY},
    }

    rows = sheets(content(made(exporting.make_book, doctor, patient=canary)))

    for model in (Patient, Allergy):
        fields = {f.name for f in model._meta.concrete_fields if not f.name.endswith("_index")}
        label = model._meta.label
        assert fields <= said[label] | set(person.NOT_EXPORTED[label]), label
    first, second = rows[of("person")], rows[of("allergies")]
    for name in ("record_no", "name", "id_number", "phone", "address", "contact_name", "paper_no"):
        assert getattr(canary, name) in words(first), name
    assert "青霉素类" in words(second)
    assert "过敏性休克" in words(second)


def test_the_workbook_holds_what_every_app_knows_between_two_marks_R151(
    doctor, pharmacist, nurse, frontdesk
):
    sheet = dispensed(doctor, pharmacist)
    record = sheet.consultation
    record.complaint = "主诉金丝雀"
    record.save()

    rows = sheets(content(made(exporting.make_book, doctor, patient=sheet.patient)))

    assert "主诉金丝雀" in words(rows[of("visits")])
    assert sheet.number in words(rows[of("prescriptions")])
    assert any("盐酸氨溴索片" in word for word in words(rows[of("prescriptions")]))
    assert sheet.number in words(rows[of("dispensing")])
    assert of("fees") in rows
    for name, sheet_rows in rows.items():
        for mark in (sheet_rows[0][0], sheet_rows[-1][0]):
            assert "林海生" in mark, name
            assert said("Quality control in this house") in mark, name


def test_histories_answers_and_corrections_are_in_the_workbook(doctor, canary):
    answers = {"marital_form": "2", "abo": "1"}
    Basics.objects.create(patient=canary, answers=answers, workplace="供销社", written_by=doctor)
    History.objects.create(
        patient=canary, kind="disease", code="2", since="2011-05", recorded_by=doctor
    )

    rows = sheets(content(made(exporting.make_book, doctor, patient=canary)))

    assert {"供销社", codes.label("marital_form", "2")} <= set(words(rows[of("basics")]))
    assert "2011-05" in words(rows[of("histories")])


def test_follow_ups_and_corrections_are_told_in_words_not_in_codes(doctor, canary):
    followed(canary, doctor, by=doctor)
    change = {"patient": canary, "what": "person", "version": 2, "made_by": doctor}
    Change.objects.create(fields={"sex": ["1", "2"]}, **change)

    rows = sheets(content(made(exporting.make_book, doctor, patient=canary)))

    found = " ".join(words(rows[of("care")]))
    assert "146 mmHg" in found
    assert "systolic" not in found
    assert {str(Sex("1").label), str(Sex("2").label)} <= set(words(rows[of("corrections")]))


def test_what_begins_like_a_formula_is_text_in_every_kind_of_file(doctor):
    for number, name in enumerate(FORMULAS):
        PatientFactory(name="甲", address=name, record_no=f"P7000000{number}")
    more = {"columns": ["record_no", "address"], "full": ["address"]}

    book = content(a_list(doctor, **more))
    utf8 = content(a_list(doctor, file_format="csv", **more))
    gb = content(a_list(doctor, file_format="csv", encoding="gb18030", **more))

    (rows,) = sheets(book).values()
    assert set(FORMULAS) <= {cell.replace("\n", "\r") for cell in words(rows)}
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    assert utf8.startswith(b"\xef\xbb\xbf")
    for text in (utf8.decode("utf-8-sig"), gb.decode("gb18030")):
        cells = words(list(csv.reader(io.StringIO(text, newline=""))))
        assert not [cell for cell in cells if cell.startswith(tuple("=+-@\t\r＝"))]
        assert "'=1+1" in cells


def test_a_list_is_masked_unless_a_column_is_asked_for_in_full_R141(doctor, canary):
    columns = ["name", "id_number", "phone", "address", "contact_name"]

    masked = content(a_list(doctor, columns=columns))
    full = a_list(doctor, columns=columns, full=["phone", "name"])
    shown = content(full)

    assert canary.phone not in words(*sheets(masked).values())
    assert canary.id_number not in words(*sheets(shown).values())
    assert canary.phone in words(*sheets(shown).values())
    assert full.details["full"] == ["phone"]
    log = AuditEntry.objects.filter(event="export", object_pk=str(full.pk))
    assert [e.additional_data["full"] for e in log if "full" in e.additional_data] == [["phone"]]


def test_the_list_says_who_made_it_and_is_in_the_log_with_purpose_and_patients_R151(doctor):
    one, other = PatientFactory(), PatientFactory()

    export = a_list(doctor)

    log = AuditEntry.objects.filter(event="export", object_pk=str(export.pk))
    assert {entry.additional_data["reason"] for entry in log} == {"quality"}
    assert {entry.actor_id for entry in log} == {doctor.pk}
    purpose = str(Export(purpose="quality").get_purpose_display())
    assert all(purpose in in_words(entry).field_words for entry in log)
    listed = b"".join(bytes(entry.subjects) for entry in log if entry.subjects)
    assert one.pk.bytes in listed
    assert other.pk.bytes in listed
    data = content(export)
    (rows,) = sheets(data).values()
    assert "林海生" in rows[0][0]
    assert said("End, %(rows)s rows") % {"rows": 2} in rows[-1][0]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        page = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<oddFooter>" in page
    assert "林海生" in page.split("<oddFooter>")[1]


def test_a_file_is_saved_once_by_whoever_asked_and_thrown_away_after_a_day(
    doctor, other_doctor, as_
):
    export, old = a_list(doctor), a_list(doctor)
    Export.objects.filter(pk=old.pk).update(made_at=timezone.now() - datetime.timedelta(days=2))
    url = reverse("export_file", args=[export.pk])

    strangers = as_(other_doctor).post(url)
    first, second = as_(doctor).post(url), as_(doctor).post(url)
    thrown = exporting.throw_away_old()

    assert strangers.status_code == 404
    assert first.content.startswith(b"PK")
    assert second.status_code == 302
    assert thrown == 1
    old.refresh_from_db()
    assert old.file is None


def test_every_filter_finds_whom_it_names_R62(doctor, canary):
    child = PatientFactory(birth_date=timezone.localdate(), sex="1", allergy_status="not_asked")
    today = timezone.localdate().isoformat()
    both = {canary.record_no, child.record_no}
    cases = [
        ({}, both),
        ({"age_from": 18}, {canary.record_no}),
        ({"age_to": 0}, {child.record_no}),
        ({"sex": "1"}, {child.record_no}),
        ({"payment": "self"}, set()),
        ({"allergy": "has"}, {canary.record_no}),
        ({"since": today}, {canary.record_no}),
        ({"until": "2001-01-01"}, set()),
        ({"q": "金丝"}, {canary.record_no}),
        ({"complete": "yes"}, set()),
        ({"complete": "no"}, both),
    ]

    for wanted, expected in cases:
        found = set(lists.patients(wanted).values_list("record_no", flat=True))
        assert found == expected, wanted

    Basics.objects.create(patient=canary, answers={}, histories="denied", written_by=doctor)
    assert [p.pk for p in lists.patients({"complete": "yes"})] == [canary.pk]
    (row,) = lists._rows([Patient.objects.get(pk=canary.pk)])
    assert row["missing"] == []


def test_a_list_in_many_pieces_is_whole_and_goes_on_where_it_was(doctor, monkeypatch):
    monkeypatch.setattr(working, "SIZE", 2)
    numbers = sorted(PatientFactory().record_no for _number in range(5))
    with override("zh-hans"):
        export = exporting.make_list(
            wanted={}, columns=["record_no"], full=[], file_format="csv", encoding="utf-8",
            purpose="quality", words="", by=doctor,
        )  # fmt: skip
    job = export.job
    working.work(job, {})
    stale = type(job).objects.get(pk=job.pk)

    working.work(stale, {})
    working.work(stale, {})  # a second process, which finds the position moved
    jobs.drive(job.pk, seconds=60)

    rows = list(csv.reader(io.StringIO(content(export).decode("utf-8-sig"))))
    assert [row[0] for row in rows[2:-1]] == numbers
    assert not export.pieces.exists()
    export.refresh_from_db()
    assert export.rows == 5


def test_without_purpose_or_right_nothing_goes_out_R151(doctor, other_doctor, frontdesk, canary):
    usual = {"patient": canary, "words": "", "purpose": "patient"}
    lacking = [
        (exporting.make_book, doctor, {**usual, "purpose": ""}),
        (exporting.make_book, doctor, {**usual, "purpose": "other", "words": "无"}),
        (exporting.make_book, other_doctor, usual),
        (exporting.make_book, frontdesk, usual),
        (exporting.make_copy, doctor, {**usual, "visits": [], "asker": "agent", "asker_name": ""}),
        (exporting.make_copy, doctor, {**usual, "visits": [uuid.uuid4()], "asker": "self",
                                       "asker_name": ""}),
    ]  # fmt: skip

    for verb, by, asked in lacking:
        with undone(), pytest.raises(RuleBroken):
            verb(by=by, **asked)

    assert not Export.objects.exists()


def test_a_copy_says_who_asked_and_holds_the_chosen_visits_alone_R73(doctor, canary, as_):
    client = as_(doctor)
    visit = canary.consultations.get()
    url = reverse("patient_copy", args=[canary.pk])
    asked = {"asker": "agent", "asker_name": "金大山，身份证", "seen": "1", "purpose": "insurance"}

    refused = client.post(url, {**asked, "seen": ""})
    whole = client.get(post_ok(client, url, {**asked, "visits": [visit.pk]})["Location"])
    empty = client.get(post_ok(client, url, asked)["Location"])

    assert refused.status_code == 200
    text = whole.content.decode()
    stands = ("金大山，身份证", "林海生", "J20.9", canary.id_number)
    for word in (said("Copy of the medical record"), *stands):
        assert word in text, word
    assert "J20.9" not in empty.content.decode()
    assert AuditEntry.objects.filter(event="export", screen="patient_copy").count() == 2


def test_the_pages_take_the_same_queries_with_3_and_with_30_visits(doctor, canary):
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            for part in parts.parts():
                part.rows(Patient.objects.get(pk=canary.pk), Asked(doctor))
        return len(caught)

    def more_visits(number: int) -> None:
        first = canary.consultations.get(finished_at__isnull=False) if number == 2 else None
        template = first or canary.consultations.first()
        for _number in range(number):
            again(template)

    def again(record) -> None:
        visit, pk = record.registration, record.pk
        codes = list(record.diagnoses.all())
        visit.pk, visit.number = uuid.uuid4(), uuid.uuid4().hex[:6]
        visit._state.adding = True
        visit.save(force_insert=True)
        record = type(record).objects.get(pk=pk)
        record.pk, record.registration = uuid.uuid4(), visit
        record._state.adding = True
        record.save(force_insert=True)
        for code in codes:
            code.pk, code.consultation, code._state.adding = uuid.uuid4(), record, True
            code.save(force_insert=True)

    more_visits(2)
    few = queries()
    more_visits(27)

    assert queries() == few


def test_numbers_stay_numbers_through_the_pieces():
    row = [1, Decimal("2.50"), "3", ""]

    assert working._unpacked(working._packed(row)) == row


def test_a_list_is_counted_asked_for_followed_and_saved_on_its_pages(doctor, canary, as_):
    """By the pages alone, without a script; the question keeps what was typed."""
    client = as_(doctor)
    typed = {"q": "金丝", "columns": ["name", "allergies"], "file_format": "csv:gb18030"}
    url = reverse("patient_list")

    counted = client.post(url, {**typed, "count": "1"})
    refused = client.post(url, typed)
    shown = client.get(post_ok(client, url, {**typed, "purpose": "follow_up"})["Location"])
    export = Export.objects.get()
    saved = client.post(reverse("export_file", args=[export.pk]))

    assert counted.context["count"] == 1
    assert "金丝" in refused.content.decode()
    assert refused.context["form"].errors.keys() == {"purpose"}
    assert shown.context["export"].file
    assert "金丝雀" in saved.content.decode("gb18030")
    assert saved["Content-Type"] == "text/csv; charset=gb18030"
    assert "金丝雀" not in saved["Content-Disposition"]


def test_the_workbook_and_the_data_sets_are_asked_for_on_their_pages(doctor, canary, as_):
    client, today = as_(doctor), timezone.localdate().isoformat()
    asked = {"purpose": "authority", "words": "年终检查"}
    period = {"since": today, "until": today, "sets": ["outpatient"]}

    for url, more in (
        (reverse("patient_export", args=[canary.pk]), {}),
        (reverse("data_sets"), period),
    ):
        export = Export.objects.get(
            pk=post_ok(client, url, {**asked, **more})["Location"].split("/")[-2]
        )
        answer = client.post(reverse("export_file", args=[export.pk]))
        assert answer.content.startswith(b"PK"), url
