"""The search page: posted, masked, recorded (R-141)."""

import re

import pytest
from django.urls import reverse

from patients.models import Patient
from security.models import AuditEntry
from tests.factories.patients import (
    AllergicPatientFactory,
    PatientFactory,
)
from tests.patients.pages import primaries, queries_of, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


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


def test_the_search_page_asks_the_database_the_same_for_1_and_50(frontdesk, as_):
    AllergicPatientFactory(name="王秀英")
    for number in range(50):
        AllergicPatientFactory(name="李建国", phone=f"138{number:04d}5678")
    client, address = as_(frontdesk), reverse("patient_search")
    client.post(address, {"q": "nobody"})  # session and content types are warm from here on

    one = queries_of(lambda: client.post(address, {"q": "wxy"}))
    fifty = queries_of(lambda: client.post(address, {"q": "ljg"}))

    assert one == fifty <= 18
