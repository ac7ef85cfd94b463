"""What goes out: copy, workbook, lists, data sets (R-73, R-140, R-141, R-151, R-152)."""

import csv
import datetime
import io
import uuid
import zipfile
from decimal import Decimal

import pytest
import python_calamine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, override

from clinic.core import jobs
from clinic.core.errors import RuleBroken
from patients.exchange import exporting, lists, parts, person, working
from patients.exchange.parts import Asked
from patients.models import Allergy, Basics, Export, History, Patient
from registration.consultation import add_diagnosis
from security.models import AuditEntry
from tests.factories.patients import AllergicPatientFactory, PatientFactory
from tests.factories.prescriptions import dispensed, visit_of
from tests.factories.registration import Icd10CodeFactory, finished_record, open_session
from tests.helpers import post_ok, undone

pytestmark = pytest.mark.django_db
FORMULAS = ["=1+1", "+1+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1"]


@pytest.fixture
def patient(doctor, frontdesk) -> Patient:
    """Seen and finished by `doctor`; everything that the file can say is said."""
    patient = AllergicPatientFactory(
        name="金丝雀",
        health_no="32058310020100001",
        paper_no="旧-1987",
        reading="jin si que",
        birth_time=datetime.time(4, 5),
        no_id_reason="遗失",
        contact_name="金大山",
        contact_relation="父亲",
        contact_phone="13900001111",
        mother_id_number="320582196003160024",
    )
    finished_record(open_session(doctor), frontdesk, patient=patient, code="J20.9")
    return patient


def made(verb, by, **more) -> Export:
    """Asked for and worked at until the file is there."""
    with override("zh-hans"):
        export = verb(purpose="quality", words="", by=by, **more)
    assert jobs.drive(export.job_id, seconds=60)
    return Export.objects.select_related("job", "file").get(pk=export.pk)


def a_list(by, **more) -> Export:
    usual = {"wanted": {}, "columns": ["record_no", "name", "phone"], "full": []}
    return made(exporting.make_list, by, **{**usual, "form": "xlsx", "encoding": "utf-8", **more})


def content(export: Export) -> bytes:
    return exporting.fetch(export=export.pk, by=export.made_by)[0]


def sheets(content: bytes) -> dict[str, list[list]]:
    book = python_calamine.load_workbook(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def said(text: str) -> str:
    """As the files say it."""
    with override("zh-hans"):
        return gettext(text)


def of(key: str) -> str:
    """The name of a part's sheet."""
    with override("zh-hans"):
        return next(str(part.title) for part in parts.parts() if part.key == key)


def words(rows: list[list]) -> list[str]:
    return [str(cell) for row in rows for cell in row]


def test_every_field_of_a_person_and_an_allergy_is_in_the_workbook_or_excused(doctor, patient):
    """By reflection: a field that somebody adds tomorrow is missed here."""
    said = {
        "patients.Patient": {name for name, _label, _write in person.PERSON},
        "patients.Allergy": {name for name, _label, _write in person.ALLERGY},
    }

    rows = sheets(content(made(exporting.make_book, doctor, patient=patient)))

    for model in (Patient, Allergy):
        fields = {f.name for f in model._meta.concrete_fields if not f.name.endswith("_index")}
        label = model._meta.label
        assert fields <= said[label] | set(person.NOT_EXPORTED[label]), label
    first, second = rows[of("person")], rows[of("allergies")]
    for name in ("record_no", "name", "id_number", "phone", "address", "contact_name", "paper_no"):
        assert getattr(patient, name) in words(first), name
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


def test_histories_answers_and_corrections_are_in_the_workbook(doctor, patient):
    Basics.objects.create(
        patient=patient,
        answers={"marital": "20", "abo": "1"},
        workplace="供销社",
        written_by=doctor,
    )
    History.objects.create(
        patient=patient, kind="disease", code="2", since="2011-05", recorded_by=doctor
    )

    rows = sheets(content(made(exporting.make_book, doctor, patient=patient)))

    assert "供销社" in words(rows[of("basics")])
    assert "2011-05" in words(rows[of("histories")])


def test_what_begins_like_a_formula_is_text_in_every_kind_of_file(doctor):
    for number, name in enumerate(FORMULAS):
        PatientFactory(name="甲", address=name, record_no=f"P7000000{number}")
    more = {"columns": ["record_no", "address"], "full": ["address"]}

    book = content(a_list(doctor, **more))
    utf8 = content(a_list(doctor, form="csv", **more))
    gb = content(a_list(doctor, form="csv", encoding="gb18030", **more))

    (rows,) = sheets(book).values()
    assert set(FORMULAS) <= {cell.replace("\n", "\r") for cell in words(rows)}
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    assert utf8.startswith(b"\xef\xbb\xbf")
    for text in (utf8.decode("utf-8-sig"), gb.decode("gb18030")):
        cells = words(list(csv.reader(io.StringIO(text, newline=""))))
        assert not [
            cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝"))
        ]
        assert "'=1+1" in cells


def test_a_list_is_masked_unless_a_column_is_asked_for_in_full_R141(doctor, patient):
    columns = ["name", "id_number", "phone", "address", "contact_name"]

    masked = content(a_list(doctor, columns=columns))
    full = a_list(doctor, columns=columns, full=["phone", "name"])
    shown = content(full)

    assert patient.phone not in words(*sheets(masked).values())
    assert patient.id_number not in words(*sheets(shown).values())
    assert patient.phone in words(*sheets(shown).values())
    assert full.details["full"] == ["phone"]
    entry = AuditEntry.objects.filter(event="export", object_pk=str(full.pk)).first()
    assert entry.additional_data["full"] == ["phone"]


def test_the_list_says_who_made_it_and_is_in_the_log_with_purpose_and_patients_R151(doctor):
    one, other = PatientFactory(), PatientFactory()

    export = a_list(doctor)

    log = AuditEntry.objects.filter(event="export", object_pk=str(export.pk))
    assert {entry.additional_data["reason"] for entry in log} == {"quality"}
    assert {entry.actor_id for entry in log} == {doctor.pk}
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


def test_every_filter_finds_whom_it_names_R62(doctor, patient):
    child = PatientFactory(birth_date=timezone.localdate(), sex="1", allergy_status="not_asked")
    today = timezone.localdate().isoformat()
    both = {patient.record_no, child.record_no}
    cases = [
        ({}, both),
        ({"age_from": 18}, {patient.record_no}),
        ({"age_to": 0}, {child.record_no}),
        ({"sex": "1"}, {child.record_no}),
        ({"payment": "self"}, set()),
        ({"allergy": "has"}, {patient.record_no}),
        ({"since": today}, {patient.record_no}),
        ({"until": "2001-01-01"}, set()),
        ({"q": "金丝"}, {patient.record_no}),
        ({"complete": "yes"}, set()),
        ({"complete": "no"}, both),
    ]

    for wanted, expected in cases:
        found = set(lists.patients(wanted).values_list("record_no", flat=True))
        assert found == expected, wanted

    Basics.objects.create(patient=patient, answers={}, histories="denied", written_by=doctor)
    assert [p.pk for p in lists.patients({"complete": "yes"})] == [patient.pk]
    (row,) = lists._rows([Patient.objects.get(pk=patient.pk)])
    assert row["missing"] == []


def test_a_list_in_many_pieces_is_whole_and_goes_on_where_it_was(doctor, monkeypatch):
    monkeypatch.setattr(working, "SIZE", 2)
    numbers = sorted(PatientFactory().record_no for _number in range(5))
    with override("zh-hans"):
        export = exporting.make_list(
            wanted={}, columns=["record_no"], full=[], form="csv", encoding="utf-8",
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


@pytest.fixture
def guarded(doctor, frontdesk, patient):
    """A second visit, with a diagnosis that is for its doctor alone."""
    Icd10CodeFactory(code="A51.0", name="早期梅毒", initials="ZQMD")
    record = visit_of(doctor, patient=patient, diagnosed=False)
    record.complaint = "早期梅毒复查"
    record.save()
    record = add_diagnosis(consultation=record, code="A51.0", by=doctor)
    record.finished_at = timezone.now()
    record.save()
    return record


def test_of_a_guarded_visit_nothing_medical_goes_out_but_by_its_doctor_R140(
    guarded, doctor, other_doctor, as_
):
    visit_of(other_doctor, patient=guarded.patient)
    day = timezone.localdate()
    period = {"since": day, "until": day, "sets": ["outpatient", "prescription", "persons"]}

    own = sheets(content(made(exporting.make_book, doctor, patient=guarded.patient)))
    theirs = sheets(content(made(exporting.make_book, other_doctor, patient=guarded.patient)))
    table = sheets(content(made(exporting.make_data_sets, other_doctor, **period)))

    assert any("早期梅毒" in word for word in words(own[of("visits")]))
    for rows in (*theirs.values(), *table.values()):
        assert not [word for word in words(rows) if "梅毒" in word or "A51" in word]
    assert said("Kept private") in "".join(words(theirs[of("visits")]))
    with pytest.raises(RuleBroken):
        exporting.make_copy(
            patient=guarded.patient, visits=[guarded.pk], asker="self", asker_name="",
            purpose="patient", words="", by=other_doctor,
        )  # fmt: skip


def test_data_sets_hold_ones_own_visits_or_everybodys_by_right_R143_R152(
    doctor, other_doctor, patient, monkeypatch
):
    day = timezone.localdate()
    period = {"since": day, "until": day, "sets": ["persons", "outpatient"]}

    own = sheets(content(made(exporting.make_data_sets, doctor, **period)))
    theirs = sheets(content(made(exporting.make_data_sets, other_doctor, **period)))

    assert patient.name in words(own[said("Health records")])
    assert "J20.9" in words(own[said("Outpatient records")])
    assert patient.name not in words(theirs[said("Health records")])
    assert "DE02.01.039.00" in words(own[said("Columns")])


def test_without_purpose_or_right_nothing_goes_out_R151(doctor, other_doctor, frontdesk, patient):
    usual = {"patient": patient, "words": "", "purpose": "patient"}
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


def test_a_copy_says_who_asked_and_holds_the_chosen_visits_alone_R73(doctor, patient, as_):
    client = as_(doctor)
    visit = patient.consultations.get()
    url = reverse("patient_copy", args=[patient.pk])
    asked = {"asker": "agent", "asker_name": "金大山，身份证", "seen": "1", "purpose": "insurance"}

    refused = client.post(url, {**asked, "seen": ""})
    whole = client.get(post_ok(client, url, {**asked, "visits": [visit.pk]})["Location"])
    empty = client.get(post_ok(client, url, asked)["Location"])

    assert refused.status_code == 200
    text = whole.content.decode()
    for word in (
        said("Copy of the record"),
        "金大山，身份证",
        "林海生",
        "J20.9",
        patient.id_number,
    ):
        assert word in text, word
    assert "J20.9" not in empty.content.decode()
    assert AuditEntry.objects.filter(event="export", screen="patient_copy").count() == 2


def test_the_pages_take_the_same_queries_with_3_and_with_30_visits(doctor, patient):
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            for part in parts.parts():
                part.rows(Patient.objects.get(pk=patient.pk), Asked(doctor))
        return len(caught)

    def more_visits(number: int) -> None:
        first = patient.consultations.get(finished_at__isnull=False) if number == 2 else None
        template = first or patient.consultations.first()
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
