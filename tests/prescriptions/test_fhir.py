"""This app's part of an export (FHIR R4): complete, coded, with lots; guarded visits are marked."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from patients import records
from patients.fhir_parts import UCUM
from prescriptions import dispensing, fhir, fhir_dosage, returning, review, services
from prescriptions.dictionary import frequencies, routes
from prescriptions.states import RxState
from registration import fhir as visits
from registration.consultation import add_diagnosis
from tests.factories.herbs import herbal_dispensed, piece
from tests.factories.pharmacy import put_on_shelf
from tests.factories.prescriptions import (
    colleague,
    dispensed,
    draft,
    row,
    tablets,
)
from tests.factories.registration import Icd10CodeFactory

pytestmark = pytest.mark.django_db
# Elements that R4 requires (cardinality 1..) or a constraint asks for.
REQUIRED = {
    "MedicationRequest": {"id", "status", "intent", "medicationCodeableConcept", "subject"},
    "MedicationDispense": {"id", "status", "medicationReference", "subject", "whenHandedOver"},
}
# The value sets of R4, both required.
REQUESTS = {"active", "on-hold", "cancelled", "completed", "entered-in-error", "stopped", "draft"}
DISPENSES = {"completed", "stopped"}
DRIP = "18"


def of(kind: str, patient) -> list[dict]:
    return [found for found in fhir.contribute(patient, by=None) if found["resourceType"] == kind]


def references(value) -> set[str]:
    if isinstance(value, dict):
        own = {value["reference"]} if "reference" in value else set()
        return own.union(*(references(part) for part in value.values()))
    if isinstance(value, list):
        return set().union(*(references(part) for part in value))
    return set()


def dosage_of(sheet, **usage) -> dict:
    item = row(sheet, **usage)
    item.prescription = sheet
    return fhir_dosage.dosage(item, [])


def test_every_resource_is_complete_and_points_at_what_is_there(doctor, pharmacist):
    sheet = dispensed(doctor, pharmacist)

    found = fhir.contribute(sheet.patient, by=None)

    assert fhir.contribute in records.fhir_contributors()
    assert {part["resourceType"] for part in found} == set(REQUIRED)
    for part in found:
        assert part.keys() >= REQUIRED[part["resourceType"]], part
        assert part["status"] in REQUESTS | DISPENSES
    everything = found + visits.contribute(sheet.patient, by=None)
    there = {f"{part['resourceType']}/{part['id']}" for part in everything}
    assert len(there) == len(everything)  # no id twice
    assert references(found) <= there | {f"Patient/{sheet.patient_id}", "#handed-out"}
    assert json.loads(json.dumps(found, ensure_ascii=False)) == found


def test_every_state_of_R34_has_a_status_of_R4(doctor):
    assert set(fhir.STATUSES) == set(RxState)
    assert set(fhir.STATUSES.values()) <= REQUESTS


def test_what_went_out_names_lot_giver_and_quantity(doctor, pharmacist):
    sheet = dispensed(doctor, pharmacist)

    (request,) = of("MedicationRequest", sheet.patient)
    (handed,) = of("MedicationDispense", sheet.patient)

    item = sheet.items.get()
    assert request["status"] == handed["status"] == "completed"
    assert request["identifier"] == [{"value": f"{sheet.number}/1"}]
    assert request["groupIdentifier"] == {"value": sheet.number}
    assert request["substitution"] == {"allowedBoolean": False}
    assert request["requester"]["display"] == "林海生"
    assert request["dispenseRequest"]["validityPeriod"]["end"] == sheet.valid_until.isoformat()
    assert handed["performer"] == [{"actor": {"display": "许文娟"}}]
    assert handed["quantity"] == {"value": 15, "unit": "片"}
    assert handed["contained"][0]["batch"]["lotNumber"] == f"L{item.drug_id}"
    assert handed["whenHandedOver"].endswith("+08:00")
    assert handed["authorizingPrescription"] == [{"reference": f"MedicationRequest/{item.pk}"}]


def test_the_usual_dose_is_structured_R163(sheet):
    found = dosage_of(sheet, frequency="tid", days=5, remark="饭后")

    (rate,) = found["doseAndRate"]
    assert rate["doseQuantity"] == {"value": 30, "unit": "mg", "system": UCUM, "code": "mg"}
    assert found["route"]["coding"][0]["code"] == "PO" and found["route"]["text"] == "口服"
    assert found["timing"]["code"]["coding"][0]["code"] == "TID"
    repeat = found["timing"]["repeat"]
    assert (repeat["frequency"], repeat["period"], repeat["periodUnit"]) == (3, 1, "d")
    assert repeat["timeOfDay"] == ["08:00:00", "12:00:00", "16:00:00"]
    assert repeat["boundsDuration"]["value"] == 5
    assert found["patientInstruction"] == "饭后" and not found["asNeededBoolean"]
    assert "口服" in found["text"] and "30mg" in found["text"]


TIMINGS = [
    ("qod", {"frequency": 1, "period": 2, "periodUnit": "d"}),
    ("qw", {"frequency": 1, "period": 1, "periodUnit": "wk"}),
    ("biw", {"frequency": 2, "period": 1, "periodUnit": "wk"}),
    ("q8h", {"frequency": 1, "period": 8, "periodUnit": "h"}),
    ("5x/d", {"frequency": 5, "period": 1, "periodUnit": "d"}),
    ("st", {"count": 1}),
    ("prn", {}),
]


@pytest.mark.parametrize(("code", "expected"), TIMINGS)
def test_coded_frequencies_keep_their_meaning_R164(sheet, code, expected):
    found = dosage_of(sheet, frequency=code, days=7, quantity=6)

    repeat = found["timing"]["repeat"]
    repeat.pop("boundsDuration", None)
    assert repeat == expected
    assert found["asNeededBoolean"] == (code == "prn")


def test_every_code_of_the_dictionaries_is_exported():
    for frequency in frequencies().values():
        assert fhir_dosage._timing(frequency, 3)["code"]["text"] == frequency.name
    without = {route.name for route in routes().values() if route.code not in fhir_dosage.ROUTES}
    assert without == {"局部浸润"}  # the table has no word for it; its name is exported


def test_drugs_of_one_infusion_name_each_other_and_the_rate_R37(doctor):
    sheet = draft(doctor)
    usage = {"route": DRIP, "frequency": "qd", "days": 3, "drip": "40~60滴/分", "group": 1}
    facts = {"dosage_form": "注射剂", "base_unit": "支", "units_per_pack": 10}
    bag, mixed = (
        row(sheet, tablets(generic_name=name, ingredients=name, **facts), **usage)
        for name in ("氯化钠注射液", "氨溴索注射液")
    )
    row(sheet)

    first, second, alone = of("MedicationRequest", sheet.patient)

    assert first["supportingInformation"] == [{"reference": f"MedicationRequest/{mixed.pk}"}]
    assert second["supportingInformation"] == [{"reference": f"MedicationRequest/{bag.pk}"}]
    (dosage,) = first["dosageInstruction"]
    rate = dosage["doseAndRate"][0]["rateRange"]
    assert [rate[end]["value"] for end in ("low", "high")] == [40, 60]
    assert rate["low"]["code"] == "[drp]/min"
    assert "氯化钠注射液 + 氨溴索注射液" in dosage["text"]
    assert "supportingInformation" not in alone and first["status"] == "draft"


def test_a_herbal_piece_is_taken_as_its_sheet_says_R21(doctor, pharmacist):
    sheet = herbal_dispensed(doctor, pharmacist, (piece("黄芪"), "15.5", ""))

    (request,) = of("MedicationRequest", sheet.patient)

    (dosage,) = request["dosageInstruction"]
    assert dosage["doseAndRate"][0]["doseQuantity"]["value"] == 15.5
    assert "水煎服" in dosage["text"] and "15.5g" in dosage["text"]
    assert request["dispenseRequest"]["quantity"]["code"] == "g"


def test_what_was_given_up_or_bought_outside_was_not_handed_out_R123(doctor, pharmacist):
    sheet = draft(doctor)
    row(sheet)
    second = row(sheet, tablets(generic_name="甲", ingredients="甲"))
    row(sheet, tablets(generic_name="乙", ingredients="乙"), outside=True)
    services.submit(prescription=sheet, by=doctor)
    sheet = review.approve(prescription=sheet, by=colleague(pharmacist))
    dispensing.dispense(prescription=sheet, parts={second.pk: 0}, by=pharmacist)
    dispensing.give_up_rest(prescription=sheet, by=doctor)

    found = of("MedicationRequest", sheet.patient)

    assert [request["status"] for request in found] == ["completed", "stopped", "unknown"]
    assert len(of("MedicationDispense", sheet.patient)) == 1


def test_what_came_back_is_told_by_lot_and_part_R117(doctor, pharmacist):
    sheet = draft(doctor)
    item = row(sheet, tablets(stock=100), quantity=40)
    services.submit(prescription=sheet, by=doctor)
    sheet = review.approve(prescription=sheet, by=colleague(pharmacist))
    for _time in range(2):
        sheet = dispensing.dispense(prescription=sheet, parts={item.pk: 20}, by=pharmacist)
    out = returning.out_of(sheet)[0]
    returning.take_back(
        prescription=sheet, rows=[(out.movement, 20, True)], reason="adverse", by=pharmacist
    )

    found = of("MedicationDispense", sheet.patient)

    assert sorted(handed["status"] for handed in found) == ["completed", "stopped"]
    assert sum("note" in handed for handed in found) == 1


def test_a_guarded_visit_marks_its_drugs_as_restricted_R140(doctor, pharmacist):
    sheet = dispensed(doctor, pharmacist)
    before = fhir.contribute(sheet.patient, by=None)
    Icd10CodeFactory(code="F32.9", name="抑郁发作", initials="YYFZ")
    add_diagnosis(consultation=sheet.consultation, code="F32.9", by=doctor)

    after = fhir.contribute(sheet.patient, by=None)

    assert not any("meta" in part for part in before)
    assert {part["meta"]["security"][0]["code"] for part in after} == {"R"}


def test_five_sheets_take_as_many_queries_as_one(doctor, pharmacist):
    sheet = dispensed(doctor, pharmacist)
    patient = sheet.patient

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            fhir.contribute(patient, by=None)
        return len(queries)

    before = count()
    for name in ("甲", "乙", "丙", "丁"):
        drug = tablets(generic_name=name, ingredients=name)
        put_on_shelf(drug, 3, lot=f"Z{name}")
        more = draft(doctor, record=sheet.consultation)
        row(more, drug)
        services.submit(prescription=more, by=doctor)
        more = review.approve(prescription=more, by=colleague(pharmacist))
        dispensing.dispense(prescription=more, by=pharmacist)

    assert count() == before <= 6
