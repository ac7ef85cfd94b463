"""What the rules learn from the file and the library, and in how many queries."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinic.core.errors import RuleBroken
from clinic.core.models import Institution, Setting
from pharmacy import recalling
from prescriptions import alert_report, alerts, dispensing, services, signing
from prescriptions.models import Prescription, PrescriptionItem
from prescriptions.rules import evaluate
from prescriptions.rules.gather import sheet_of
from registration import consultation
from tests.factories.patients import PatientFactory
from tests.factories.prescriptions import (
    MILD_PENICILLIN,
    approved,
    draft,
    patient_with,
    row,
    shipped,
    tablets,
    visit_of,
)
from tests.factories.registration import Icd10CodeFactory

pytestmark = pytest.mark.django_db

DRIP = "18"
CEFIXIME = {"dose": Decimal("0.1"), "dose_unit": "g", "frequency": "bid", "days": 3}


def diagnose(record, code, by):
    record.refresh_from_db()
    Icd10CodeFactory(code=code)
    consultation.add_diagnosis(consultation=record, code=code, by=by)


def judged(sheet):
    return sheet_of(sheet, list(sheet.items.select_related("drug").order_by("rank")))


def keys(sheet):
    return [finding.rule.key for finding in evaluate(judged(sheet))]


def history(sheet, count, start=0):
    """Handed-out sheets of the same patient, made past the verbs: only their number matters."""
    items = list(sheet.items.all())
    for n in range(start, start + count):
        values = {f.attname: getattr(sheet, f.attname) for f in sheet._meta.concrete_fields}
        now = timezone.now()
        values.update(id=uuid.uuid4(), number=f"RX20000101-{n:04d}", state="dispensed")
        twin = Prescription(**{**values, "submitted_at": now, "dispensed_at": now})
        twin.save()
        for item in items:
            copy = {f.attname: getattr(item, f.attname) for f in item._meta.concrete_fields}
            PrescriptionItem(**{**copy, "id": uuid.uuid4(), "prescription_id": twin.pk}).save()


def test_five_drugs_are_checked_in_15_queries_whatever_the_history(
    doctor, shipped_library, shipped_pairs
):
    patient = patient_with(MILD_PENICILLIN)
    sheet = draft(doctor, record=visit_of(doctor, patient=patient, emergency=True))
    row(sheet, shipped("D001"), dose=Decimal("0.5"), dose_unit="g", skin_test="continued")
    row(sheet, shipped("D007"), **CEFIXIME)
    row(sheet, tablets(essential="N", ingredients="甲", generic_name="甲"))
    row(sheet, shipped("D008"), dose=Decimal(1), dose_unit="g", route=DRIP, frequency="qd", days=3)
    row(sheet, shipped("D027"), dose=Decimal(100), frequency="qd")
    history(sheet, 1)

    few = queries_of(sheet)
    history(sheet, 40, start=1)
    many = queries_of(sheet)

    assert few == many <= 15


def queries_of(sheet):
    """How many the check takes; the sheet itself is at hand."""
    fresh = Prescription.objects.get(pk=sheet.pk)
    with CaptureQueriesContext(connection) as queries:
        alerts.opinion(fresh)
    return len(queries)


def test_the_file_tells_age_sex_weight_and_conditions(doctor):
    born = timezone.localdate() - timedelta(days=75)
    record = visit_of(doctor, patient=PatientFactory(birth_date=born, sex="2"))
    consultation.record_vitals(
        registration=record.registration, vitals={"weight": Decimal("5.20")}, by=doctor
    )
    sheet = draft(doctor, record=record)
    row(sheet)

    facts = judged(sheet)

    assert (facts.age, facts.months, facts.sex, facts.weight) == (0, 2, "2", Decimal("5.2"))
    assert [(c.code, c.on) for c in facts.conditions] == [("J20.9", None)]


def test_a_diagnosis_of_an_earlier_visit_is_remembered(doctor, other_doctor):
    patient = patient_with()
    diagnose(visit_of(other_doctor, patient=patient), "J45.9", other_doctor)
    sheet = draft(doctor, patient=patient)
    row(sheet, tablets(elderly="哮喘禁用"))

    assert "contra.disease.unsure" in keys(sheet)


def test_a_pregnancy_found_after_the_review_stops_the_drugs_R43(doctor, pharmacist):
    record = visit_of(doctor, patient=patient_with(sex="2"))
    sheet = approved(doctor, pharmacist, tablets(pregnancy="禁用"), record=record)
    diagnose(record, "Z33", doctor)

    with pytest.raises(RuleBroken) as refusal:
        dispensing.dispense(prescription=sheet, by=pharmacist)

    assert refusal.value.rule == "R-43"


def test_a_lot_recalled_after_the_review_does_not_go_out_R43(doctor, pharmacist):
    drug = tablets()
    sheet = approved(doctor, pharmacist, drug)
    letter = {"reason": "溶出度不合格", "source": "authority", "level": "2"}
    recalling.recall_lot(drug=drug, lot=drug.batches.get().lot, by=pharmacist, **letter)

    with pytest.raises(RuleBroken):
        dispensing.dispense(prescription=sheet, by=pharmacist)


def test_a_later_sheet_is_judged_beside_the_earlier_one_and_not_the_other_way(
    doctor, pharmacist, shipped_pairs
):
    patient = patient_with()
    record = visit_of(doctor, patient=patient)
    first = approved(
        doctor, pharmacist, tablets(class_tags="NSAID", ingredients="甲"), record=record
    )
    second = draft(doctor, record=record)
    row(second, tablets(class_tags="NSAID", ingredients="乙"))

    assert "interaction.serious" in keys(second)
    services.submit(prescription=signed(second), by=doctor)
    assert dispensing.dispense(prescription=first, by=pharmacist).state == "dispensed"


def signed(sheet, reason="monitored"):
    """The sheet with everything signed that asks."""
    for finding in alerts.opinion(sheet).open:
        signing.override(
            prescription=sheet, fingerprint=finding.fingerprint, reason=reason, by=sheet.prescriber
        )
    sheet.refresh_from_db()
    return sheet


@pytest.mark.parametrize(("hours", "found"), [(71, False), (72, True)])
def test_how_long_ago_the_last_penicillin_was_R171(doctor, shipped_library, hours, found):
    record = visit_of(doctor)
    old = draft(doctor, record=record)
    row(old, shipped("D001"), dose=Decimal("0.5"), dose_unit="g", skin_test="negative", days=1)
    ended = timezone.now() - timedelta(hours=hours)
    Prescription.objects.filter(pk=old.pk).update(
        state="dispensed", submitted_at=timezone.now(), dispensed_at=ended - timedelta(days=1)
    )
    sheet = draft(doctor, record=record)
    row(sheet, shipped("D001"), dose=Decimal("0.5"), dose_unit="g", skin_test="continued")

    assert ("skin_test.interrupted" in keys(sheet)) == found


def test_a_second_emergency_above_the_grade_is_refused_R175(doctor, shipped_library):
    record, drug = visit_of(doctor), shipped("D007")
    record.emergency = True
    record.save()
    for found in ("right.emergency", "right.emergency_again"):
        sheet = draft(doctor, record=record)
        row(sheet, drug, **CEFIXIME)

        assert found in keys(sheet)
        signed(sheet)


@pytest.mark.parametrize(
    ("kind", "approval", "refused"),
    [("station", "no", True), ("station", "yes", False), ("centre", "no", False)],
)
def test_antibiotics_into_a_vein_by_kind_of_institution_R50(
    doctor, shipped_library, kind, approval, refused
):
    Institution.objects.update_or_create(pk=1, defaults={"name": "站", "kind": kind})
    Setting.objects.update_or_create(key="antibiotics.into_vein", defaults={"value": approval})
    sheet = draft(doctor)
    row(sheet, shipped("D008"), dose=Decimal(1), dose_unit="g", route=DRIP, frequency="qd", days=3)

    assert ("right.infusion" in keys(sheet)) == refused


def test_an_alert_that_was_heeded_is_in_the_log_and_in_the_report_R43(
    as_, doctor, pharmacist, shipped_library
):
    kept = draft(doctor, patient=patient_with(MILD_PENICILLIN))
    amoxicillin = shipped("D001")
    usage = {"dose": Decimal("0.5"), "dose_unit": "g", "skin_test": "negative"}
    row(kept, amoxicillin, **usage)
    services.submit(prescription=signed(kept), by=doctor)
    changed = draft(doctor, patient=patient_with(MILD_PENICILLIN))
    services.remove_item(item=row(changed, amoxicillin, **usage), by=doctor)

    (tally,) = [t for t in alert_report.report(days=7).rows if t.rule.key == "allergy.recorded"]

    assert (tally.shown, tally.overridden, tally.heeded, tally.share) == (2, 1, 1, 50)
    page = as_(pharmacist).get(reverse("alert_outcomes") + "?days=7")
    assert "50%" in page.content.decode()


def test_the_page_shows_every_rule_R43(as_, doctor):
    page = as_(doctor).get(reverse("rule_table")).content.decode()

    assert all(f'id="{key}"' in page for key in alert_report.RULES)
