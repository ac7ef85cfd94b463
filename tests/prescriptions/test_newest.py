"""A doctor's own sheets are found by an index of their states, in the order of time."""

import html
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from prescriptions.models import Prescription
from prescriptions.newest import NewestOf
from prescriptions.states import RxState
from tests.factories.prescriptions import submitted
from tests.patients.plans import whole_reads

pytestmark = pytest.mark.django_db


def sheets_of(doctor, count: int) -> list:
    """One a minute, of three states by turns, and the newest last."""
    first, now = submitted(doctor), timezone.now()
    made = [first]
    for number in range(1, count):
        sheet = Prescription.objects.get(pk=first.pk)
        sheet.pk, sheet.number = None, f"RXN{number:05d}"
        sheet.id = Prescription._meta.get_field("id").get_default()
        sheet.state = [RxState.ARCHIVED, RxState.VOIDED, RxState.SUBMITTED][number % 3]
        sheet.save(force_insert=True)
        made.append(sheet)
    for number, sheet in enumerate(made):
        moment = now - timedelta(minutes=count - number)
        Prescription.objects.filter(pk=sheet.pk).update(created_at=moment)
    return [sheet.pk for sheet in made]


def test_the_newest_lead_to_the_older_ones_and_none_is_left_out(as_, doctor, monkeypatch):
    monkeypatch.setattr("prescriptions.newest.MOST", 6)
    monkeypatch.setattr("prescriptions.newest.PAGE", 4)
    made = sheets_of(doctor, 20)
    client, list_of = as_(doctor), reverse("prescription_list")
    address, seen = list_of, []

    while address:
        page = client.get(address)
        seen += [sheet.pk for sheet in page.context["page"]]
        onwards = re.search(r'rel="next" href="([^"]+)"', page.content.decode())
        address = onwards and list_of + html.unescape(onwards[1])

    assert seen == made[::-1]
    assert client.get(list_of).context["all"] == "6+"


def test_each_tab_counts_its_own_states(doctor):
    sheets_of(doctor, 10)

    lists = NewestOf(doctor)

    assert [lists.number_of([state]) for state in ("archived", "voided", "submitted")] == [
        "3",
        "3",
        "4",
    ]
    assert lists.number_of(RxState) == "10"


def test_the_list_reads_no_more_than_it_shows(as_, doctor):
    sheets_of(doctor, 150)
    client = as_(doctor)

    found = whole_reads(lambda: client.get(reverse("prescription_list")))

    assert [line for line in found if "prescriptions_prescription" in line.split(" in ")[0]] == []


def test_what_a_page_shows_is_fetched_by_its_keys_alone(as_, doctor):
    """With the doctor beside them SQLite walks through all that the doctor ever wrote."""
    sheets_of(doctor, 9)
    client = as_(doctor)

    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("prescription_list"))

    wheres = [one["sql"].partition(" WHERE ")[2] for one in queries]
    shown = [where for where in wheres if "prescription" in where and " IN (" in where]
    assert len(shown) == 1
    assert "prescriber_id" not in shown[0]


@pytest.mark.parametrize("before", ["x", "00000000-0000-0000-0000-000000000000"])
def test_an_address_that_names_no_own_sheet_begins_with_the_newest(as_, doctor, before):
    (sheet,) = sheets_of(doctor, 1)

    page = as_(doctor).get(reverse("prescription_list"), {"before": before})

    assert [row.pk for row in page.context["page"]] == [sheet]
