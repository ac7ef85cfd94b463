"""Expired sheets lapse by themselves (R-22, R-113)."""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.core import scheduler
from clinic.core.errors import AlreadyDone
from pharmacy import stock
from prescriptions import dispensing, review
from prescriptions.lapsing import close_expired, lapse_expired
from prescriptions.models import PrescriptionEvent
from tests.factories.prescriptions import (
    approved,
    charges,
    dispensed,
    row,
    submitted,
    tablets,
    yesterday,
)

pytestmark = pytest.mark.django_db


def test_what_nobody_fetched_yesterday_lapses_and_frees_its_stock_R22(doctor, pharmacist):
    drug = tablets(stock=20)
    sheet = yesterday(approved(doctor, pharmacist, drug))

    assert lapse_expired() == 1

    sheet.refresh_from_db()
    assert sheet.state == "lapsed"
    assert stock.available([drug.pk]) == {drug.pk: 20}


def test_it_happens_by_itself_and_says_so(doctor, pharmacist):
    sheet = yesterday(submitted(doctor))

    lapse_expired()

    event = PrescriptionEvent.objects.get(prescription=sheet, new="lapsed")
    assert (event.old, event.made_by) == ("submitted", None)


def test_every_state_before_the_window_lapses_R22(doctor, pharmacist):
    waiting = yesterday(submitted(doctor))
    back = yesterday(review.return_(prescription=submitted(doctor), reason="改", by=pharmacist))
    ready = yesterday(approved(doctor, pharmacist))
    picked = dispensing.pick(prescription=approved(doctor, pharmacist), by=pharmacist)
    yesterday(picked)
    charges()
    unpaid = yesterday(approved(doctor, pharmacist))

    assert lapse_expired() == 5

    for sheet in (waiting, back, ready, picked, unpaid):
        sheet.refresh_from_db()
        assert sheet.state == "lapsed"


def test_what_is_valid_today_stays_R22(doctor, pharmacist):
    approved(doctor, pharmacist)

    assert lapse_expired() == 0


def test_drafts_and_handed_out_sheets_stay(doctor, pharmacist, sheet):
    row(sheet)
    yesterday(sheet)
    yesterday(dispensed(doctor, pharmacist))

    assert lapse_expired() == 0


def test_a_second_run_finds_nothing(doctor):
    yesterday(submitted(doctor))
    lapse_expired()

    assert lapse_expired() == 0


def test_the_scheduler_knows_the_work(doctor):
    sheet = yesterday(submitted(doctor))

    assert "prescriptions.lapse" in scheduler.run_due(holder="test")

    sheet.refresh_from_db()
    assert sheet.state == "lapsed"
    assert timezone.localdate() > sheet.valid_until


def test_after_midnight_the_window_says_so_at_once_and_offers_to_close_it_R22(
    doctor, pharmacist, as_
):
    drug = tablets(stock=20)
    sheet = yesterday(approved(doctor, pharmacist, drug))
    today = approved(doctor, pharmacist)
    client, url = as_(pharmacist), reverse("dispense", args=[sheet.pk])

    listed = client.get(reverse("dispense_list"))
    page = client.get(url).content.decode()
    data = {"once": uuid.uuid4(), "version": sheet.version, "step": "close"}
    client.post(url, data)

    assert listed.context["first"] == today and "已过期" in listed.content.decode()
    assert 'value="close"' in page and f"{sheet.valid_until:%m-%d}" in page
    for absent in ('id="send-back"', 'form="send-back"', "发药 <kbd>F9</kbd>"):
        assert absent not in page
    sheet.refresh_from_db()
    assert sheet.state == "lapsed"
    assert stock.available([drug.pk]) == {drug.pk: 20}
    assert sheet.events.get(new="lapsed").made_by == pharmacist


def test_the_rest_of_an_expired_sheet_is_closed_and_what_went_stays_dispensed_R22(
    doctor, pharmacist
):
    sheet = approved(doctor, pharmacist, tablets(stock=20))
    parts = {sheet.items.get().pk: 5}
    dispensing.dispense(prescription=sheet, parts=parts, by=pharmacist)
    sheet.refresh_from_db()

    close_expired(prescription=yesterday(sheet), by=pharmacist)

    sheet.refresh_from_db()
    assert sheet.state == "dispensed"


def test_what_is_valid_is_not_closed_as_expired_R22(doctor, pharmacist):
    sheet = approved(doctor, pharmacist)

    with pytest.raises(AlreadyDone):
        close_expired(prescription=sheet, by=pharmacist)

    sheet.refresh_from_db()
    assert sheet.state == "paid"
