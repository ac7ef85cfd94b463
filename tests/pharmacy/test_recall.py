"""Recall of a lot: frozen everywhere in one step, told who waits in vain, closed in words."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.core.errors import AlreadyDone, RuleBroken
from pharmacy import freezing, recalling, stock
from pharmacy.models import Batch, Hold, Place, Recall
from tests.factories.pharmacy import SupplierFactory, in_days, put_on_shelf, stocked_drug
from tests.helpers import post_ok
from tests.pharmacy.papers import posted, store

pytestmark = pytest.mark.django_db
LOT = "260518"
LETTER = {"reason": "溶出度不合格", "source": "authority", "level": "2"}


@pytest.fixture
def batch(amoxicillin):
    return amoxicillin.batches.get()


def recall(drug, by, lot=LOT):
    return recalling.recall_lot(drug=drug, lot=lot, by=by, **LETTER)


def take_in(drug, by, place=None, lot=LOT, cost="8.88"):
    line = {"drug": drug, "lot": lot, "expires_on": in_days(700), "quantity": 48}
    lines = [{**line, "cost": Decimal(cost)}]
    return stock.receive(supplier=SupplierFactory(), lines=lines, place=place, by=by)


def test_every_batch_of_the_lot_is_frozen_in_every_place_and_no_other(amoxicillin, storekeeper):
    store = Place.objects.create(code="KF", name="药库", dispenses=False)
    take_in(amoxicillin, storekeeper, place=store)
    put_on_shelf(amoxicillin, 48, lot="OTHER")
    same_lot_of_another_drug = stocked_drug(24, lot=LOT).batches.get()

    opened = recall(amoxicillin, storekeeper)

    rows = Batch.objects.order_by("pk")
    frozen = {(row.drug_id, row.lot, row.place.code) for row in rows if row.frozen}
    assert frozen == {(amoxicillin.pk, LOT, "YF"), (amoxicillin.pk, LOT, "KF")}
    assert not Batch.objects.get(pk=same_lot_of_another_drug.pk).frozen
    assert Hold.objects.filter(recall=opened, reason=LETTER["reason"]).count() == 2
    assert stock.available([amoxicillin.pk])[amoxicillin.pk] == 48


def test_a_recalled_batch_is_not_released_before_the_recall_is_closed(
    amoxicillin, batch, storekeeper
):
    opened = recall(amoxicillin, storekeeper)

    with pytest.raises(RuleBroken) as refusal:
        freezing.unfreeze(batch=batch, reason="想用", by=storekeeper)
    recalling.close_recall(recall=opened, outcome="全部退回供货商", by=storekeeper)
    still_frozen = Batch.objects.get(pk=batch.pk).frozen
    freezing.unfreeze(batch=batch, reason="召回已撤销", by=storekeeper)

    assert opened.number in str(refusal.value)
    assert still_frozen
    assert not Batch.objects.get(pk=batch.pk).frozen


def test_goods_of_a_recalled_lot_that_come_in_later_are_frozen_as_they_come(
    amoxicillin, storekeeper
):
    opened = recall(amoxicillin, storekeeper)

    take_in(amoxicillin, storekeeper)

    assert not Batch.objects.filter(frozen=False).exists()
    assert Hold.objects.filter(recall=opened).count() == 2
    assert stock.available([amoxicillin.pk])[amoxicillin.pk] == 0


def test_a_batch_made_in_the_moment_of_the_recall_does_not_go_out_either(
    amoxicillin, batch, pharmacist
):
    stock.reserve(drug=amoxicillin, quantity=1, reference="RX1/1", by=pharmacist)
    recall(amoxicillin, pharmacist)
    batch.frozen = False  # as a delivery leaves it that committed at the same time
    batch.save(update_fields=["frozen"])

    assert stock.available([amoxicillin.pk])[amoxicillin.pk] == 0
    want = stock.Want(amoxicillin, 1, "RX1/1")
    assert stock.pick_lists([want]) == {"RX1/1": []}
    with pytest.raises(stock.Short):
        stock.issue(reference="RX1/1", by=pharmacist, document_reference="RX1")
    for kind, head in (("use", {}), ("move", {"to_place": store()})):
        with pytest.raises(RuleBroken) as refusal:
            posted(kind, (batch, 1), by=pharmacist, **head)
        assert refusal.value.rule == "R-109"


def test_a_lot_is_not_recalled_twice_at_a_time(amoxicillin, storekeeper):
    opened = recall(amoxicillin, storekeeper)

    with pytest.raises(AlreadyDone):
        recall(amoxicillin, storekeeper)
    recalling.close_recall(recall=opened, outcome="已退回", by=storekeeper)
    again = recall(amoxicillin, storekeeper)

    assert (Recall.objects.count(), again.state) == (2, "open")


def test_a_lot_that_was_never_here_is_refused(amoxicillin, storekeeper):
    with pytest.raises(RuleBroken) as refusal:
        recall(amoxicillin, storekeeper, lot="NOSUCH")

    assert refusal.value.field == "lot"
    assert not Recall.objects.exists()


def test_promises_that_the_rest_can_not_meet_are_named_last_come_first_R113(
    amoxicillin, pharmacist
):
    put_on_shelf(amoxicillin, 48, lot="OTHER")
    for number, quantity in enumerate([24, 24, 48], start=1):
        stock.reserve(drug=amoxicillin, quantity=quantity, reference=f"RX{number}/1", by=pharmacist)

    recall(amoxicillin, pharmacist)

    assert recalling.at_risk(amoxicillin) == [("RX3/1", "2盒", "2盒")]


def test_closing_needs_words_and_names_who_closed(amoxicillin, storekeeper, pharmacist):
    opened = recall(amoxicillin, storekeeper)

    with pytest.raises(RuleBroken):
        recalling.close_recall(recall=opened, outcome=" ", by=pharmacist)
    closed = recalling.close_recall(recall=opened, outcome="退回10盒", by=pharmacist)

    assert (closed.state, closed.closed_by, closed.outcome) == ("closed", pharmacist, "退回10盒")
    with pytest.raises(AlreadyDone):
        recalling.close_recall(recall=opened, outcome="再来", by=pharmacist)


def test_from_the_letter_to_the_frozen_lot_on_screen(as_, amoxicillin, batch, storekeeper):
    client = as_(storekeeper)

    found = client.get(reverse("recall_new"), {"lot": LOT}).content.decode()
    answer = post_ok(client, reverse("recall_new"), {"batch": batch.pk, **LETTER})
    page = client.get(answer["Location"]).content.decode()

    assert f"?batch={batch.pk}" in found
    opened = Recall.objects.get()
    assert opened.number in page
    assert "10盒" in page
    assert "recall_patients" not in page  # who got it is not the storekeeper's to read
    assert reverse("recall_patients", args=[opened.pk]) not in page


def test_wrong_words_come_back_with_what_was_typed(as_, batch, storekeeper):
    client = as_(storekeeper)

    page = client.post(reverse("recall_new"), {"batch": batch.pk, "reason": "溶出度不合格"})

    assert page.status_code == 200
    assert "溶出度不合格" in page.content.decode()
    assert not Recall.objects.exists()


def test_the_pages_ask_the_same_for_one_row_and_for_many(as_, amoxicillin, storekeeper):
    client = as_(storekeeper)
    opened = recall(amoxicillin, storekeeper)
    urls = [reverse("recall_list"), reverse("recall_show", args=[opened.pk])]

    def asked():
        numbers = []
        for url in urls:
            client.get(url)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(url).status_code == 200
            numbers.append(len(queries))
        return numbers

    before = asked()
    for number in range(12):
        take_in(amoxicillin, storekeeper, cost=f"{number}.1")
        drug = stocked_drug(24, lot="X")
        recall(drug, storekeeper, lot="X")

    assert asked() == before


def test_a_doctor_opens_no_recall(as_, amoxicillin, batch, doctor):
    client = as_(doctor)

    assert client.get(reverse("recall_list")).status_code == 403
    answer = client.post(reverse("recall_new"), {"batch": batch.pk, **LETTER})
    assert answer.status_code == 403
