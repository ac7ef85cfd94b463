"""Correction, chart and allergies in the browser (R-44, R-141)."""

import uuid

import pytest
from django.urls import reverse

from patients import records
from patients.allergies import add_allergy
from patients.models import Allergy, Patient
from patients.reference import load_allergy_groups
from patients.services import correct
from security.glass import break_glass
from security.models import AuditEntry
from tests.factories.patients import AllergicPatientFactory, AllergyFactory, PatientFactory
from tests.helpers import post_ok
from tests.patients.pages import primaries, queries_of, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def edited(patient, **changes) -> dict:
    values = {
        name: getattr(patient, name) or ""
        for name in (
            "id_type id_number no_id_reason name sex phone contact_name contact_relation"
            " contact_phone address payment version"
        ).split()
    }
    return {
        **values,
        "birth_date": patient.birth_date.isoformat(),
        "notice_given": "on",
        "once": str(uuid.uuid4()),
        **changes,
    }


def test_a_correction_is_saved_and_reading_recorded(frontdesk, as_):
    patient = PatientFactory()
    address = reverse("patient_edit", args=[patient.pk])

    page = words(as_(frontdesk).get(address))
    post_ok(as_(frontdesk), address, edited(patient, address="新村路5号"))

    assert patient.id_number in page and patient.phone in page
    assert Patient.objects.get(pk=patient.pk).address == "新村路5号"
    assert AuditEntry.objects.filter(
        screen="patient_edit", subject=patient.pk, event="read"
    ).exists()


def test_a_colleagues_change_is_shown_and_the_next_save_goes_through(frontdesk, nurse, as_):
    patient = PatientFactory(phone="13800000000")
    form = edited(patient, phone="13811111111")
    correct(patient=patient, by=nurse, version=1, phone="13822222222")
    client, address = as_(frontdesk), reverse("patient_edit", args=[patient.pk])

    response = client.post(address, form)

    page = words(response)
    assert "13822222222" in page and 'value="13811111111"' in page
    assert 'name="version" value="2"' in page
    post_ok(client, address, {**form, "version": "2", "once": str(uuid.uuid4())})
    assert Patient.objects.get(pk=patient.pk).phone == "13811111111"


@pytest.mark.parametrize("version", ["", "x", "-1", "99999999999999999999", "１"])
def test_a_broken_version_is_an_error_not_a_fault(frontdesk, as_, version):
    patient = PatientFactory()

    response = as_(frontdesk).post(
        reverse("patient_edit", args=[patient.pk]), edited(patient, version=version, name="李四")
    )

    assert response.status_code in (200, 302)


def test_a_file_opened_by_mistake_can_no_longer_be_opened(frontdesk, doctor, as_):
    withdrawn = PatientFactory(state="withdrawn")

    assert as_(frontdesk).get(reverse("patient_edit", args=[withdrawn.pk])).status_code == 404
    assert as_(doctor).get(reverse("patient_chart", args=[withdrawn.pk])).status_code == 404


def test_the_chart_masks_and_reveals_on_request_R141(doctor, as_):
    patient = AllergicPatientFactory(phone="13812345678", address="青溪镇北桥村12组36号")
    break_glass(patient=patient.pk, reason="patient", by=doctor)
    client = as_(doctor)

    page = words(client.get(reverse("patient_chart", args=[patient.pk])))
    shown = words(client.post(reverse("patient_reveal", args=[patient.pk])))

    assert "138****5678" in page and "13812345678" not in page
    assert patient.id_number not in page and "12组36号" not in page
    assert page.index("allergy-yes") < page.index(f'class="name">{patient.name}')
    assert "13812345678" in shown and patient.id_number in shown and "12组36号" in shown
    screens = set(AuditEntry.objects.filter(event="read").values_list("screen", flat=True))
    assert screens == {"patient_chart", "patient_reveal"}
    entry = AuditEntry.objects.get(screen="patient_reveal")
    assert entry.additional_data == {"fields": ["id_number", "phone", "contact_phone", "address"]}


def test_a_registered_section_appears_on_the_chart(doctor, as_, monkeypatch):
    monkeypatch.setattr(records, "_sections", {})
    records.register_section(
        "visits",
        title="Visits",
        order=1,
        template="includes/empty.html",
        context=lambda patient, request: {"title": f"{request.user.username} {patient.record_no}"},
    )
    patient = PatientFactory()
    break_glass(patient=patient.pk, reason="patient", by=doctor)

    page = words(as_(doctor).get(reverse("patient_chart", args=[patient.pk])))

    assert f"<h2>doctor {patient.record_no}</h2>" in page
    assert 'id="section-visits"' in page


@pytest.mark.parametrize("page", ["patient_chart", "patient_allergies"])
def test_a_page_asks_the_database_the_same_with_1_and_50_allergies(doctor, as_, page, monkeypatch):
    monkeypatch.setattr(records, "_sections", {})
    one, fifty = AllergicPatientFactory(), AllergicPatientFactory()
    for number in range(49):
        AllergyFactory(patient=fifty, substance=f"药{number}")
    for patient in (one, fifty):
        break_glass(patient=patient.pk, reason="patient", by=doctor)
    client = as_(doctor)
    client.get(reverse(page, args=[PatientFactory().pk]))

    first, second = (
        queries_of(lambda p=patient: client.get(reverse(page, args=[p.pk])))
        for patient in (one, fifty)
    )

    assert first == second


def test_an_allergy_is_added_and_withdrawn_in_two_steps(nurse, as_):
    load_allergy_groups()
    patient = PatientFactory(allergy_status="not_asked")
    client, address = as_(nurse), reverse("patient_allergies", args=[patient.pk])

    post_ok(client, address, {"do": "add", "substance": "头孢", "severity": "mild", "reaction": ""})
    allergy = Allergy.objects.get()
    asked = words(client.get(address, {"withdraw": allergy.pk}))
    post_ok(client, reverse("allergy_withdraw", args=[allergy.pk]))

    assert allergy.group_code == "CEPH"
    assert reverse("allergy_withdraw", args=[allergy.pk]) in asked
    assert Allergy.objects.get().state == "withdrawn"
    assert "头孢" in words(client.get(address))


def test_denied_confirmed_and_not_asked_are_one_click_each(nurse, as_):
    patient = PatientFactory(allergy_status="not_asked")
    client, address = as_(nurse), reverse("patient_allergies", args=[patient.pk])

    for do, status in (("denied", "denied"), ("confirm", "denied"), ("not_asked", "not_asked")):
        response = post_ok(client, address, {"do": do})
        assert response["Location"] == address
        assert Patient.objects.get(pk=patient.pk).allergy_status == status


def test_a_refused_answer_says_why(nurse, as_):
    patient = AllergicPatientFactory()

    response = as_(nurse).post(
        reverse("patient_allergies", args=[patient.pk]), {"do": "denied", "once": uuid.uuid4()}
    )

    assert "withdraw it first" in words(response)


def test_a_denial_goes_on_where_it_was_asked_for_and_never_leads_away(doctor, as_):
    patient = PatientFactory()
    client, address = as_(doctor), reverse("patient_allergies", args=[patient.pk])

    inside = client.post(
        address, {"do": "denied", "next": "/registration/consultations/1/", "once": uuid.uuid4()}
    )
    outside = words(client.get(address, {"next": "https://evil.example/"}))

    assert inside["Location"] == "/registration/consultations/1/"
    assert 'href="https://evil.example' not in outside
    assert 'value="https://evil.example' not in outside


@pytest.mark.parametrize("do", ["", "x", "has", "delete"])
def test_unknown_requests_change_nothing(nurse, as_, do):
    patient = PatientFactory()

    response = as_(nurse).post(reverse("patient_allergies", args=[patient.pk]), {"do": do})

    assert response.status_code == 200
    assert Patient.objects.get(pk=patient.pk).allergy_status == "denied"


@pytest.mark.parametrize("name", ["patient_search", "patient_new"])
def test_every_page_has_one_filled_button(frontdesk, as_, name):
    assert primaries(as_(frontdesk).get(reverse(name))) == 1


@pytest.mark.parametrize("name", ["patient_edit", "patient_allergies"])
def test_every_page_of_a_patient_has_one_filled_button(frontdesk, as_, name):
    patient = AllergicPatientFactory()

    assert primaries(as_(frontdesk).get(reverse(name, args=[patient.pk]))) == 1


def test_an_allergy_of_no_group_says_that_it_stops_nothing_by_itself_R61(doctor, as_):
    load_allergy_groups()
    patient = PatientFactory()
    for substance in ("青霉素", "qms"):
        add_allergy(patient=patient, substance=substance, severity="severe", by=doctor)

    page = as_(doctor).get(f"/patients/{patient.pk}/allergies/").content.decode()

    assert page.count("no known drug group") == 1


def test_a_doctor_confirms_the_group_or_names_another_and_nobody_else_is_offered_it_R44(
    nurse, doctor, as_
):
    load_allergy_groups()
    patient = PatientFactory(allergy_status="not_asked")
    found = add_allergy(patient=patient, by=nurse, substance="青霉素过敏", severity="severe")
    page, settle = (
        reverse("patient_allergies", args=[patient.pk]),
        reverse("allergy_group", args=[found.pk]),
    )
    assert "Group is right" not in words(as_(nurse).get(page))
    refused = as_(nurse).post(settle, {"group": "PCN", "once": str(uuid.uuid4())}, follow=True)
    assert "a doctor says which group it is" in words(refused)
    asked = words(as_(doctor).get(f"{page}?group={found.pk}"))
    assert '<option value="PCN" selected>' in asked

    as_(doctor).post(settle, {"group": "CEPH", "once": str(uuid.uuid4())})

    active = patient.allergies.get(state=Allergy.State.ACTIVE)
    assert (active.group_code, active.group_confirmed_by) == ("CEPH", doctor)
    assert "found by the words" not in words(as_(doctor).get(page))


def test_an_allergy_page_keeps_what_was_typed_and_takes_a_drug_nobody_knows_R44(nurse, as_):
    load_allergy_groups()
    patient, client = PatientFactory(), as_(nurse)
    page = reverse("patient_allergies", args=[patient.pk])
    typed = {
        "do": "add", "once": str(uuid.uuid4()), "substance": "", "unknown": "on",
        "severity": "", "reaction": "皮疹", "source": "family", "since": "2999-01",
    }  # fmt: skip

    wrong = client.post(page, typed)

    assert set(wrong.context["form"].errors) == {"severity", "since"}
    assert 'value="皮疹"' in words(wrong) and 'value="2999-01"' in words(wrong)
    assert '<option value="family" selected>' in words(wrong)
    client.post(page, {**typed, "severity": "mild", "since": "2019.5"})
    allergy = patient.allergies.get()
    assert (allergy.group_code, allergy.since, allergy.source) == ("UNKNOWN", "2019-05", "family")
