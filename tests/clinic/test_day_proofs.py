"""What is proved at the end of a simulated day: a clean day passes, each kind of harm is named."""

import datetime

import pytest
from django.db import connection
from django.utils import timezone

from clinic.day import proofs
from clinic.day.account import Account
from clinic.day.proofs import order_kept
from clinic.day.replay import Replay
from pharmacy.models import Batch
from prescriptions.models import Prescription
from registration import consultation
from registration.models import Registration
from registration.queue import call_next, pass_over, recall
from tests.factories.prescriptions import approved, dispensed, library, tablets
from tests.factories.registration import finished_record, open_session, waiting_visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(doctor):
    return open_session(doctor)


@pytest.fixture
def since():
    return timezone.now() - datetime.timedelta(seconds=1)


def account(since, *visits, **known) -> Account:
    patients = [
        {
            "number": number,
            "visit": str(visit.pk),
            "ticket": visit.number,
            "name": visit.patient.name,
            "patient": str(visit.patient_id),
            "end": "seen",
            "stage": "seen",
            "sheets": [],
            **known,
        }
        for number, visit in enumerate(visits)
    ]
    return Account(since=since, patients=patients)


def test_a_day_in_order_passes_every_call(since, session, doctor, frontdesk):
    late = waiting_visit(session, frontdesk)
    pass_over(registration=call_next(clinician=session.clinician, by=doctor), by=doctor)
    for reason in ["", "pregnant", "", "emergency"]:
        waiting_visit(session, frontdesk, reason=reason)
    recall(registration=late, by=frontdesk)
    while True:
        visit = call_next(clinician=session.clinician, by=doctor)
        consultation.start(registration=visit, by=doctor)
        if visit.pk == late.pk:
            break

    proof = order_kept(account(since))

    assert proof.faults == [] and proof.looked == 5


def test_a_call_out_of_turn_is_named(since, session, doctor, frontdesk):
    first, second = waiting_visit(session, frontdesk), waiting_visit(session, frontdesk)
    Registration.objects.filter(pk=first.pk).update(state="booked")  # hidden from the call
    call_next(clinician=session.clinician, by=doctor)
    Registration.objects.filter(pk=first.pk).update(state="waiting")

    faults = order_kept(account(since)).faults

    assert len(faults) == 1 and f"{second.number}: {first.number}" in faults[0]


def test_a_state_that_the_log_does_not_lead_to_is_named(since, session, frontdesk):
    visit = waiting_visit(session, frontdesk)
    Registration.objects.filter(pk=visit.pk).update(state="finished")

    replay = Replay(timezone.localdate(), since).run()

    assert len(replay.faults) == 1 and replay.faults[0].startswith(f"{visit.number} is finished")


def test_a_patient_without_end_or_with_anothers_slip_is_named(since, session, frontdesk):
    visits = [waiting_visit(session, frontdesk) for _ in range(2)]
    told = account(since, *visits)
    told.patients[0] |= {"end": "", "stage": "waiting"}
    told.patients[1]["ticket"] = told.patients[0]["ticket"]

    accounted, numbers = proofs.everybody_accounted(told), proofs.numbers_once(told)

    assert any("patient 0: no end" in fault for fault in accounted.faults)
    assert any("2 patients hold the slip" in fault for fault in numbers.faults)


@pytest.fixture
def sheet(since, doctor, pharmacist):
    library()
    return dispensed(doctor, pharmacist, tablets())


def test_what_was_handed_out_in_order_passes(since, sheet):
    told = Account(since=since)

    looked = [proofs.reviewed_by_another(told), proofs.handed_out_once(told)]
    looked.append(proofs.sheets_moved_rightly(told))

    assert [one.faults for one in looked] == [[], [], []]
    assert all(one.looked for one in looked)


def test_a_sheet_handed_out_without_a_review_is_named(since, sheet):
    Prescription.objects.filter(pk=sheet.pk).update(reviewer=None)
    with connection.cursor() as cursor:  # the events can't be changed by the ORM
        cursor.execute("DELETE FROM prescriptions_prescriptionevent WHERE new = 'approved'")

    faults = proofs.reviewed_by_another(Account(since=since)).faults

    assert len(faults) == 2


def test_drugs_that_left_twice_or_not_at_all_are_named(since, sheet):
    item = sheet.items.get()
    type(item).objects.filter(pk=item.pk).update(dispensed=item.quantity - 1)

    faults = proofs.handed_out_once(Account(since=since)).faults

    assert faults == [
        f"{sheet.number}/1: {item.quantity} left, {item.quantity - 1} of {item.quantity} noted"
    ]


def test_a_sheet_in_a_state_without_a_step_to_it_is_named(since, doctor, pharmacist):
    library()
    sheet = approved(doctor, pharmacist, tablets())
    Prescription.objects.filter(pk=sheet.pk).update(state="dispensed")

    faults = proofs.sheets_moved_rightly(Account(since=since)).faults

    assert len(faults) == 1 and faults[0].startswith(f"{sheet.number} is dispensed")


def test_a_sheet_that_a_patient_holds_and_the_clinic_does_not_is_named(since, sheet):
    visit = sheet.consultation.registration
    told = account(since, visit, sheets=[sheet.number, "RX20261129-9999"])

    faults = proofs.sheets_accounted(told).faults

    assert faults == [
        f"RX20261129-9999 of {visit.number} is not there",
        f"{sheet.number} (dispensed) is nobody's",
    ]


def test_a_sheet_whose_answer_was_lost_may_be_there_once(since, sheet):
    visit, record = sheet.consultation.registration, str(sheet.consultation_id)
    told = account(since, visit, sheets=[sheet.number])
    lost = {"verb": "sheet", "who": "doctor", "end": "unknown", "facts": {"record": record}}

    told.deeds = [lost]
    assert proofs.sheets_accounted(told).faults == []

    told.deeds = [lost | {"facts": {"record": "another"}}]
    assert proofs.sheets_accounted(told).faults == [f"{sheet.number} (dispensed) is nobody's"]


def test_stock_that_does_not_agree_fails_the_clinics_own_checks(since, sheet, settings, tmp_path):
    settings.CLINIC_CHECKPOINT_DIR = str(tmp_path)  # others read the usual one
    clean = proofs.own_checks(Account(since=since)).faults
    Batch.objects.update(on_hand=7)

    faults = proofs.own_checks(Account(since=since)).faults

    assert clean == []
    assert any(fault.startswith("check_stock") for fault in faults)


def test_a_proof_that_breaks_down_does_not_hold(since, monkeypatch):
    told = proofs.prove(Account(since=since, patients=[{"wrong": 1}]))

    assert not told[0].holds and "broke down" in told[0].faults[0]


def test_a_finished_visit_passes_with_its_times_and_ends_before_it_began_not(
    since, session, frontdesk
):
    visit = finished_record(session, frontdesk).registration
    clean = proofs.times_in_order(Account(since=since)).faults
    Registration.objects.filter(pk=visit.pk).update(finished_at=since)

    faults = proofs.times_in_order(Account(since=since)).faults

    assert clean == [] and len(faults) == 1
