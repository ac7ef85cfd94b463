"""The most sensitive records: their diagnosis is for the doctor who made it (R-140, level 5)."""

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import translation

from registration.consultation import add_diagnosis, guard
from registration.guarded import RANGES, is_listed
from registration.models import Consultation
from security.models import AuditEntry
from tests.factories.prescriptions import approved, dispensed, submitted, visit_of
from tests.factories.registration import Icd10CodeFactory
from tests.helpers import post_ok

pytestmark = pytest.mark.django_db


def said(words: str) -> str:
    """The words as the pages say them."""
    with translation.override("zh-hans"):
        return translation.gettext(words)


SECRET = "早期梅毒"
PLACEHOLDER = said("Sensitive record")
ON_PAPER = said("confidential, see the record")


@pytest.fixture
def record(doctor):
    """An open visit with a diagnosis that the table guards, and with a text that tells it."""
    Icd10CodeFactory(code="A51.0", name=SECRET, initials="ZQMD")
    record = visit_of(doctor, diagnosed=False)
    record.complaint = f"{SECRET}复查"
    record.save()
    return add_diagnosis(consultation=record, code="A51.0", by=doctor)


@pytest.fixture
def colleague(other_doctor, record, frontdesk):
    """A doctor whom the same patient sees today for something else."""
    visit_of(other_doctor, patient=record.patient)
    return other_doctor


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def chart(record):
    return reverse("patient_chart", args=[record.patient_id])


@pytest.mark.parametrize("code", ["A50.0", "A64", "a51.0", "B20.1", "B24", "F32.9", "F99", "Z21"])
def test_the_table_guards_special_diseases(code):
    assert is_listed(code)


@pytest.mark.parametrize("code", ["A49.9", "A65", "B19.9", "B25", "E99", "G00", "J20.9", "", "F"])
def test_the_table_guards_nothing_else(code):
    assert not is_listed(code)


def test_the_table_is_in_order():
    assert all(first <= last and len(first) == len(last) == 3 for first, last, _why in RANGES)
    assert [first for first, *_ in RANGES] == sorted(first for first, *_ in RANGES)


def test_its_own_doctor_reads_it(as_, doctor, record):
    page = text(as_(doctor).get(chart(record)))

    assert SECRET in page and PLACEHOLDER not in page


def test_a_colleague_who_treats_the_patient_sees_a_word_in_its_place(as_, colleague, record):
    page = text(as_(colleague).get(chart(record)))

    assert PLACEHOLDER in page
    assert SECRET not in page and "A51" not in page


def test_beside_the_colleagues_own_record_stands_the_same_word(as_, colleague, record):
    own = Consultation.objects.get(clinician__user=colleague)

    page = text(as_(colleague).get(reverse("consultation", args=[own.pk])))

    assert PLACEHOLDER in page and SECRET not in page


def test_with_a_reason_it_opens_and_leads_back(as_, colleague, record):
    client = as_(colleague)
    question = f"{reverse('break_glass', args=[record.patient_id])}?secret=1"
    asked = text(client.get(question))
    assert 'name="secret"' in asked and SECRET not in asked

    post_ok(client, question, {"reason": "colleague", "secret": "1", "next": chart(record)})

    assert SECRET in text(client.get(chart(record)))
    assert AuditEntry.objects.filter(event="break_glass", actor=colleague).count() == 1


def test_the_doctors_own_tick_guards_any_diagnosis_and_is_taken_back(as_, doctor, other_doctor):
    record = visit_of(doctor)
    visit_of(other_doctor, patient=record.patient, diagnosed=False)
    url = reverse("consultation", args=[record.pk])
    client, other = as_(doctor), as_(other_doctor)
    assert "急性支气管炎" in text(other.get(chart(record)))

    for value, seen in (("1", False), ("0", True)):
        record.refresh_from_db()
        post_ok(client, url, {"guard": value, "version": record.version})
        assert ("急性支气管炎" in text(other.get(chart(record)))) is seen


def test_the_tick_lies_encrypted_and_as_long_as_none(doctor, record):
    guard(consultation=record, on=True, by=doctor)
    visit_of(doctor)

    with connection.cursor() as cursor:
        cursor.execute("SELECT guarded FROM registration_consultation")
        stored = [bytes(value) for (value,) in cursor.fetchall()]
    assert len(stored) == 2
    assert len({len(value) for value in stored}) == 1
    assert not any(value in (b"0", b"1") for value in stored)


def test_the_paper_keeps_it_and_the_pharmacist_reads_it_until_the_drugs_are_out(
    as_, doctor, pharmacist, record
):
    sheet = submitted(doctor, record=record)
    client, own = as_(pharmacist), as_(doctor)

    assert SECRET in text(client.get(reverse("review", args=[sheet.pk])))
    for who in (client, own):
        paper = text(who.get(reverse("prescription_print", args=[sheet.pk])))
        assert SECRET not in paper and ON_PAPER in paper
    assert sheet.head["diagnoses"] == [["A51.0", SECRET]]


def test_after_the_drugs_are_out_the_pharmacy_sees_the_word(as_, doctor, pharmacist, record):
    sheet = dispensed(doctor, pharmacist, record=record)

    page = text(as_(pharmacist).get(reverse("prescription_show", args=[sheet.pk])))

    assert PLACEHOLDER in page and SECRET not in page
    assert SECRET in text(as_(doctor).get(reverse("prescription_show", args=[sheet.pk])))


def test_a_colleague_reads_the_sheet_without_its_diagnosis(
    as_, doctor, pharmacist, colleague, record
):
    sheet = approved(doctor, pharmacist, record=record)

    page = text(as_(colleague).get(reverse("prescription_show", args=[sheet.pk])))

    assert sheet.number in page and SECRET not in page


def test_an_ordinary_diagnosis_stands_on_the_paper_R7(as_, doctor):
    sheet = submitted(doctor)

    paper = text(as_(doctor).get(reverse("prescription_print", args=[sheet.pk])))

    assert "急性支气管炎" in paper and ON_PAPER not in paper


def test_no_entry_of_the_log_tells_that_a_record_is_guarded(as_, doctor, record):
    guard(consultation=record, on=True, by=doctor)

    entry = AuditEntry.objects.filter(object_pk=str(record.pk), event="update").latest("pk")
    assert entry.changes == {"guarded": ["•••", "•••"]}
