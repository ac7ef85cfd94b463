"""The search box answers to a lot: who got it, for those who hand out; every look recorded."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from prescriptions.models import DispenseLine
from security.models import AuditEntry
from tests.factories.pharmacy import put_on_shelf
from tests.factories.prescriptions import dispensed, patient_with, tablets

pytestmark = pytest.mark.django_db
LOT = "KB260301"


@pytest.fixture
def batch(doctor, pharmacist):
    """A lot of which one person got 15 tablets."""
    drug = tablets(stock=0)
    put_on_shelf(drug, 300, lot=LOT)
    dispensed(doctor, pharmacist, drug, patient=patient_with(name="金丝雀", phone="13812345678"))
    return DispenseLine.objects.get().movement.batch


def test_a_lot_in_the_search_box_leads_to_those_who_got_it(as_, pharmacist, batch):
    client, url = as_(pharmacist), reverse("lot_patients", args=[batch.pk])

    lines = client.post(reverse("patient_find"), {"q": LOT.lower()}).content.decode()

    assert f'data-go="{url}"' in lines and LOT in lines
    assert url in client.post(reverse("patient_search"), {"q": LOT}).content.decode()
    page = client.get(url).content.decode()
    assert "金丝雀" in page and "15片" in page and "13812345678" not in page
    read = AuditEntry.objects.filter(event="read", screen="lot_patients").get()
    assert read.subject == DispenseLine.objects.get().item.prescription.patient_id


def test_lots_are_told_to_those_who_hand_out_only(as_, frontdesk, batch):
    client = as_(frontdesk)

    lines = client.post(reverse("patient_find"), {"q": LOT}).content.decode()

    assert "lots" not in lines
    assert client.get(reverse("lot_patients", args=[batch.pk])).status_code == 403


def test_one_patient_or_many_cost_the_same_queries(as_, doctor, pharmacist, batch):
    client, url = as_(pharmacist), reverse("lot_patients", args=[batch.pk])
    client.get(url)
    with CaptureQueriesContext(connection) as one:
        client.get(url)
    for name in ("钱一", "钱二", "钱三"):
        dispensed(doctor, pharmacist, batch.drug, patient=patient_with(name=name))
    client.get(url)

    with CaptureQueriesContext(connection) as many:
        page = client.get(url).content.decode()

    assert page.count("15片") == 4
    assert len(many) == len(one)
