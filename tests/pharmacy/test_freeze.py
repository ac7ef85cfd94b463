"""Frozen and expired goods stay on the shelf (R-109); the history of freezing stays too."""

from datetime import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinic.core.errors import AlreadyDone, RuleBroken
from pharmacy import freezing, stock
from pharmacy.models import Hold, Place
from tests.factories.pharmacy import SupplierFactory, put_on_shelf, stocked_drug
from tests.helpers import post_ok

pytestmark = pytest.mark.django_db
WHY = "包装破损，待查"


@pytest.fixture
def batch(amoxicillin):
    return amoxicillin.batches.get()


def freeze(batch, by, **more):
    return freezing.freeze(batch=batch, reason=WHY, by=by, **more)


def clock(monkeypatch, *local):
    """From now on Django's clock shows this moment of Asia/Shanghai."""
    moment = timezone.make_aware(datetime(*local))
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)


def test_a_frozen_batch_can_not_be_reserved_R109(amoxicillin, batch, storekeeper):
    freeze(batch, storekeeper)

    assert stock.available([amoxicillin.pk]) == {amoxicillin.pk: 0}
    with pytest.raises(stock.Short):
        stock.reserve(drug=amoxicillin, quantity=1, reference="RX1/1", by=storekeeper)


def test_what_was_reserved_can_not_be_issued_from_a_frozen_batch_R109(
    amoxicillin, batch, pharmacist
):
    stock.reserve(drug=amoxicillin, quantity=24, reference="RX1/1", by=pharmacist)
    freeze(batch, pharmacist)

    with pytest.raises(stock.Short):
        stock.issue(reference="RX1/1", by=pharmacist, document_reference="RX1")

    batch.refresh_from_db()
    assert batch.on_hand == 240


def test_a_released_batch_goes_out_again(amoxicillin, batch, pharmacist):
    freeze(batch, pharmacist)

    freezing.unfreeze(batch=batch, reason="查明无质量问题", by=pharmacist)

    stock.reserve(drug=amoxicillin, quantity=24, reference="RX1/1", by=pharmacist)
    issued = stock.issue(reference="RX1/1", by=pharmacist, document_reference="RX1")
    assert [row.quantity for row in issued] == [-24]


def test_the_history_names_person_reason_and_time_and_never_changes(batch, storekeeper, pharmacist):
    freeze(batch, storekeeper)
    freezing.unfreeze(batch=batch, reason="查明无质量问题", by=pharmacist)

    rows = list(Hold.objects.order_by("pk"))

    assert [(r.frozen, r.reason, r.made_by) for r in rows] == [
        (True, WHY, storekeeper),
        (False, "查明无质量问题", pharmacist),
    ]
    assert all(row.made_at for row in rows)
    rows[0].reason = "另一个理由"
    with pytest.raises(PermissionDenied):
        rows[0].save()
    with pytest.raises(PermissionDenied):
        Hold.objects.all().delete()


def test_a_reason_is_needed(batch, storekeeper):
    with pytest.raises(RuleBroken) as refusal:
        freezing.freeze(batch=batch, reason="  ", by=storekeeper)

    assert refusal.value.field == "reason"
    assert not Hold.objects.exists()


def test_freezing_twice_is_done_once(batch, storekeeper, pharmacist):
    freeze(batch, storekeeper)

    with pytest.raises(AlreadyDone):
        freeze(batch, pharmacist)

    assert Hold.objects.count() == 1


def test_a_whole_lot_is_frozen_in_every_place_and_other_lots_are_not(
    amoxicillin, batch, storekeeper
):
    store = Place.objects.create(code="KF", name="药库", dispenses=False)
    line = {"drug": amoxicillin, "lot": batch.lot, "expires_on": batch.expires_on, "quantity": 48}
    stock.receive(
        supplier=SupplierFactory(), lines=[{**line, "cost": 7}], place=store, by=storekeeper
    )
    other = put_on_shelf(amoxicillin, 48, lot="OTHER")

    frozen = freeze(batch, storekeeper, everywhere=True)

    assert {row.batch.place_id for row in frozen} == {batch.place_id, store.pk}
    other.refresh_from_db()
    assert not other.frozen


def test_goods_expire_by_themselves_at_local_midnight_after_the_last_day_R109(
    monkeypatch, pharmacist
):
    clock(monkeypatch, 2026, 5, 1, 9)
    drug = stocked_drug(48, days=30)  # good until 2026-05-31
    stock.reserve(drug=drug, quantity=1, reference="RX1/1", by=pharmacist)
    clock(monkeypatch, 2026, 5, 31, 23, 59, 59)
    last_evening = stock.available([drug.pk])[drug.pk]
    stock.issue(reference="RX1/1", by=pharmacist, document_reference="RX1")
    stock.reserve(drug=drug, quantity=1, reference="RX2/1", by=pharmacist)

    clock(monkeypatch, 2026, 6, 1, 0, 0, 0)

    assert last_evening == 47
    assert stock.available([drug.pk])[drug.pk] == 0
    with pytest.raises(stock.Short):
        stock.reserve(drug=drug, quantity=1, reference="RX3/1", by=pharmacist)
    with pytest.raises(stock.Short):
        stock.issue(reference="RX2/1", by=pharmacist, document_reference="RX2")


def test_the_page_of_a_batch_freezes_and_releases(as_, batch, storekeeper):
    client, url = as_(storekeeper), reverse("batch_hold", args=[batch.pk])

    post_ok(client, url, {"do": "freeze", "reason": WHY})

    page = client.get(reverse("stock_ledger", args=[batch.pk])).content.decode()
    assert WHY in page
    assert 'value="unfreeze"' in page
    post_ok(client, url, {"do": "unfreeze", "reason": "已查"})
    batch.refresh_from_db()
    assert not batch.frozen


def test_a_doctor_sees_the_history_and_has_no_button(as_, batch, storekeeper, doctor):
    freeze(batch, storekeeper)
    client = as_(doctor)

    page = client.get(reverse("stock_ledger", args=[batch.pk])).content.decode()

    assert WHY in page
    assert 'value="unfreeze"' not in page
    answer = client.post(reverse("batch_hold", args=[batch.pk]), {"do": "unfreeze", "reason": "x"})
    assert answer.status_code == 403


def test_the_page_asks_the_same_however_long_the_history(as_, batch, storekeeper):
    client, url = as_(storekeeper), reverse("stock_ledger", args=[batch.pk])

    def asked():
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        return len(queries)

    freeze(batch, storekeeper)
    before = asked()
    for _time in range(10):
        freezing.unfreeze(batch=batch, reason="查", by=storekeeper)
        freeze(batch, storekeeper)

    assert asked() == before
