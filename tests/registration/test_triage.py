"""Triage: one list, one short form, the next patient by itself (R-44, R-92, R-105, R-159)."""

from decimal import Decimal

import pytest

from clinic.core.errors import RuleBroken
from patients.models import AllergyStatus
from registration.models import Consultation, Registration
from registration.triage import next_after, triage, untriaged
from tests.factories.patients import AllergyFactory, PatientFactory
from tests.factories.registration import BORN, called_visit, open_record, waiting_visit
from tests.helpers import post_ok
from tests.registration.test_query_counts import same

HOME = "/registration/triage/"
NONE = {"temperature": None}


def page_of(visit) -> str:
    return f"{HOME}{visit.pk}/"


def asked(session, frontdesk, status="not_asked", **fields) -> Registration:
    patient = PatientFactory(birth_date=BORN, allergy_status=status)
    return waiting_visit(session, frontdesk, patient=patient, **fields)


def test_who_waits_and_was_not_asked_stands_there_emergencies_first(session, frontdesk, nurse):
    open_record(session, frontdesk)
    first, second = (waiting_visit(session, frontdesk) for _ in range(2))
    urgent = waiting_visit(session, frontdesk, reason="emergency")

    triage(registration=first, vitals=NONE, by=nurse)

    assert untriaged(nurse) == [urgent, second]
    assert next_after(untriaged(nurse), urgent.pk) == second
    assert next_after(untriaged(nurse), second.pk) == urgent


def test_everything_is_written_in_one_go_with_the_servers_time_R105(session, frontdesk, nurse):
    visit = asked(session, frontdesk)

    done = triage(
        registration=visit,
        vitals={"temperature": Decimal("39.2"), "pulse": Decimal("120")},
        reason="pregnant",
        allergy="has",
        substance="青霉素",
        severity="severe",
        by=nurse,
    )

    done.refresh_from_db()
    assert done.triaged_at >= done.checked_in_at
    assert (done.priority, done.priority_reason) == (20, "pregnant")
    assert Consultation.objects.get().vitals == {"temperature": "39.2", "pulse": "120"}
    patient = done.patient
    assert patient.allergy_status == AllergyStatus.HAS
    assert patient.allergies.get().substance == "青霉素"


def test_a_refused_answer_writes_nothing_at_all(session, frontdesk, nurse):
    visit = asked(session, frontdesk)

    with pytest.raises(RuleBroken) as refusal:
        triage(registration=visit, vitals={"pulse": Decimal(80)}, allergy="has", by=nurse)

    assert refusal.value.field == "substance"
    assert not Consultation.objects.exists()
    assert Registration.objects.get().triaged_at is None


@pytest.mark.parametrize(
    "before, answer, after",
    [
        ("not_asked", "", "not_asked"),  # asks, and never blocks
        ("not_asked", "denied", "denied"),
        ("not_asked", "not_asked", "not_asked"),
        ("denied", "denied", "denied"),
        ("has", "has", "has"),
    ],
)
def test_the_three_answers_about_allergies_R44(session, frontdesk, nurse, before, answer, after):
    visit = asked(session, frontdesk, before)
    if before == "has":
        AllergyFactory(patient=visit.patient)

    triage(registration=visit, vitals=NONE, allergy=answer, by=nurse)

    patient = Registration.objects.get().patient
    assert patient.allergy_status == after
    assert (patient.allergy_confirmed_by == nurse) == (answer in ("denied", "has"))


def test_a_drug_beside_a_denial_is_asked_about(session, frontdesk, nurse):
    with pytest.raises(RuleBroken) as refusal:
        triage(
            registration=asked(session, frontdesk),
            vitals=NONE,
            allergy="denied",
            substance="青霉素",
            severity="mild",
            by=nurse,
        )
    assert refusal.value.field == "allergy"


def test_whoever_the_doctor_has_begun_with_is_left_to_the_doctor(session, frontdesk, nurse):
    visit = open_record(session, frontdesk).registration

    with pytest.raises(RuleBroken, match=visit.number):
        triage(registration=visit, vitals=NONE, by=nurse)


def test_the_page_goes_from_patient_to_patient_and_ends_R159(session, frontdesk, nurse, as_):
    visits = [asked(session, frontdesk) for _ in range(2)]
    client = as_(nurse)
    data = {"temperature": "43", "allergy": "denied", "because": ""}

    question = client.post(page_of(visits[0]), data).content.decode()
    saved = client.post(page_of(visits[0]), {**data, "confirmed": "temperature=43"}, follow=True)
    last = client.post(page_of(visits[1]), {"because": "emergency"}, follow=True)

    assert "temperature=43" in question and "autofocus" in question
    assert saved.redirect_chain[-1][0] == page_of(visits[1])
    assert last.redirect_chain[-1][0] == HOME and last.context["line"] == []
    assert Registration.objects.get(pk=visits[1].pk).priority == 40


def test_a_press_on_the_empty_page_passes_nobody_over(session, frontdesk, nurse, as_):
    visit = asked(session, frontdesk)

    page = as_(nurse).post(page_of(visit), {"because": "", "seen": ""}).content.decode()

    assert "没有保存：还没有填写" in page or "Not saved: nothing is filled in" in page
    assert untriaged(nurse) == [visit]


def test_a_page_opened_before_takes_no_emergency_and_no_number_back_R92(
    session, frontdesk, nurse, as_
):
    visit = asked(session, frontdesk)
    triage(registration=visit, vitals={"temperature": Decimal("37.2")}, by=nurse)
    page = as_(nurse).get(page_of(visit)).content.decode()
    triage(
        registration=visit, vitals={"temperature": Decimal("39.5")}, reason="emergency", by=nurse
    )

    old = {"temperature": "37.2", "shown": "temperature=37.2", "because": "", "seen": ""}
    post_ok(as_(nurse), page_of(visit), {**old, "pulse": "80"})
    kept = Registration.objects.get().priority_reason
    post_ok(as_(nurse), page_of(visit), {"because": "", "seen": "emergency"})

    assert 'name="seen"' in page and 'value="temperature=37.2"' in page and kept == "emergency"
    assert Consultation.objects.get().vitals == {"temperature": "39.5", "pulse": "80"}
    assert Registration.objects.get().priority_reason == ""


def test_after_vital_signs_alone_nobody_is_asked_twice(session, frontdesk, nurse, as_):
    visit = asked(session, frontdesk)

    post_ok(as_(nurse), f"/registration/{visit.pk}/vitals/", {"pulse": "80"})

    assert untriaged(nurse) == []


def test_a_doctor_sees_the_own_patients_alone(session, other_session, doctor, frontdesk, as_):
    mine, theirs = called_visit(session, frontdesk), waiting_visit(other_session, frontdesk)

    assert untriaged(doctor) == [mine]
    assert as_(doctor).get(page_of(theirs)).status_code == 404
    assert as_(frontdesk).get(HOME).status_code == 403


def test_as_many_queries_for_thirty_as_for_one(doctor, frontdesk, nurse, as_, session):
    session.quota = 100
    session.save()
    visit = waiting_visit(session, frontdesk)

    same(
        as_(nurse),
        page_of(visit),
        lambda: [waiting_visit(session, frontdesk) for _ in range(30)],
    )
