"""The patients' pages as their users see them."""

import re
import uuid
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from patients import records
from patients.models import Allergy, Patient
from patients.reference import load_allergy_groups
from patients.services import correct
from security.models import AuditEntry
from tests.factories.patients import (
    AllergicPatientFactory,
    AllergyFactory,
    PatientFactory,
    id_number,
)
from tests.helpers import post_ok

pytestmark = pytest.mark.django_db
BORN = date(1958, 3, 16)


@pytest.fixture(autouse=True)
def english(settings):
    """What is asked of the words here is asked of the source texts."""
    settings.LANGUAGE_CODE = "en"
    translation.activate("en")


def typed(**changes) -> dict:
    """The new-patient form as a browser sends it."""
    return {
        "once": str(uuid.uuid4()),
        "then": "save",
        "id_type": "01",
        "id_number": id_number(BORN),
        "no_id_reason": "",
        "name": "王秀英",
        "sex": "",
        "birth_date": "",
        "phone": "13812345678",
        "contact_name": "",
        "contact_relation": "",
        "contact_phone": "",
        "address": "青溪镇北桥村",
        "payment": "resident",
        "allergy_status": "denied",
        **{f"allergy{n}-{f}": "" for n in range(3) for f in ("substance", "reaction", "severity")},
        **changes,
    }


def words(response) -> str:
    return response.content.decode()


def primaries(response) -> int:
    return len(re.findall(r'class="[^"]*\bbtn-primary\b', words(response)))


# -- search --


def test_a_search_is_posted_and_shows_masked_values_R141(frontdesk, as_):
    patient = AllergicPatientFactory(name="王秀英", phone="13812345678")

    response = as_(frontdesk).post(reverse("patient_search"), {"q": "wxy"})

    page = words(response)
    assert "王秀英" in page and patient.record_no in page and "青霉素" in page
    assert "138****5678" in page
    assert "13812345678" not in page and patient.id_number not in page
    assert reverse("registration_new", args=[patient.pk]) in page
    assert primaries(response) == 1


def test_an_address_finds_nobody(frontdesk, as_):
    PatientFactory(name="王秀英")

    response = as_(frontdesk).get(reverse("patient_search"), {"q": "wxy"})

    assert "王秀英" not in words(response)


def test_the_one_found_has_the_focus_on_its_main_action(frontdesk, doctor, as_):
    PatientFactory(name="王秀英")

    for user, action in ((frontdesk, "Register a visit"), (doctor, "Chart")):
        page = words(as_(user).post(reverse("patient_search"), {"q": "王秀英"}))
        assert re.search(rf"autofocus>{action}</a>", page)
        assert page.count("autofocus") == 1


def test_each_role_gets_the_actions_it_may_do(pharmacist, cashier, as_):
    patient = PatientFactory(name="王秀英")

    for user in (pharmacist, cashier):
        page = words(as_(user).post(reverse("patient_search"), {"q": "王秀英", "reveal": "1"}))
        assert patient.name in page
        assert reverse("patient_edit", args=[patient.pk]) not in page
        assert patient.phone not in page


def test_searching_and_reading_are_recorded_without_what_was_typed(frontdesk, as_):
    patient = PatientFactory(name="王秀英")

    as_(frontdesk).post(reverse("patient_search"), {"q": "王秀英"})

    search, read = AuditEntry.objects.filter(screen="patient_search").order_by("pk")
    assert (search.event, search.additional_data) == ("search", {"found": 1})
    assert (read.event, read.subject) == ("read", patient.pk)
    assert "王" not in search.payload + read.payload


def test_revealing_in_a_list_is_recorded_R141(frontdesk, as_):
    patient = PatientFactory(name="王秀英")

    response = as_(frontdesk).post(reverse("patient_search"), {"q": "王秀英", "reveal": "1"})

    assert patient.phone in words(response) and patient.id_number in words(response)
    assert AuditEntry.objects.filter(screen="patient_reveal", subject=patient.pk).count() == 1


def test_nobody_found_offers_a_new_file_with_what_was_typed_by_post(frontdesk, as_):
    client = as_(frontdesk)

    response = client.post(reverse("patient_search"), {"q": "王秀英"})
    new = client.post(reverse("patient_new"), {"begin": "王秀英"})

    assert 'name="begin" value="王秀英"' in words(response)
    assert primaries(response) == 1
    assert 'name="name" value="王秀英"' in words(new)
    assert not Patient.objects.exists()


@pytest.mark.parametrize(
    ("begin", "field"),
    [("13812345678", "phone"), ("110105 19491231 002X", "id_number"), ("wxy", None), ("<b>", None)],
)
def test_a_new_file_begins_with_the_field_that_was_searched(frontdesk, as_, begin, field):
    response = as_(frontdesk).post(reverse("patient_new"), {"begin": begin})

    given = response.context["form"].initial.keys()
    assert given == ({field} if field else set())


def queries_of(send) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert send().status_code == 200
    return len(captured)


def test_the_search_page_asks_the_database_the_same_for_1_and_50(frontdesk, as_):
    AllergicPatientFactory(name="王秀英")
    for number in range(50):
        AllergicPatientFactory(name="李建国", phone=f"138{number:04d}5678")
    client, address = as_(frontdesk), reverse("patient_search")
    client.post(address, {"q": "nobody"})  # session and content types are warm from here on

    one = queries_of(lambda: client.post(address, {"q": "wxy"}))
    fifty = queries_of(lambda: client.post(address, {"q": "ljg"}))

    assert one == fifty <= 16


# -- new file --


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


# -- correction --


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


def test_a_merged_file_can_no_longer_be_opened(frontdesk, doctor, as_):
    merged = PatientFactory(state="merged", merged_into=PatientFactory())

    assert as_(frontdesk).get(reverse("patient_edit", args=[merged.pk])).status_code == 404
    assert as_(doctor).get(reverse("patient_chart", args=[merged.pk])).status_code == 404


# -- chart --


def test_the_chart_masks_and_reveals_on_request_R141(doctor, as_):
    patient = AllergicPatientFactory(phone="13812345678")
    client = as_(doctor)

    page = words(client.get(reverse("patient_chart", args=[patient.pk])))
    shown = words(client.post(reverse("patient_reveal", args=[patient.pk])))

    assert "138****5678" in page and "13812345678" not in page
    assert patient.id_number not in page
    assert page.index("allergy-yes") < page.index(f'class="name">{patient.name}')
    assert "13812345678" in shown and patient.id_number in shown
    screens = set(AuditEntry.objects.filter(event="read").values_list("screen", flat=True))
    assert screens == {"patient_chart", "patient_reveal"}


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

    page = words(as_(doctor).get(reverse("patient_chart", args=[patient.pk])))

    assert f"<h2>doctor {patient.record_no}</h2>" in page
    assert 'id="section-visits"' in page


@pytest.mark.parametrize("page", ["patient_chart", "patient_allergies"])
def test_a_page_asks_the_database_the_same_with_1_and_50_allergies(doctor, as_, page, monkeypatch):
    monkeypatch.setattr(records, "_sections", {})
    one, fifty = AllergicPatientFactory(), AllergicPatientFactory()
    for number in range(49):
        AllergyFactory(patient=fifty, substance=f"药{number}")
    client = as_(doctor)
    client.get(reverse(page, args=[PatientFactory().pk]))

    first, second = (
        queries_of(lambda p=patient: client.get(reverse(page, args=[p.pk])))
        for patient in (one, fifty)
    )

    assert first == second


# -- allergies --


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


def test_the_way_back_is_kept_and_never_leads_away(doctor, as_):
    patient = PatientFactory()
    client, address = as_(doctor), reverse("patient_allergies", args=[patient.pk])

    inside = client.post(
        address, {"do": "denied", "next": "/registration/consultations/1/", "once": uuid.uuid4()}
    )
    outside = words(client.get(address, {"next": "https://evil.example/"}))

    assert inside["Location"].endswith("?next=%2Fregistration%2Fconsultations%2F1%2F")
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
