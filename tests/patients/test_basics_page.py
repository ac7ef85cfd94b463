"""The form's page, its paper, and the page of corrections (R-59, R-60, R-141)."""

import re
import uuid
from datetime import date

import pytest
from django.urls import reverse

from patients.basics import basics_of, histories_of, write_basics
from patients.basics_rules import PARTS, Entry
from patients.models import Change
from patients.services import correct
from security.glass import break_glass
from security.models import AuditEntry
from tests.factories.patients import AllergicPatientFactory, PatientFactory
from tests.patients.pages import primaries, queries_of, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def url(patient, name="patient_basics") -> str:
    return reverse(name, args=[patient.pk])


def typed(**changes) -> dict:
    """The form as a browser sends it, with nothing filled in; None leaves a field out."""
    values = {"once": str(uuid.uuid4()), "version": "0", "workplace": "", **changes}
    return {name: value for name, value in values.items() if value is not None}


def shown(page) -> dict:
    """What the page would send: the value of each text field and select, ticks as lists."""
    text, found = words(page), {}
    for tag in re.findall(r"<input[^>]*>", text):
        of = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if "name" not in of or of.get("type") == "search":
            continue
        if of.get("type") in ("checkbox", "radio"):
            if " checked" in tag:
                found.setdefault(of["name"], []).append(of.get("value", "on"))
        else:
            found[of["name"]] = of.get("value", "")
    for name, inside in re.findall(r'<select name="(\w+)"[^>]*>(.*?)</select>', text, re.S):
        chosen = re.findall(r'value="([^"]*)" selected', inside)
        found[name] = chosen[0] if chosen else ""
    return found


def test_a_form_is_filled_in_and_comes_back_as_it_was_sent_R59(nurse, as_):
    patient, client = PatientFactory(), as_(nurse)
    data = typed(
        workplace="青溪粮站", residence="1", ethnic="03", abo="2", rh="2", payment=["3", "8"],
        payment_other="救助", exposure="1", disability=["3"], fuel="6", fuel_other="电",
        disease_2="on", disease_2_since="2015年6月", disease_6_text="肺癌", other_0_text="痛风",
        other_0_since="2019", none_surgery="on", trauma_0_text="骨折", trauma_0_since="2001",
        none_transfusion="on", none_father="on", family_mother=["2", "7"],
        family_sibling_text="哮喘；白内障", genetic="血友病",
    )  # fmt: skip

    saved = client.post(url(patient), data)

    assert saved.status_code == 302
    again = shown(client.get(url(patient)))
    sent = {**data, "version": "1", "disease_2_since": "2015-06", "histories": "has"}
    sent |= {"disease_6": "on", "once": again["once"]}
    for name, value in sent.items():
        assert again[name] in (value, [value]), name
    assert {h.text for h in histories_of(patient) if h.kind == "family"} == {"", "哮喘", "白内障"}

    back = client.post(url(patient), {**again, "once": str(uuid.uuid4())})

    assert back.status_code == 302
    assert basics_of(patient).version == 1  # what came back is what was there


def test_wrong_entries_are_told_at_their_fields_and_nothing_typed_is_lost_R59(nurse, as_):
    patient = PatientFactory()
    data = typed(
        workplace="青溪粮站", exposure=["1", "2"], payment="8", disease_3="on",
        disease_3_since="1950", surgery_0_since="2010", none_father="on", family_father=["4"],
        trauma_1_text="骨折", trauma_1_since="以前", histories="denied",
    )  # fmt: skip

    page = as_(nurse).post(url(patient), data)

    wrong = set(page.context["form"].errors)
    assert wrong == {
        "exposure", "payment_other", "disease_3_since", "surgery_0_text", "none_father",
        "trauma_1_since", "histories",
    }  # fmt: skip
    again, text = shown(page), words(page)
    for name, value in data.items():
        if name != "once":
            assert again[name] in (value, [value]), name
    for name in wrong:
        assert f'id="id_{name}_error"' in text, name
    assert primaries(page) == 1
    assert basics_of(patient).version == 0


def test_what_is_left_is_filled_with_none_and_nothing_else_is_touched(nurse, as_):
    patient = PatientFactory()
    client = as_(nurse)

    page = client.post(url(patient), typed(fill="rest", disability="5", family_mother="2"))

    filled = shown(page)
    assert (filled["exposure"], filled["disability"]) == (["1"], ["5"])
    assert filled["histories"] == ["denied"]
    none = {name.removeprefix("none_") for name in filled if name.startswith("none_")}
    assert none == set(PARTS) - {"mother"}
    assert basics_of(patient).version == 0
    assert client.post(url(patient), filled).status_code == 302
    assert basics_of(patient).histories == "denied"


def test_a_colleagues_change_is_shown_and_the_next_save_goes_through(nurse, doctor, as_):
    patient = PatientFactory()
    write_basics(patient=patient, by=doctor, version=0, answers={"abo": "1"}, workplace="粮站")

    page = as_(nurse).post(url(patient), typed(abo="2", workplace="粮站"))

    assert [line["value"] for line in page.context["form"].meanwhile] == ["A"]
    retry = as_(nurse).post(url(patient), {**shown(page), "once": str(uuid.uuid4())})
    assert retry.status_code == 302
    assert basics_of(patient).answers == {"abo": "2"}


def test_a_child_gets_no_form_and_a_post_is_refused_with_words(nurse, as_):
    child = PatientFactory(birth_date=date(date.today().year - 3, 1, 1))

    page = as_(nurse).post(url(child), typed(abo="1"))

    assert page.status_code == 200
    assert '<form class="page-form basics' not in words(page)
    assert basics_of(child).version == 0


def test_the_paper_has_the_boxes_of_the_national_form_and_its_print_is_recorded_R59(nurse, as_):
    patient = AllergicPatientFactory()
    write_basics(
        patient=patient, by=nurse, version=0,
        answers={"abo": "3", "payment": ["3", "8"], "payment_other": "救助", "none": ["father"]},
        entries=[Entry("disease", "2", since="2015-06"), Entry("surgery", text="胆囊切除术")],
    )  # fmt: skip
    client = as_(nurse)

    printed = client.post(url(patient, "basics_print"), {"once": str(uuid.uuid4())})

    paper = words(client.get(printed.url))
    boxes = [
        re.findall(r"<b>(.*?)</b>", line) for line in re.findall(r'"boxes">(.*?)</span>', paper)
    ]
    assert ["3"] in boxes  # blood group
    assert ["3", "8", ""] in boxes  # paid by
    assert ["2", "", "", ""] in boxes  # penicillin
    assert ["2", "", "", "", "", ""] in boxes  # hypertension
    assert ["1", "", "", "", "", ""] in boxes  # the father has nothing
    assert patient.id_number in paper
    assert AuditEntry.objects.filter(event="print", screen="basics_print").count() == 1


def test_corrections_show_both_masked_and_basics_only_to_whom_they_belong(
    frontdesk, nurse, doctor, as_
):
    patient = PatientFactory(phone="13812345678")
    correct(patient=patient, by=frontdesk, version=1, phone="13987654321", name="曾秀英")
    write_basics(patient=patient, by=nurse, version=0, answers={"disability": ["7"]})
    write_basics(patient=patient, by=nurse, version=1, answers={"disability": ["1"]})
    address = url(patient, "patient_changes")

    seen = {who: words(as_(who).get(address)) for who in (frontdesk, nurse, doctor)}

    for text in seen.values():
        assert re.search(r"<del>.*138\*\*\*\*5678.*</del>", text)
        assert re.search(r"<ins>.*139\*\*\*\*4321.*</ins>", text)
        assert "13987654321" not in text
    told = {who: "<del>Mental</del>" in text for who, text in seen.items()}
    assert told == {frontdesk: False, nurse: True, doctor: False}
    break_glass(patient=patient.pk, reason="colleague", by=doctor)
    assert "<del>Mental</del>" in words(as_(doctor).get(address))

    full = words(as_(frontdesk).post(address, {"reveal": "1"}))

    assert "<del>13812345678</del>" in full
    assert AuditEntry.objects.filter(event="read", screen="patient_reveal").count() == 1


def test_corrections_cost_as_many_queries_with_one_as_with_many(nurse, as_):
    one, many = PatientFactory(), PatientFactory()
    for patient, count in ((one, 2), (many, 24)):
        for version in range(count):
            answers = {"abo": str(version % 4 + 1)}
            write_basics(patient=patient, by=nurse, version=version, answers=answers)
    client = as_(nurse)
    pages = [url(patient, "patient_changes") for patient in (one, many)]
    for page in pages:  # the second look within minutes is not recorded again
        client.get(page)

    costs = [queries_of(lambda p=page: client.get(p)) for page in pages]

    assert costs[0] == costs[1]
    assert Change.objects.filter(patient=many).count() == 23


def test_the_form_costs_as_many_queries_with_one_history_as_with_many(nurse, as_):
    one, many = PatientFactory(), PatientFactory()
    for patient, count in ((one, 1), (many, 8)):
        entries = [Entry("surgery", text=f"手术{n}", since="2001") for n in range(count)]
        write_basics(patient=patient, by=nurse, version=0, entries=entries)
    client = as_(nurse)
    for patient in (one, many):  # the second look within minutes is not recorded again
        client.get(url(patient))

    costs = [queries_of(lambda p=patient: client.get(url(p))) for patient in (one, many)]

    assert costs[0] == costs[1]
