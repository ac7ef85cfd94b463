"""What comes back, and what the doctor may answer: corrected, insisted on, refused (R-38)."""

import pytest
from django.urls import reverse

from clinic.core.errors import RuleBroken
from prescriptions import alerts, dispensing, objections, review, rewriting, services, signing
from prescriptions.models import PrescriptionEvent
from registration import consultation
from tests.factories.prescriptions import approved, corrected, draft, row, submitted, tablets
from tests.factories.registration import Icd10CodeFactory
from tests.helpers import post_ok

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-7"


@pytest.fixture
def returned(doctor, pharmacist):
    return review.return_(prescription=submitted(doctor), codes=["2-7"], by=pharmacist)


@pytest.fixture
def refused(doctor, pharmacist):
    return review.return_(
        prescription=submitted(doctor), codes=["2-5"], reason="超量", refuse=True, by=pharmacist
    )


def test_reasons_are_kept_as_items_and_words_by_drug_are_sealed_R38(doctor, pharmacist):
    sheet = submitted(doctor)
    item = sheet.items.get()

    review.return_(
        prescription=sheet,
        codes=["2-7", "2-5"],
        remarks={item.pk: "日剂量过大"},
        reason="建议减量",
        by=pharmacist,
    )

    event = PrescriptionEvent.objects.last()
    assert event.items == ["2-5", "2-7"]
    assert event.remarks == [[item.pk.hex, item.drug_name, "日剂量过大"]]
    assert PrescriptionEvent.objects.filter(codes__contains="2-5").count() == 1


def test_words_alone_count_as_another_reason_R41(doctor, pharmacist):
    sheet = review.return_(prescription=submitted(doctor), reason="请核对", by=pharmacist)

    assert sheet.events.last().items == ["2-9"]


def test_an_item_that_does_not_exist_returns_nothing(doctor, pharmacist):
    with pytest.raises(RuleBroken):
        review.return_(prescription=submitted(doctor), codes=["9-9"], by=pharmacist)


def test_unchanged_it_does_not_pass_as_corrected_R38(returned, doctor):
    with pytest.raises(RuleBroken) as refusal:
        services.submit(prescription=returned, by=doctor)

    assert refusal.value.rule == "R-38"


def test_undoing_a_change_is_no_correction_R38(returned, doctor):
    added = row(returned, tablets(generic_name="乙", ingredients="乙"))
    services.remove_item(item=added, by=doctor)

    with pytest.raises(RuleBroken):
        services.submit(prescription=returned, by=doctor)


def test_a_diagnosis_written_since_is_a_correction_R38(returned, doctor):
    Icd10CodeFactory(code="R05", name="咳嗽")
    consultation.add_diagnosis(consultation=returned.consultation, code="R05", by=doctor)

    sheet = services.submit(prescription=returned, by=doctor)

    assert (sheet.state, sheet.insisted_at) == ("submitted", None)


def test_insisting_is_marked_for_the_evaluation_and_may_be_approved_R38(
    returned, doctor, pharmacist
):
    sheet = services.submit(prescription=returned, insist="既往有效", by=doctor)

    event = sheet.events.last()
    assert (event.mark, event.reason) == ("insisted", "既往有效")
    passed = review.approve(prescription=sheet, by=pharmacist)
    assert passed.state == "paid" and passed.insisted_at


def test_the_mark_goes_when_the_sheet_is_corrected_after_all_R38(returned, doctor, pharmacist):
    sheet = services.submit(prescription=returned, insist="既往有效", by=doctor)
    review.return_(prescription=sheet, codes=["2-7"], by=pharmacist)
    sheet.refresh_from_db()

    sheet = services.submit(prescription=corrected(sheet), by=doctor)

    assert sheet.insisted_at is None
    assert sheet.events.filter(mark="insisted").count() == 1


def test_nobody_insists_on_what_nobody_objects_to(doctor, pharmacist):
    sheet = approved(doctor, pharmacist)
    sheet = dispensing.send_back(prescription=sheet, reason="缺货", by=pharmacist)

    with pytest.raises(RuleBroken):
        services.submit(prescription=sheet, insist="要", by=doctor)

    assert services.submit(prescription=sheet, by=doctor).state == "submitted"


def test_a_refused_sheet_is_not_insisted_on_R38(refused, doctor):
    with pytest.raises(RuleBroken) as refusal:
        services.submit(prescription=refused, insist="要", by=doctor)

    assert "refused" in refusal.value.message or "拒" in refusal.value.message
    assert refused.events.last().mark == "refused"


def test_written_anew_on_another_sheet_the_reviewer_sees_the_refusal_R38(
    refused, doctor, pharmacist, as_
):
    sheet = draft(doctor, record=refused.consultation)
    rewriting.copy_last(prescription=sheet, by=doctor)
    copy = services.submit(prescription=sheet, by=doctor)
    client = as_(pharmacist)

    page = client.get(reverse("review", args=[copy.pk]))

    assert page.context["refused_beside"].prescription == refused
    assert "超量" in page.content.decode()
    assert (copy.state, copy.reviewer, copy.insisted_at) == ("submitted", None, None)
    assert not copy.alerts.filter(outcome="overridden").exists()


def test_what_was_refused_does_not_come_back_by_a_detour_R38(refused, doctor, pharmacist):
    item = refused.items.get()
    other = services.submit(prescription=corrected(refused), by=doctor)
    review.return_(prescription=other, codes=["2-7"], by=pharmacist)
    item.refresh_from_db()
    usage = {"dose": item.dose, "dose_unit": item.dose_unit, "route": item.route}
    usage |= {"frequency": item.frequency, "days": 5}
    services.change_item(item=item, drug=item.drug, by=doctor, **usage)

    with pytest.raises(RuleBroken):
        services.submit(prescription=other, by=doctor)


def test_the_page_insists_only_with_the_own_password_R38(returned, doctor, as_):
    client, url = as_(doctor), reverse("prescription_insist", args=[returned.pk])
    typed = {"version": returned.version, "insist": "既往有效"}

    wrong = client.post(url, {**typed, "password": "wrong-horse-7"})
    post_ok(client, url, {**typed, "password": PASSWORD})

    assert wrong.status_code == 200 and 'value="既往有效"' in wrong.content.decode()
    assert "wrong-horse-7" not in wrong.content.decode()
    returned.refresh_from_db()
    assert returned.insisted_at


def test_the_doctor_reads_items_remarks_and_suggestion(doctor, pharmacist, as_):
    sheet = submitted(doctor)
    item = sheet.items.get()
    data = {"version": sheet.version, "codes": ["2-7", "2-5"], "reason": "建议减量"}
    data[f"remark-{item.pk.hex}"] = "与上次重复"

    post_ok(as_(pharmacist), reverse("review_return", args=[sheet.pk]), data)

    page = as_(doctor).get(reverse("prescription_edit", args=[sheet.pk])).content.decode()
    for words in ("2-7", "2-5", str(objections.TITLES["2-7"]), "建议减量", "与上次重复"):
        assert words in page, words
    assert reverse("prescription_insist", args=[sheet.pk]) in page


def test_the_alerts_propose_reasons_and_choose_none(doctor, pharmacist, as_):
    sheet = draft(doctor)
    for name in ("甲", "乙"):
        row(sheet, tablets(generic_name=name, ingredients="同一成分"))
    for finding in alerts.opinion(sheet).open:
        asked = {"fingerprint": finding.fingerprint, "reason": "monitored"}
        signing.override(prescription=sheet, by=doctor, **asked)
    services.submit(prescription=sheet, by=doctor)

    page = as_(pharmacist).get(reverse("review", args=[sheet.pk]))

    assert "2-7" in [box["number"] for box in page.context["choices"]["proposed"]]
    assert " checked" not in page.content.decode()


def test_words_of_a_return_are_kept_for_who_typed_them_alone(
    doctor, pharmacist, other_pharmacist, as_
):
    sheet, client = submitted(doctor), as_(pharmacist)
    page, to = (reverse(name, args=[sheet.pk]) for name in ("review", "review_return"))
    words = {"typed_of": to, "typed_page": page, "version": sheet.version, "reason": "疗程偏长"}

    kept = client.post(reverse("draft_keep"), words)

    assert kept.status_code == 200
    [offer] = client.get(page).context["offers"]
    shown = client.post(to, {"kept": str(offer.id)}).content.decode()
    assert 'value="疗程偏长"' in shown
    sheet.refresh_from_db()
    assert sheet.state == "submitted"
    assert not as_(other_pharmacist).get(page).context["offers"]
