"""Lists and pages ask the same number of questions for 1 row and for 50."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.core import prepared
from prescriptions import services
from prescriptions.models import Prescription, PrescriptionEvent
from tests.factories.prescriptions import approved, dispensed, draft, row, submitted, tablets

pytestmark = pytest.mark.django_db

MOST_TO_HAND_OUT = 54  # statements but those that make rows


def asked(client, url):
    """How many queries the second visit takes (the first warms what is kept per session)."""
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def copies(sheet, count, start=0):
    """More sheets like this one, written past the verbs: only their number matters here."""
    items = list(sheet.items.all())
    for n in range(start, start + count):
        values = {f.attname: getattr(sheet, f.attname) for f in sheet._meta.concrete_fields}
        values.update(id=uuid.uuid4(), number=f"RX20000101-{n:04d}")
        twin = Prescription(**values)
        twin.save()
        PrescriptionEvent.objects.create(prescription=twin, new=twin.state, version=1)
        for item in items:
            item.pk, item._state.adding, item.prescription = None, True, twin
            item.id = uuid.uuid4()
            item.save()


@pytest.mark.parametrize("name", ["review_list", "dispense_list", "skin_test_list"])
def test_the_pharmacists_lists(as_, doctor, pharmacist, name):
    sheet = submitted(doctor) if name == "review_list" else approved(doctor, pharmacist)
    if name == "skin_test_list":
        item = sheet.items.get()
        item.skin_test = "pending"
        item.save()
    client, url = as_(pharmacist), reverse(name)
    before = asked(client, url)

    copies(sheet, 49)

    assert asked(client, url) == before


@pytest.mark.parametrize("name", ["review", "dispense"])
def test_a_sheet_beside_a_long_queue(as_, doctor, pharmacist, name):
    sheet = submitted(doctor) if name == "review" else approved(doctor, pharmacist)
    client, url = as_(pharmacist), reverse(name, args=[sheet.pk])
    copies(sheet, 1)
    before = asked(client, url)

    copies(sheet, 49, start=1)

    assert asked(client, url) == before


def test_the_doctors_list(as_, doctor):
    sheet = submitted(doctor)
    client, url = as_(doctor), reverse("prescription_list")
    before = asked(client, url)

    copies(sheet, 49)

    assert asked(client, url) == before


@pytest.mark.parametrize("name", ["prescription_edit", "prescription_show"])
def test_a_sheet_with_one_row_and_with_five(as_, doctor, sheet, name):
    row(sheet)
    client, url = as_(doctor), reverse(name, args=[sheet.pk])
    before = asked(client, url)

    for n in range(4):
        row(sheet, tablets(generic_name=f"药{n}", ingredients=f"成分{n}"))

    assert asked(client, url) == before


def test_handing_out_five_rows_asks_as_much_as_handing_out_one(as_, doctor, pharmacist):
    names = ("一", "二", "三", "四", "五")
    drugs = [tablets(generic_name=f"药{n}", ingredients=f"成分{n}") for n in names]
    sheets = [approved(doctor, pharmacist, *some) for some in (drugs[:1], drugs[:1], drugs)]
    client = as_(pharmacist)
    counts = []
    for sheet in sheets:  # the first warms what is kept per process
        client.get(reverse("dispense", args=[sheet.pk]))
        with CaptureQueriesContext(connection) as queries:
            told = {"version": sheet.version, "once": uuid.uuid4()}
            answer = client.post(reverse("dispense", args=[sheet.pk]), told)
        sheet.refresh_from_db()
        assert (answer.status_code, sheet.state) == (302, "dispensed")
        # MySQL gives new rows their keys one by one.
        kinds = [query["sql"].split()[0] for query in queries]
        counts.append(sum(kind != "INSERT" for kind in kinds))

    assert counts[1] == counts[2] <= MOST_TO_HAND_OUT


def test_the_printed_sheet(as_, doctor):
    one = submitted(doctor)
    drugs = [tablets(generic_name=f"药{n}", ingredients=f"成分{n}") for n in range(5)]
    five = submitted(doctor, *drugs)
    client = as_(doctor)

    first, second = (
        asked(client, reverse("prescription_print", args=[sheet.pk])) for sheet in (one, five)
    )

    assert first == second


def test_the_visits_panel_and_the_chart(as_, doctor, visit):
    sheet = draft(doctor, record=visit)
    row(sheet)
    services.submit(prescription=sheet, by=doctor)
    client = as_(doctor)
    pages = [
        reverse("consultation", args=[visit.pk]),
        reverse("patient_chart", args=[visit.patient_id]),
    ]
    before = [asked(client, url) for url in pages]

    copies(sheet, 9)

    assert [asked(client, url) for url in pages] == before


def test_every_question_of_handing_out_that_is_prepared_can_be(doctor, pharmacist):
    ours = [one for one in prepared.known if not one.make.__module__.startswith("tests.")]
    for one in ours:  # whatever other tests asked
        one.plans.clear()

    for _ in range(2):
        dispensed(doctor, pharmacist, tablets())

    assert [one.make for one in ours if None in one.plans.values()] == []
