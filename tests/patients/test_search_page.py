"""The search page: posted, masked, recorded (R-141)."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

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

    # Fifty are put in order before twenty are fetched; whoever has it inside is not asked for.
    assert abs(fifty - one) <= 1 and max(fifty, one) <= 17


def find(client, typed: str):
    return client.post(reverse("patient_find"), {"q": typed})


def test_while_typing_the_lines_are_masked_and_lead_on_R141(frontdesk, doctor, cashier, as_):
    patient = PatientFactory(name="王秀英", phone="13812345678")

    for user, way_on in [
        (frontdesk, reverse("registration_new", args=[patient.pk])),
        (doctor, reverse("patient_chart", args=[patient.pk])),
        (cashier, None),
    ]:
        page = words(find(as_(user), "wxy"))
        assert page.count('role="option"') == 1 and 'data-said="1 patient found' in page
        assert patient.name in page and "138****5678" in page
        assert patient.phone not in page and patient.id_number not in page
        assert f'data-go="{way_on}"' in page if way_on else "data-go" not in page
        assert f'data-label="{patient.record_no}"' in page


def test_who_waits_today_is_marked_while_typing(frontdesk, as_, visit_on):
    patient = PatientFactory(name="王秀英")
    visit_on(patient, timezone.localdate())

    assert "here today" in words(find(as_(frontdesk), "wxy"))


def test_while_typing_one_letter_shows_nobody_and_many_are_cut_off(frontdesk, as_):
    for number in range(10):
        PatientFactory(name="王秀英", phone=f"138{number:04d}5678")
    client = as_(frontdesk)

    shown = {typed: words(find(client, typed)) for typed in ["w", "王", "wx", "wq", "13800", ""]}

    assert {typed: page.count("data-label") for typed, page in shown.items()} == {
        "w": 0, "王": 7, "wx": 7, "wq": 0, "13800": 0, "": 0,
    }  # fmt: skip
    assert "Many fit" in shown["wx"] and "Nobody found" in shown["wq"]
    assert "Numbers are found whole" in shown["13800"]
    assert shown["w"].strip() == shown[""].strip() == ""


def test_typing_a_name_notes_each_person_once_and_no_question(frontdesk, as_):
    first, second = PatientFactory(name="王秀英"), PatientFactory(name="王小燕")
    client = as_(frontdesk)

    for typed in ["wa", "wan", "wang", "wangx", "wangxi", "wangxiu", "wangxiuying"]:
        find(client, typed)

    (read,) = AuditEntry.objects.filter(screen="patient_find")
    assert read.event == "read"
    assert {first.pk.bytes, second.pk.bytes} == {read.subjects[:16], read.subjects[16:]}
    assert not AuditEntry.objects.filter(event="search").exists()


def test_a_merged_file_is_found_by_its_number_and_the_page_says_so_R81(frontdesk, as_):
    kept = PatientFactory(name="王秀英")
    PatientFactory(name="王秀瑛", state="merged", merged_into=kept, record_no="P00000009")
    client = as_(frontdesk)

    page, line = (
        words(client.post(reverse("patient_search"), {"q": "p9"})),
        words(find(client, "P9")),
    )

    assert kept.record_no in page and "formerly P00000009" in page
    assert kept.record_no in line and "formerly P00000009" in line


def test_typing_asks_the_database_the_same_for_1_and_50(frontdesk, as_):
    PatientFactory(name="王秀英")
    for number in range(50):
        PatientFactory(name="李建国", phone=f"138{number:04d}5678")
    client = as_(frontdesk)
    find(client, "nobody")

    one, fifty = queries_of(lambda: find(client, "wxy")), queries_of(lambda: find(client, "ljg"))

    # Fifty are put in order before twenty are fetched; whoever has it inside is not asked for.
    assert abs(fifty - one) <= 1 and max(fifty, one) <= 17
