"""What happens around a merge: forms that were open, other merges, numbers given anew (R-81)."""

from datetime import date

import pytest
from django.urls import reverse

from clinic.core.errors import RuleBroken
from patients import basics, consents, merging
from patients.exchange import fhir_taking
from patients.followup.verbs import open_file
from patients.models import Patient, Received
from patients.services import (
    add_allergy,
    confirm_allergies,
    correct,
    set_allergy_status,
    withdraw_allergy,
)
from prescriptions import pain_files
from registration import booking
from security.glass import break_glass
from tests.factories.patients import AllergicPatientFactory, PatientFactory
from tests.factories.prescriptions import visit_of
from tests.factories.received import document, received
from tests.factories.registration import open_session

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 2)


def fresh(patient: Patient) -> Patient:
    return Patient.objects.get(pk=patient.pk)


WRITTEN = {
    "allergy": lambda p, by, s: add_allergy(patient=p, substance="磺胺", severity="mild", by=by),
    "answer": lambda p, by, s: set_allergy_status(patient=p, status="not_asked", by=by),
    "confirmed": lambda p, by, s: confirm_allergies(patient=p, by=by),
    "consent": lambda p, by, s: consents.answer(
        patient=p, text=consents.explained(), agreed=True, by=by
    ),
    "form": lambda p, by, s: basics.write_basics(patient=p, version=0, answers={}, by=by),
    "history": lambda p, by, s: basics.add_history(
        patient=p, kind="disease", code="2", text="", relative="", since="", by=by
    ),
    "number": lambda p, by, s: booking.register_visit(patient=p, session=s, by=by),
    "correction": lambda p, by, s: correct(
        patient=p, version=fresh(p).version, phone="13900001111", by=by
    ),
    "pain file": lambda p, by, s: pain_files.keep(
        patient=p, pain="cancer", consent_on=DAY, seen_on=DAY, by=by
    ),
    "care": lambda p, by, s: open_file(
        patient=p, kind="htn", facts={"diagnosed": "2020-01-01"}, by=by
    ),
}


@pytest.mark.parametrize("what", WRITTEN)
def test_a_form_that_was_open_writes_nothing_into_a_merged_file_R81(what, doctor, frontdesk):
    kept, session = PatientFactory(), open_session(doctor)
    opened = PatientFactory(allergy_status="denied")
    merging.merge(kept=kept, merged=fresh(opened), reason="同一人", by=frontdesk)
    by = frontdesk if what == "number" else doctor

    with pytest.raises(RuleBroken) as refused:
        WRITTEN[what](opened, by, session)

    assert refused.value.rule == "R-81"


def test_an_allergy_that_has_moved_is_not_withdrawn_under_its_old_file(frontdesk):
    kept, merged = PatientFactory(), AllergicPatientFactory()
    allergy = merged.allergies.get()
    merging.merge(kept=kept, merged=merged, reason="同一人", by=frontdesk)

    with pytest.raises(RuleBroken):
        withdraw_allergy(allergy=allergy, by=frontdesk)

    assert fresh(kept).allergy_status == "has"
    withdraw_allergy(allergy=fresh(kept).allergies.get(), by=frontdesk)
    assert fresh(kept).allergy_status == "not_asked"


def test_documents_from_elsewhere_follow_and_go_back_R151(doctor):
    kept, merged = PatientFactory(), PatientFactory()
    papers = document(merged, doctor)
    brought = received(merged, doctor)
    Received.objects.filter(pk=brought.pk).update(patient=merged)

    made = merging.merge(kept=kept, merged=merged, reason="同一人", by=doctor)

    assert set(kept.received.all()) == {papers, brought}
    merging.undo(merge=made, by=doctor)
    assert set(merged.received.all()) == {papers, brought}


def test_what_came_is_not_taken_into_a_file_that_was_merged_meanwhile(doctor):
    kept, merged = PatientFactory(), PatientFactory()
    brought = received(AllergicPatientFactory(), doctor)
    merging.merge(kept=kept, merged=merged, reason="同一人", by=doctor)
    Received.objects.filter(pk=brought.pk).update(patient=merged)

    with pytest.raises(RuleBroken):
        fhir_taking.take_in(received=brought, by=doctor)

    assert not fresh(merged).allergies.exists()


@pytest.mark.parametrize("number", ["id_number", "health_no"])
def test_a_merge_is_not_undone_where_its_number_is_somebody_elses_by_now(number, frontdesk):
    kept = PatientFactory(health_no="32058310020100001")
    merged = PatientFactory(health_no="32058310020100002")
    value = getattr(merged, number)
    made = merging.merge(kept=kept, merged=merged, reason="同一人", by=frontdesk)
    other = PatientFactory(**{number: value})

    with pytest.raises(RuleBroken, match=other.record_no):
        merging.undo(merge=made, by=frontdesk)

    assert (fresh(merged).state, fresh(other).state) == ("merged", "active")


def test_two_merges_undone_in_any_order_give_everybody_their_own_back(frontdesk):
    files = kept, *others = [PatientFactory(phone=f"1380000111{n}") for n in range(3)]
    take = ["id_number", "phone"]
    before = [(one.id_number, one.phone) for one in files]
    made = [
        merging.merge(kept=kept, merged=other, reason="同一人", take=take, by=frontdesk)
        for other in others
    ]

    for one in made:
        merging.undo(merge=one, by=frontdesk)

    assert [(fresh(one).id_number, fresh(one).phone) for one in files] == before


def test_somebody_unnamed_is_named_by_the_file_that_is_merged_into_theirs_R80(frontdesk):
    kept = PatientFactory(name="无名氏20260501001", is_unnamed=True)
    merged = PatientFactory()

    made = merging.merge(kept=kept, merged=merged, reason="认出", take=["name"], by=frontdesk)

    assert (fresh(kept).name, fresh(kept).is_unnamed) == (merged.name, False)
    merging.undo(merge=made, by=frontdesk)
    assert fresh(kept).is_unnamed


def test_a_doctor_merges_only_what_they_may_read_both_R143(doctor, other_doctor, as_):
    mine, theirs = visit_of(doctor).patient, visit_of(other_doctor).patient
    client, here = as_(doctor), reverse("patient_merge", args=[mine.pk])
    form = {"other": theirs.record_no, "merge": "1", "reason": "同一人"}

    asked = client.get(here, {"other": theirs.record_no})
    posted = client.post(here, form)

    to_question = reverse("break_glass", args=[theirs.pk])
    assert asked["Location"].startswith(to_question)
    assert posted.status_code != 200 and fresh(theirs).state == "active"
    break_glass(patient=theirs.pk, reason="colleague", by=doctor)
    keep = dict.fromkeys(
        client.get(here, {"other": theirs.record_no}).context["form"].names, "keep"
    )
    client.post(here, {**keep, **form})
    assert fresh(theirs).merged_into == mine
