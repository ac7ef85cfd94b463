"""A new file in the browser (R-44, R-77, R-81)."""

import re
import uuid
from datetime import date

import pytest
from django.urls import reverse

from patients.models import Allergy, Patient
from patients.reference import load_allergy_groups
from security.models import AuditEntry
from tests.factories.patients import (
    PatientFactory,
    id_number,
)
from tests.helpers import post_ok
from tests.patients.pages import BORN, primaries, typed, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def test_the_document_fills_birth_date_and_sex_without_javascript_R77(frontdesk, as_):
    response = post_ok(as_(frontdesk), reverse("patient_new"), typed())

    patient = Patient.objects.get()
    assert (patient.birth_date, patient.sex) == (BORN, "2")
    assert response["Location"] == reverse("patient_edit", args=[patient.pk])


def test_saving_leads_on_to_registration(frontdesk, as_):
    response = post_ok(as_(frontdesk), reverse("patient_new"), typed(then="register"))

    assert response["Location"] == reverse("registration_new", args=[Patient.objects.get().pk])


def test_a_doctor_saves_only(doctor, as_):
    page = words(as_(doctor).get(reverse("patient_new")))
    response = post_ok(as_(doctor), reverse("patient_new"), typed(then="register"))

    assert "Save and register" not in page
    assert response["Location"] == reverse("patient_edit", args=[Patient.objects.get().pk])


def test_a_double_click_opens_one_file(frontdesk, as_):
    client, form = as_(frontdesk), typed()

    first = post_ok(client, reverse("patient_new"), form)
    second = post_ok(client, reverse("patient_new"), form)

    assert Patient.objects.count() == 1
    assert first["Location"] == second["Location"]


def test_all_errors_are_shown_at_once_and_nothing_typed_is_lost_R155(frontdesk, as_):
    wrong = typed(name="", phone="1381234567", id_number="110105194912310021", allergy_status="")

    response = as_(frontdesk).post(reverse("patient_new"), wrong)

    page = words(response)
    assert set(response.context["form"].errors) >= {"name", "phone", "id_number", "allergy_status"}
    assert 'value="1381234567"' in page and 'value="青溪镇北桥村"' in page
    assert 'value="110105194912310021"' in page
    assert not Patient.objects.exists()


def test_a_returned_form_shows_what_the_document_told_R77(frontdesk, as_):
    response = as_(frontdesk).post(reverse("patient_new"), typed(phone="1"))

    page = words(response)
    assert 'value="1958-03-16"' in page
    assert re.search(r'name="sex"[^>]*value="2" checked', page)


def test_a_difference_is_asked_with_two_answers_R77(frontdesk, as_):
    client, other = as_(frontdesk), typed(birth_date="1958-03-17", sex="2")

    asked = client.post(reverse("patient_new"), other)
    assert 'name="differs"' in words(asked)
    assert not Patient.objects.exists()

    post_ok(client, reverse("patient_new"), {**other, "differs": "typed"})
    assert Patient.objects.get().birth_date == date(1958, 3, 17)


def test_the_document_may_be_taken_instead_R77(frontdesk, as_):
    other = typed(birth_date="1958-03-17", sex="1", differs="document")

    post_ok(as_(frontdesk), reverse("patient_new"), other)

    assert (Patient.objects.get().birth_date, Patient.objects.get().sex) == (BORN, "2")


def test_a_possible_duplicate_stands_beside_the_form_R81(frontdesk, as_):
    first = PatientFactory(name="王秀英", birth_date=BORN, phone="13800009999")
    client, form = as_(frontdesk), typed(then="register")

    response = client.post(reverse("patient_new"), form)

    page = words(response)
    assert first.record_no in page and "138****9999" in page
    assert "13800009999" not in page
    assert reverse("registration_new", args=[first.pk]) in page
    assert primaries(response) == 1
    assert AuditEntry.objects.filter(screen="patient_new", subject=first.pk).count() == 1

    form = {**form, "different": "register", "seen": [str(first.pk)], "once": str(uuid.uuid4())}
    del form["then"]
    response = post_ok(client, reverse("patient_new"), form)
    assert Patient.objects.count() == 2
    assert "registration" in response["Location"]


def test_the_same_number_offers_only_the_file_on_record_R81(frontdesk, as_):
    first = PatientFactory(name="别人", birth_date=BORN, id_number=id_number(BORN))

    response = as_(frontdesk).post(reverse("patient_new"), typed())

    page = words(response)
    assert first.record_no in page
    assert 'name="different"' not in page
    assert Patient.objects.count() == 1


def test_what_nobody_saw_is_no_answer_R81(frontdesk, as_):
    PatientFactory(name="王秀英", birth_date=BORN)

    for seen in ([], ["nonsense"], [str(uuid.uuid4())]):
        response = as_(frontdesk).post(reverse("patient_new"), typed(different="save", seen=seen))
        assert response.status_code == 200

    assert Patient.objects.count() == 1


def test_allergies_are_recorded_with_the_file_R44(frontdesk, as_):
    load_allergy_groups()
    rows = {
        "allergy_status": "has",
        "allergy0-substance": "青霉素",
        "allergy0-reaction": "皮疹",
        "allergy0-severity": "severe",
        "allergy2-substance": "不详",
        "allergy2-severity": "moderate",
    }

    post_ok(as_(frontdesk), reverse("patient_new"), typed(**rows))

    found = {(a.group_code, a.substance, a.severity) for a in Allergy.objects.all()}
    assert found == {("PCN", "青霉素", "severe"), ("UNKNOWN", "不详", "moderate")}


@pytest.mark.parametrize(
    "rows",
    [
        {"allergy_status": "has"},
        {"allergy_status": "has", "allergy0-substance": "青霉素"},
        {"allergy_status": "has", "allergy0-severity": "severe"},
        {"allergy_status": "denied", "allergy1-substance": "青霉素", "allergy1-severity": "mild"},
        {"allergy_status": "has", "allergy0-substance": "无", "allergy0-severity": "mild"},
    ],
)
def test_half_an_answer_about_allergies_comes_back_R44(frontdesk, as_, rows):
    response = as_(frontdesk).post(reverse("patient_new"), typed(**rows))

    page = words(response)
    assert "aria-invalid" in page or "message-error" in page
    for value in rows.values():
        assert f'value="{value}"' in page
    assert not Patient.objects.exists()
    assert not Allergy.objects.exists()
