"""What other pages show of prescriptions: the visit's panel, the chart, the journey."""

import uuid

import pytest
from django.urls import reverse
from django.utils import translation

from patients.records import is_in_use
from prescriptions import review, services
from registration.desk import whereabouts
from tests.factories.prescriptions import (
    approved,
    dispensed,
    draft,
    patient_with,
    row,
    submitted,
    visit_of,
)

pytestmark = pytest.mark.django_db


def consultation(visit):
    return reverse("consultation", args=[visit.pk])


def words(message):
    with translation.override("zh-hans"):
        return translation.gettext(message)


def test_the_panel_starts_a_prescription_and_keeps_what_was_typed(as_, doctor, visit):
    answer = as_(doctor).post(
        consultation(visit),
        {
            "once": uuid.uuid4(),
            "version": visit.version,
            "complaint": "咳嗽 3 天",
            "panel": "prescription",
        },
    )

    sheet = visit.prescriptions.get()
    visit.refresh_from_db()
    assert answer.url == reverse("prescription_edit", args=[sheet.pk])
    assert visit.complaint == "咳嗽 3 天"


def test_the_panel_shows_rows_and_state(as_, doctor, visit):
    sheet = draft(doctor, record=visit)
    row(sheet)
    page = as_(doctor).get(consultation(visit)).content.decode()

    assert sheet.number in page
    assert "盐酸氨溴索片" in page


def test_the_panel_shows_why_a_sheet_came_back_R38(as_, doctor, pharmacist, visit):
    sheet = draft(doctor, record=visit)
    row(sheet)
    services.submit(prescription=sheet, by=doctor)
    review.return_(prescription=sheet, reason="疗程过长，建议 3 天", by=pharmacist)

    page = as_(doctor).get(consultation(visit)).content.decode()

    assert "疗程过长，建议 3 天" in page
    assert reverse("prescription_edit", args=[sheet.pk]) in page


def test_while_allergies_were_not_asked_the_panel_says_so_R44(as_, doctor):
    visit = visit_of(doctor, patient=patient_with(allergy_status="not_asked"))

    page = as_(doctor).get(consultation(visit)).content.decode()

    assert words("No prescription yet: allergies were not asked.") in page
    assert 'value="prescription"' not in page


def test_a_voided_sheet_leaves_the_panel(as_, doctor, visit):
    sheet = draft(doctor, record=visit)
    row(sheet)
    services.void(prescription=sheet, reason="改", by=doctor)

    assert sheet.number not in as_(doctor).get(consultation(visit)).content.decode()


def test_the_chart_shows_what_was_given(as_, doctor, pharmacist):
    sheet = dispensed(doctor, pharmacist)

    page = as_(doctor).get(reverse("patient_chart", args=[sheet.patient_id])).content.decode()

    assert sheet.number in page
    assert "盐酸氨溴索片" in page


def test_a_draft_is_not_in_the_chart(as_, doctor, sheet, item):
    page = as_(doctor).get(reverse("patient_chart", args=[sheet.patient_id])).content.decode()

    assert sheet.number not in page


def test_the_journey_goes_on_in_the_pharmacy(doctor, pharmacist, sheet, item):
    there = {}
    for made in (submitted(doctor), approved(doctor, pharmacist), dispensed(doctor, pharmacist)):
        visit = made.consultation.registration
        there[made.state] = whereabouts([visit])[visit.pk].station

    assert there == {"submitted": 4, "paid": 5, "dispensed": 6}  # all stations are behind
    assert whereabouts([sheet.consultation.registration]) == {}


def test_the_sheet_that_is_furthest_behind_says_where_the_patient_is(doctor, pharmacist):
    sheet = dispensed(doctor, pharmacist)
    second = draft(doctor, record=sheet.consultation)
    row(second)
    services.submit(prescription=second, by=doctor)
    visit = sheet.consultation.registration

    assert whereabouts([visit])[visit.pk].station == 4


def test_a_file_with_an_unfinished_sheet_is_in_use(doctor, pharmacist):
    from registration import consultation as records

    sheet = submitted(doctor)
    visit = sheet.consultation
    records.save_record(consultation=visit, version=visit.version, by=doctor, complaint="咳嗽 3 天")
    records.finish(consultation=visit, by=doctor)

    assert is_in_use(sheet.patient)
    review.approve(prescription=sheet, by=pharmacist)
    services.void(prescription=sheet, reason="改", by=doctor)
    assert not is_in_use(sheet.patient)
