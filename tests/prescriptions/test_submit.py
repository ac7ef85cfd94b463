"""Submitting (R-7, R-13, R-22, R-23, R-31, R-43, R-171)."""

from decimal import Decimal

import pytest
from django.utils import timezone

from clinic.core.errors import AlreadyDone, RuleBroken
from patients.services import add_allergy
from prescriptions import alerts, review, services, signing
from registration import consultation
from tests.factories.prescriptions import (
    SEVERE_PENICILLIN,
    corrected,
    draft,
    patient_with,
    row,
    shipped,
    tablets,
    visit_of,
)

pytestmark = pytest.mark.django_db


def send(sheet, **more):
    return services.submit(prescription=sheet, by=sheet.prescriber, **more)


def test_a_submitted_sheet_waits_for_review_and_is_valid_today_R22(sheet, item):
    sent = send(sheet)

    assert sent.state == "submitted"
    assert sent.valid_until == timezone.localdate()
    event = sent.events.get()
    assert (event.old, event.new, event.made_by) == ("draft", "submitted", sheet.prescriber)


def test_the_head_is_kept_as_it_was_R7_R31(sheet, item):
    patient = sheet.patient
    sent = send(sheet)
    patient.name, patient.payment = "改了名", "self"
    patient.save()
    sent.refresh_from_db()

    assert sent.head["name"] != "改了名"
    assert sent.head["record_no"] == patient.record_no
    assert sent.head["diagnoses"] == [["J20.9", "急性支气管炎"]]
    assert sent.head["doctor"] == "林海生"
    assert sent.head["department"] == "全科"
    assert sent.head["date"] == timezone.localdate().isoformat()


def test_the_weight_stands_in_the_head(doctor, visit, sheet, item):
    consultation.record_vitals(
        registration=visit.registration, vitals={"weight": Decimal("61.5")}, by=doctor
    )

    assert send(sheet).head["weight"] == "61.5"


def test_rows_are_numbered_without_gaps(sheet, doctor):
    first, second = row(sheet), row(sheet, tablets(generic_name="第二", ingredients="乙"))
    services.remove_item(item=first, by=doctor)
    send(sheet)
    second.refresh_from_db()

    assert second.rank == 1


def test_an_empty_sheet_is_not_submitted_R8(sheet):
    with pytest.raises(RuleBroken):
        send(sheet)


def test_without_a_diagnosis_nothing_is_submitted_R13(doctor):
    sheet = draft(doctor, diagnosed=False)
    row(sheet)

    with pytest.raises(RuleBroken):
        send(sheet)


def test_a_penicillin_for_an_allergic_patient_is_refused_R43(doctor, shipped_library):
    sheet = draft(doctor, patient=patient_with(SEVERE_PENICILLIN))
    row(sheet, shipped("D001"), dose=Decimal("0.5"), dose_unit="g", skin_test="negative")

    with pytest.raises(RuleBroken) as refusal:
        send(sheet)

    assert "青霉素" in refusal.value.message
    sheet.refresh_from_db()
    assert (sheet.state, sheet.head) == ("draft", None)


def test_an_allergy_recorded_after_the_row_was_written_counts_R43(doctor, sheet, shipped_library):
    row(sheet, shipped("D001"), dose=Decimal("0.5"), dose_unit="g", skin_test="negative")
    add_allergy(
        patient=sheet.patient, substance="青霉素", severity="severe", group_code="PCN", by=doctor
    )

    with pytest.raises(RuleBroken):
        send(sheet)


def test_a_penicillin_without_a_skin_test_state_is_not_submitted_R171(sheet, shipped_library):
    row(sheet, shipped("D001"), dose=Decimal("0.5"), dose_unit="g")

    with pytest.raises(RuleBroken):
        send(sheet)


def test_a_penicillin_with_a_pending_test_is_submitted_R171(sheet, shipped_library):
    row(sheet, shipped("D001"), dose=Decimal("0.5"), dose_unit="g", skin_test="pending")

    assert send(sheet).state == "submitted"


def test_a_long_supply_needs_a_signed_reason_R23(sheet, doctor):
    row(sheet, days=28)
    with pytest.raises(RuleBroken):
        send(sheet)
    (asked,) = alerts.opinion(sheet).open
    signing.override(prescription=sheet, fingerprint=asked.fingerprint, reason="chronic", by=doctor)

    sent = send(sheet)

    assert (sent.state, sent.long_reason) == ("submitted", "chronic")


def test_a_reason_that_is_no_longer_needed_is_dropped(sheet, doctor):
    item = row(sheet, days=28)
    (asked,) = alerts.opinion(sheet).open
    signing.override(prescription=sheet, fingerprint=asked.fingerprint, reason="chronic", by=doctor)
    services.remove_item(item=item, by=doctor)
    row(sheet, days=5)

    assert send(sheet).long_reason == ""


def test_stock_that_went_away_meanwhile_refuses_R113(sheet, doctor, pharmacist):
    drug = tablets(stock=20)
    row(sheet, drug)
    other = draft(doctor)
    row(other, drug)
    review.approve(prescription=send(other), by=pharmacist)

    with pytest.raises(RuleBroken):
        send(sheet)


def test_notes_are_recorded_when_they_were_seen_R43(sheet):
    row(sheet, quantity=20)
    send(sheet)

    record = sheet.alerts.get()
    assert (record.rule, record.outcome) == ("quantity.edited", "noted")


def test_a_page_that_is_too_old_submits_nothing(sheet, item):
    with pytest.raises(AlreadyDone):
        send(sheet, version=sheet.version)  # the row made another version

    sheet.refresh_from_db()
    assert send(sheet, version=sheet.version).state == "submitted"


def test_only_the_prescriber_submits_R1(sheet, item, other_doctor):
    with pytest.raises(RuleBroken):
        services.submit(prescription=sheet, by=other_doctor)


def test_a_second_submit_does_nothing(sheet, item):
    send(sheet)

    with pytest.raises(AlreadyDone):
        send(sheet)

    assert sheet.events.count() == 1


def test_a_draft_is_not_submitted_after_the_visit_R5(doctor, visit, sheet, item):
    consultation.save_record(consultation=visit, version=visit.version, by=doctor, complaint="咳嗽")
    consultation.finish(consultation=visit, by=doctor)

    with pytest.raises(RuleBroken):
        send(sheet)


def test_a_returned_sheet_is_corrected_after_the_visit(doctor, pharmacist, visit, sheet, item):
    review.return_(prescription=send(sheet), reason="请核对用量", by=pharmacist)
    consultation.save_record(consultation=visit, version=visit.version, by=doctor, complaint="咳嗽")
    consultation.finish(consultation=visit, by=doctor)

    assert send(corrected(sheet)).state == "submitted"


def test_the_guardian_of_a_child_stands_in_the_head(doctor):
    born = timezone.localdate() - timezone.timedelta(days=800)
    patient = patient_with(birth_date=born, contact_name="黄建")
    sheet = draft(doctor, record=visit_of(doctor, patient=patient))
    row(sheet)

    sent = send(sheet)

    assert (sent.kind, sent.head["guardian"]) == ("paediatric", "黄建")
