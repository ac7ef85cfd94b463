"""A chronic patient's refill: the earlier visit's drugs as a new draft that every rule looks at."""

import uuid
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinic.demo.history import move_back
from patients.allergies import add_allergy
from prescriptions import repeating, services
from prescriptions.models import Prescription
from registration.consultation import add_diagnosis, diagnoses_of, finish, save_record
from registration.models import Consultation, Session
from tests.factories.prescriptions import draft, patient_with, row, tablets
from tests.factories.registration import Icd10CodeFactory, open_record, open_session

pytestmark = pytest.mark.django_db


def today(doctor):
    """The doctor's session of today, made on the way."""
    found = Session.objects.filter(clinician__user=doctor, date=timezone.localdate()).first()
    return found or open_session(doctor, quota=99)


def visit_with(doctor, *drugs, patient=None, days=40, **usage):
    """A finished visit so many days ago, at which these drugs were signed."""
    record = open_record(today(doctor), doctor, patient=patient or patient_with())
    Icd10CodeFactory()
    save_record(consultation=record, version=1, complaint="续方取药", by=doctor)
    add_diagnosis(consultation=record, code="J20.9", by=doctor)
    sheet = draft(doctor, record=record)
    for drug in drugs:
        row(sheet, drug, **usage)
    services.submit(prescription=sheet, by=doctor)
    record = finish(consultation=record, by=doctor)
    move_back(record.registration, days=days)
    return record


def next_visit(doctor, old):
    return open_record(today(doctor), doctor, patient=old.patient)


def press_refill(room, record, old, **data):
    version = Consultation.objects.get(pk=record.pk).version
    body = {"version": version, "once": str(uuid.uuid4()), "dx": "", "code": "", "refill": old.pk}
    return room.post(reverse("consultation", args=[record.pk]), {**body, **data})


def test_two_keys_copy_the_visit_and_submit_its_drugs_again_R74(doctor, as_):
    old = visit_with(doctor, tablets(), dose=Decimal("60"), remark="饭后")
    record, room = next_visit(doctor, old), as_(doctor)
    page = room.get(reverse("consultation", args=[record.pk])).content.decode()

    answer = press_refill(room, record, old, examination="心律齐。")
    sheet = Prescription.objects.get(consultation=record)
    submit = {"version": sheet.version, "once": str(uuid.uuid4())}
    submitted = room.post(reverse("prescription_submit", args=[sheet.pk]), submit)

    button = page[page.index('name="refill"') :]
    assert 'accesskey="c"' in button[: button.index(">")]
    assert answer["Location"] == reverse("prescription_edit", args=[sheet.pk])
    assert submitted["Location"] == reverse("prescription_show", args=[sheet.pk])
    (again,), (before,) = sheet.items.all(), old.prescriptions.get().items.all()
    for name in ("drug", "dose", "dose_unit", "route", "frequency", "days", "quantity", "remark"):
        assert getattr(again, name) == getattr(before, name), name
    saved = Consultation.objects.get(pk=record.pk)
    assert (saved.complaint, saved.examination) == (old.complaint, "心律齐。")
    assert [d.code for d in diagnoses_of(record)] == [d.code for d in diagnoses_of(old)]


def test_the_rules_look_at_the_new_draft_as_it_is_today_R43(doctor, as_):
    old = visit_with(doctor, tablets())
    record = next_visit(doctor, old)
    add_allergy(patient=old.patient, substance="氨溴索", severity="severe", by=doctor)

    page = as_(doctor).get(press_refill(as_(doctor), record, old)["Location"])

    assert page.context["refusal"]


def test_reasons_and_skin_tests_are_not_repeated_R45(doctor):
    old = visit_with(doctor, tablets())
    item = old.prescriptions.get().items.get()
    item.skin_test = "negative"
    item.save()
    record = next_visit(doctor, old)

    repeating.repeat(consultation=record, source=old, by=doctor)

    sheet = Prescription.objects.get(consultation=record)
    assert (sheet.items.get().skin_test, sheet.long_reason, sheet.state) == ("", "", "draft")


def test_what_is_out_of_use_is_named_and_the_rest_is_repeated(doctor, as_):
    gone, stays = tablets(), tablets(generic_name="维生素片", ingredients="维生素")
    old = visit_with(doctor, gone, stays)
    gone.active = False
    gone.save()
    record, room = next_visit(doctor, old), as_(doctor)

    page = room.get(press_refill(room, record, old)["Location"])

    assert gone.generic_name in [str(m) for m in page.context["messages"]][-1]
    (sheet,) = Prescription.objects.filter(consultation=record)
    assert [item.drug for item in sheet.items.all()] == [stays]


def test_the_last_reason_for_a_long_supply_is_proposed_and_signed_anew_R23(doctor, as_):
    old = visit_with(doctor, tablets())
    Prescription.objects.filter(consultation=old).update(long_reason="chronic")
    old.prescriptions.get().items.update(days=28, quantity=84)
    record, room = next_visit(doctor, old), as_(doctor)

    page = room.get(press_refill(room, record, old)["Location"])

    assert page.context["usual_reason"] == "chronic" and page.context["refusal"]
    assert 'value="chronic" selected' in page.content.decode()
    assert Prescription.objects.get(consultation=record).long_reason == ""


def test_a_quantity_that_the_doctor_had_set_is_kept(doctor):
    old = visit_with(doctor, tablets(), quantity=40)

    record = next_visit(doctor, old)
    repeating.repeat(consultation=record, source=old, by=doctor)

    assert Prescription.objects.get(consultation=record).items.get().quantity == 40


def test_an_unasked_allergy_refuses_and_keeps_what_is_typed_R44(doctor, as_):
    old = visit_with(doctor, tablets())
    record = next_visit(doctor, old)
    old.patient.allergy_status = "not_asked"
    old.patient.save()

    page = press_refill(as_(doctor), record, old, advice="先问过敏史")

    assert page.status_code == 200 and "先问过敏史" in page.content.decode()
    assert not Prescription.objects.filter(consultation=record).exists()
    assert Consultation.objects.get(pk=record.pk).complaint is None


def test_a_double_click_makes_one_draft(doctor, as_):
    old = visit_with(doctor, tablets())
    record, room, once = next_visit(doctor, old), as_(doctor), str(uuid.uuid4())

    places = {press_refill(room, record, old, once=once)["Location"] for _ in range(2)}

    assert len(places) == Prescription.objects.filter(consultation=record).count() == 1


def test_a_voided_sheet_is_not_repeated(doctor):
    old = visit_with(doctor, tablets())
    services.void(prescription=old.prescriptions.get(), reason="停药", by=doctor)
    record = next_visit(doctor, old)

    assert repeating.repeat(consultation=record, source=old, by=doctor) is None
    assert repeating.lines([old.pk]) == {}


def test_the_page_asks_as_often_for_many_past_visits_with_drugs_as_for_one(doctor, as_):
    drug, room, counts = tablets(), as_(doctor), []
    for many in (1, 5):
        patient = patient_with()
        for days in range(50, 50 + many):
            old = visit_with(doctor, drug, patient=patient, days=days)
        url = reverse("consultation", args=[next_visit(doctor, old).pk])
        room.get(url)

        with CaptureQueriesContext(connection) as queries:
            page = room.get(url)

        assert len([visit for visit in page.context["past"] if visit.ordered]) == many
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_the_usage_stands_beside_the_visit(doctor):
    old = visit_with(doctor, tablets(), dose=Decimal("30"))

    (lines,) = repeating.lines([old.pk]).values()

    assert lines[0].startswith("盐酸氨溴索片 ") and "30mg" in lines[0]
