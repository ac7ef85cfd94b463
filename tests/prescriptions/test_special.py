"""Narcotics and class-I psychotropics: identity, number of the day, register, used ampoules."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinic.core.errors import RuleBroken
from pharmacy.models import ControlClass
from prescriptions import alerts, collecting, dispensing, pain_files, register, review, services
from prescriptions.models import DispenseLine
from tests.factories.patients import PatientFactory, id_number
from tests.factories.prescriptions import draft, row, tablets, visit_of
from tests.helpers import post_ok

pytestmark = pytest.mark.django_db
AGENT_ID = id_number(date(1985, 3, 2), 7, sex="2")


@pytest.fixture
def morphine(db):
    drug = tablets(
        stock=100,
        generic_name="盐酸吗啡注射液",
        dosage_form="注射剂",
        strength="10mg/支",
        pack_spec="10mg×1支/支",
        pack_unit="支",
        base_unit="支",
        units_per_pack=1,
        ingredients="吗啡",
        content=Decimal("10"),
        routes="皮下注射",
    )
    ControlClass.objects.create(drug=drug, name="麻醉药品", since=date(2020, 1, 1))
    return drug


def written(doctor, drug, **visit):
    record = visit_of(doctor, narcotic=True, **visit)
    sheet = draft(doctor, record=record)
    usage = {"dose": Decimal("10"), "dose_unit": "mg", "route": "15", "frequency": "st", "days": 1}
    row(sheet, drug, quantity=1, **usage)
    return sheet


def handed_in(doctor, drug, **visit):
    return services.submit(prescription=written(doctor, drug, **visit), by=doctor)


def passed(doctor, pharmacist, drug, **visit):
    return review.approve(prescription=handed_in(doctor, drug, **visit), by=pharmacist)


def handed_out(doctor, pharmacist, witness, drug, **visit):
    sheet = passed(doctor, pharmacist, drug, **visit)
    collecting.tell(prescription=sheet, is_patient=True, by=pharmacist)
    sheet.refresh_from_db()
    return dispensing.dispense(prescription=sheet, witness=witness, by=pharmacist)


def test_numbers_of_the_day_run_without_a_hole_and_stay_with_their_sheet_R12(
    doctor, pharmacist, morphine
):
    first = handed_in(doctor, morphine)
    refused = written(doctor, morphine, patient=PatientFactory(id_type="98", id_number=None))
    with pytest.raises(RuleBroken) as refusal:
        services.submit(prescription=refused, by=doctor)
    services.void(prescription=first, reason="写错", by=doctor)
    second = handed_in(doctor, morphine)
    back = review.return_(prescription=second, reason="请核对", by=pharmacist)

    again = services.submit(prescription=back, insist="病情需要", by=doctor)

    first.refresh_from_db(), refused.refresh_from_db()
    assert (refusal.value.rule, refused.special_no) == ("R-7", None)
    assert (first.special_no, second.special_no, again.special_no) == (1, 2, 2)
    assert again.special_on.isoformat() == again.head["special_on"]
    assert (again.head["special_no"], again.head["id_number"]) == (2, again.patient.id_number)


def test_it_is_not_handed_out_before_somebody_is_known_to_collect_it_R7(
    doctor, pharmacist, other_pharmacist, morphine
):
    sheet = passed(doctor, pharmacist, morphine)

    with pytest.raises(RuleBroken) as refusal:
        dispensing.dispense(prescription=sheet, witness=other_pharmacist, by=pharmacist)

    assert (refusal.value.rule, DispenseLine.objects.count()) == ("R-7", 0)


def test_whoever_comes_instead_is_on_the_sheet_with_a_document_R7(
    as_, doctor, pharmacist, other_pharmacist, morphine
):
    sheet, client = passed(doctor, pharmacist, morphine), as_(pharmacist)
    url = reverse("dispense_collector", args=[sheet.pk])
    who = {"who": "agent", "name": "王芳", "relation": "女儿", "id_type": "01"}

    wrong = client.post(url, {**who, "id_number": AGENT_ID[:-1] + "?"})
    unnamed = client.post(url, {**who, "name": "", "id_number": AGENT_ID})
    kindless = client.post(url, {**who, "id_type": "", "id_number": AGENT_ID})
    numberless = client.post(url, {**who, "id_type": "04", "id_number": ""})
    post_ok(client, url, {**who, "id_number": AGENT_ID})
    page = client.get(reverse("dispense", args=[sheet.pk])).content.decode()

    refused = (wrong, unnamed, kindless, numberless)
    assert [answer.status_code for answer in refused] == [200] * 4
    assert [bool(answer.context["collector_form"].errors) for answer in refused] == [True] * 4
    assert 'value="王芳"' in wrong.content.decode()
    sheet.refresh_from_db()
    said = [text for _label, text in sheet.head["extra"]]
    assert said == [sheet.patient.id_number, "1", "王芳（女儿）", AGENT_ID]
    assert "王芳" in page and AGENT_ID not in page and sheet.patient.id_number not in page
    sheet = dispensing.dispense(prescription=sheet, witness=other_pharmacist, by=pharmacist)
    assert sheet.state == "dispensed"


def test_names_and_numbers_of_collectors_are_sealed_in_the_database(doctor, pharmacist, morphine):
    sheet = passed(doctor, pharmacist, morphine)

    collecting.tell(
        prescription=sheet,
        is_patient=False,
        name="王芳",
        relation="女儿",
        id_type="01",
        id_number=AGENT_ID,
        by=pharmacist,
    )

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM prescriptions_collector")
        stored = str(cursor.fetchall())
    assert "王芳" not in stored and AGENT_ID not in stored and "女儿" not in stored


def test_the_register_says_who_got_what_of_which_lot_from_whom_R30(
    as_, doctor, pharmacist, other_pharmacist, morphine
):
    sheet = handed_out(doctor, pharmacist, other_pharmacist, morphine)
    client, url = as_(pharmacist), reverse("special_register_print")

    page = client.get(reverse("special_register")).content.decode()
    paper = client.get(url).content.decode()
    full = client.post(url).content.decode()

    told = [sheet.patient.name, sheet.number, "盐酸吗啡注射液", f"L{morphine.pk}"]
    told += [doctor.full_name, pharmacist.full_name, other_pharmacist.full_name]
    assert [word for word in told if word not in page] == []
    assert [word for word in told if word not in paper] == []
    assert sheet.patient.id_number not in page + paper
    assert sheet.patient.id_number in full


def test_used_ampoules_are_open_until_as_many_came_back_R40(
    as_, doctor, pharmacist, other_pharmacist, morphine
):
    handed_out(doctor, pharmacist, other_pharmacist, morphine)
    line, client = register.open_lines().get(), as_(pharmacist)
    url = reverse("special_empties", args=[line.pk])

    with pytest.raises(RuleBroken) as refusal:
        register.take_empties(line=line, quantity=2, by=pharmacist)
    post_ok(client, url, {"quantity": "1"})
    with pytest.raises(RuleBroken):
        register.take_empties(line=line, quantity=1, by=pharmacist)

    assert refusal.value.rule == "R-40"
    assert not register.open_lines().exists()
    assert line.empties.get().made_by == pharmacist


def test_the_register_asks_the_same_for_one_row_and_many(
    as_, doctor, pharmacist, other_pharmacist, morphine
):
    client, counts = as_(pharmacist), []
    url = reverse("special_register")
    for more in (1, 4):
        for _sheet in range(more):
            handed_out(doctor, pharmacist, other_pharmacist, morphine)
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        counts.append(len(queries))

    assert counts[0] == counts[1]


# --- the file of who has cancer or chronic pain (R-25) ---


@pytest.mark.parametrize(("days_ago", "asked"), [(0, False), (92, False), (93, True)])
def test_three_days_of_injections_pass_while_the_pain_file_is_in_force_R25(
    as_, doctor, morphine, days_ago, asked
):
    sheet = draft(doctor, record=visit_of(doctor, narcotic=True))
    usage = {"dose": Decimal("10"), "dose_unit": "mg", "route": "15", "frequency": "bid"}
    row(sheet, morphine, days=3, quantity=6, **usage)
    before = {finding.rule.key for finding in alerts.opinion(sheet).open}
    seen = timezone.localdate() - timedelta(days=days_ago)
    url = reverse("pain_file", args=[sheet.pk])

    post_ok(as_(doctor), url, {"pain": "cancer", "consent_on": seen, "seen_on": seen})

    open_now = {finding.rule.key for finding in alerts.opinion(sheet).open}
    assert "days.narcotic" in before
    assert ("days.narcotic" in open_now) == asked
    assert pain_files.in_force(sheet.patient) != asked


def test_a_visit_before_the_consent_or_ahead_is_refused_R25(as_, doctor, morphine):
    sheet = written(doctor, morphine)
    today = timezone.localdate()
    wrong = [(today, today - timedelta(days=1)), (today, today + timedelta(days=1))]

    answers = [
        as_(doctor).post(
            reverse("pain_file", args=[sheet.pk]),
            {"pain": "chronic", "consent_on": consent, "seen_on": seen},
        )
        for consent, seen in wrong
    ]

    assert [a.status_code for a in answers] == [200, 200]
    assert not sheet.patient.pain_files.exists()
