"""Who may open and do what (R-32, R-142, R-143)."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from prescriptions import alerts, dispensing, review, services, signing
from registration import consultation
from security.models import AuditEntry
from tests.factories.prescriptions import (
    approved,
    colleague,
    dispensed,
    draft,
    row,
    submitted,
    tablets,
    visit_of,
)
from tests.factories.registration import Icd10CodeFactory
from tests.helpers import post_ok

pytestmark = pytest.mark.django_db


def url(name, sheet):
    return reverse(name, args=[sheet.pk])


def test_another_doctors_draft_is_not_found_R142(as_, other_doctor, sheet, item):
    client = as_(other_doctor)

    for name in ("prescription_edit", "prescription_show", "prescription_print"):
        assert client.get(url(name, sheet)).status_code == 404
    for name in ("prescription_submit", "prescription_void", "prescription_override"):
        assert client.post(url(name, sheet), {"version": 1, "reason": "x"}).status_code == 404
    for name in ("item_remove", "item_replace", "item_outside"):
        assert client.post(url(f"prescription_{name}", item)).status_code == 404
    assert client.post(url("skin_test", item), {"state": "exempt"}).status_code == 404


def test_a_draft_does_not_exist_for_the_pharmacy(as_, pharmacist, sheet, item):
    client = as_(pharmacist)

    for name in ("prescription_show", "prescription_print", "review", "dispense"):
        assert client.get(url(name, sheet)).status_code == 404


def test_a_doctor_reads_what_concerns_their_patients_R143(as_, doctor, other_doctor):
    sheet = submitted(doctor)
    closed = as_(other_doctor).get(url("prescription_show", sheet))
    assert closed.url.startswith(reverse("break_glass", args=[sheet.patient_id]))

    visit_of(other_doctor, patient=sheet.patient)

    assert as_(other_doctor).get(url("prescription_show", sheet)).status_code == 200


def test_who_may_open_no_files_is_refused_without_a_question_R143(as_, doctor, no_role):
    sheet = submitted(doctor)
    group = Group.objects.create(name="实习")
    group.permissions.add(Permission.objects.get(codename="read_prescription"))
    no_role.groups.add(group)

    answer = as_(no_role).get(url("prescription_show", sheet))

    assert answer.status_code == 403
    entry = AuditEntry.objects.get(event="refused")
    assert (entry.actor, entry.subject, entry.outcome) == (no_role, sheet.patient_id, "refused")


@pytest.mark.parametrize("name", ["review_approve", "review_return"])
def test_a_doctor_reviews_nothing_R32(as_, doctor, other_doctor, name):
    sheet = submitted(doctor)

    for who in (doctor, other_doctor):
        answer = as_(who).post(url(name, sheet), {"version": sheet.version, "reason": "改"})
        assert answer.status_code == 403

    sheet.refresh_from_db()
    assert sheet.state == "submitted"


def test_a_pharmacist_prescribes_nothing_R1(as_, pharmacist, visit):
    answer = as_(pharmacist).post(reverse("prescription_start", args=[visit.pk]))

    assert answer.status_code == 403


@pytest.mark.parametrize("who", ["frontdesk", "nurse", "storekeeper", "cashier", "auditor"])
def test_others_open_no_prescription(as_, request, doctor, who):
    sheet = submitted(doctor)
    client = as_(request.getfixturevalue(who))

    for name in ("prescription_show", "review", "dispense", "prescription_edit"):
        assert client.get(url(name, sheet)).status_code == 403


def test_somebody_with_both_roles_still_does_not_review_their_own_R142(as_, doctor):
    from security.roles import set_roles

    sheet = submitted(doctor)
    set_roles(user=doctor, roles={"doctor", "pharmacist"}, by=doctor)
    client = as_(type(doctor).objects.get(pk=doctor.pk))

    assert client.get(url("review", sheet)).status_code == 200
    client.post(url("review_approve", sheet), {"version": sheet.version})

    sheet.refresh_from_db()
    assert sheet.state == "submitted"


def test_a_nurse_sees_pending_tests_and_nothing_else_of_the_sheet(as_, nurse, doctor, sheet):
    row(sheet)
    services.submit(prescription=sheet, by=doctor)

    page = as_(nurse).get(reverse("skin_test_list"))

    assert page.status_code == 200
    assert sheet.patient.name not in page.content.decode()


def test_reading_is_recorded_once_per_person_and_page_R144(as_, doctor, pharmacist):
    sheet = dispensed(doctor, pharmacist)
    client = as_(doctor)
    for _time in range(2):
        client.get(url("prescription_show", sheet))

    entry = AuditEntry.objects.get(event="read", screen="prescription_show")
    assert (entry.subject, entry.actor) == (sheet.patient_id, doctor)


def test_the_queues_record_whose_names_they_showed(as_, doctor, pharmacist):
    submitted(doctor), approved(doctor, pharmacist)
    client = as_(pharmacist)
    client.get(reverse("review_list"))
    client.get(reverse("dispense_list"))

    assert AuditEntry.objects.filter(event="read", screen="review_list").count() == 1
    assert AuditEntry.objects.filter(event="read", screen="dispense_list").count() == 1


def test_no_entry_about_a_patient_shows_drug_or_dose(as_, doctor, pharmacist):
    sheet = dispensed(doctor, pharmacist)
    as_(doctor).get(url("prescription_show", sheet))

    entries = AuditEntry.objects.filter(subject=sheet.patient_id)
    told = "\n".join(entries.values_list("payload", flat=True))

    assert entries.filter(object_repr__startswith=str(sheet.pk)).exists()
    for secret in ("氨溴索", "30.0000", "急性支气管炎", "tid", sheet.patient.name):
        assert secret not in told


def test_every_state_shows_its_page(as_, doctor, pharmacist, sheet, item):
    client = as_(doctor)
    assert client.get(url("prescription_show", sheet)).status_code == 200
    sent = services.submit(prescription=sheet, by=doctor)

    answer = client.get(url("prescription_edit", sent))

    assert answer.status_code == 302
    assert answer.url == url("prescription_show", sent)


def test_a_decided_sheet_is_only_read_by_the_pharmacist(as_, doctor, pharmacist):
    sheet = dispensed(doctor, pharmacist)
    client = as_(pharmacist)

    for name in ("review", "dispense"):
        assert client.get(url(name, sheet)).url == url("prescription_show", sheet)


def test_the_whole_road_through_the_pages(as_, doctor, pharmacist, visit):
    writes, checks = as_(doctor), as_(pharmacist)
    begun = post_ok(writes, reverse("prescription_start", args=[visit.pk]))
    sheet = draft(doctor, record=visit)
    assert begun.url == url("prescription_edit", sheet)
    row(sheet)
    sheet.refresh_from_db()
    post_ok(writes, url("prescription_submit", sheet), {"version": sheet.version})
    sheet.refresh_from_db()
    back = {"version": sheet.version, "reason": "请核对用量"}
    post_ok(checks, url("review_return", sheet), back)
    assert "请核对用量" in writes.get(url("prescription_edit", sheet)).content.decode()
    sheet.refresh_from_db()
    insist = {"version": sheet.version, "insist": "患者既往有效", "password": "correct-horse-7"}
    post_ok(writes, url("prescription_insist", sheet), insist)
    sheet.refresh_from_db()
    assert "患者既往有效" in checks.get(url("review", sheet)).content.decode()
    post_ok(checks, url("review_approve", sheet), {"version": sheet.version})
    sheet.refresh_from_db()
    twice = {"version": sheet.version, "password": "correct-horse-7"}
    post_ok(checks, url("dispense", sheet), twice)

    sheet.refresh_from_db()
    assert sheet.state == "dispensed"


def test_no_alert_and_no_reason_tells_a_guarded_diagnosis_after_the_drugs_are_out_R140(
    doctor, pharmacist, as_
):
    record = visit_of(doctor, diagnosed=False)
    Icd10CodeFactory(code="F32.9", name="抑郁发作")
    consultation.add_diagnosis(consultation=record, code="F32.9", by=doctor)
    sheet = draft(doctor, record=record)
    row(sheet, tablets(elderly="抑郁症慎用或禁用"))
    (finding,) = alerts.opinion(sheet).open
    signing.override(
        prescription=sheet,
        fingerprint=finding.fingerprint,
        reason="other",
        text="抑郁已缓解",
        by=doctor,
    )
    services.submit(prescription=sheet, by=doctor)
    review.approve(prescription=sheet, by=colleague(pharmacist))
    shown, judged = (
        reverse(name, args=[sheet.pk]) for name in ("prescription_show", "evaluation_sheet")
    )
    before = as_(pharmacist).get(shown).content.decode()
    dispensing.dispense(prescription=sheet, by=pharmacist)

    pages = [as_(pharmacist).get(url).content.decode() for url in (shown, judged)]

    assert "抑郁发作" in before
    assert "抑郁已缓解" in before
    assert [page.count("抑郁") for page in pages] == [0, 0]
    assert "抑郁发作" in as_(doctor).get(shown).content.decode()
