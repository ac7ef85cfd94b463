"""Promising stock (R-113, R-174)."""

import pytest

from clinic.core.errors import AlreadyDone, RuleBroken
from pharmacy import stock
from pharmacy.models import Reservation
from pharmacy.stock import Short, Want
from tests.factories.pharmacy import InhalerFactory, put_on_shelf, stocked_drug

pytestmark = pytest.mark.django_db


def test_a_promise_lowers_what_is_available_not_what_is_there_R113(amoxicillin, pharmacist):
    stock.reserve(drug=amoxicillin, quantity=40, reference="RX1/1", by=pharmacist)

    assert stock.available([amoxicillin.pk]) == {amoxicillin.pk: 200}
    assert amoxicillin.batches.get().on_hand == 240


def test_nothing_beyond_what_is_available_is_promised_R113(amoxicillin, pharmacist):
    stock.reserve(drug=amoxicillin, quantity=200, reference="RX1/1", by=pharmacist)

    with pytest.raises(Short, match="1盒\\+16粒") as short:
        stock.reserve(drug=amoxicillin, quantity=41, reference="RX2/1", by=pharmacist)

    assert short.value.missing == {"RX2/1": 1}
    assert Reservation.objects.count() == 1


def test_the_last_box_can_be_promised(amoxicillin, pharmacist):
    stock.reserve(drug=amoxicillin, quantity=240, reference="RX1/1", by=pharmacist)

    assert stock.available([amoxicillin.pk]) == {amoxicillin.pk: 0}


@pytest.mark.parametrize("days", [-1, -400])
def test_expired_goods_are_never_promised_R109(pharmacist, days):
    drug = stocked_drug(240, days=days)

    with pytest.raises(Short):
        stock.reserve(drug=drug, quantity=1, reference="RX1/1", by=pharmacist)


def test_frozen_goods_are_never_promised(amoxicillin, pharmacist):
    batch = amoxicillin.batches.get()
    batch.frozen = True
    batch.save()

    assert stock.available([amoxicillin.pk]) == {amoxicillin.pk: 0}
    with pytest.raises(Short):
        stock.reserve(drug=amoxicillin, quantity=1, reference="RX1/1", by=pharmacist)


def test_available_is_never_negative_when_goods_expire_under_a_promise_R174(
    amoxicillin, pharmacist
):
    stock.reserve(drug=amoxicillin, quantity=200, reference="RX1/1", by=pharmacist)
    batch = amoxicillin.batches.get()
    batch.expires_on = batch.expires_on.replace(year=2020)
    batch.save()

    assert stock.available([amoxicillin.pk]) == {amoxicillin.pk: 0}


def test_a_line_is_promised_once(amoxicillin, pharmacist):
    stock.reserve(drug=amoxicillin, quantity=24, reference="RX1/1", by=pharmacist)

    with pytest.raises(AlreadyDone):
        stock.reserve(drug=amoxicillin, quantity=24, reference="RX1/1", by=pharmacist)

    assert stock.available([amoxicillin.pk]) == {amoxicillin.pk: 216}


def test_several_lines_are_promised_together_or_not_at_all(amoxicillin, pharmacist):
    other = stocked_drug(10)
    wants = [Want(amoxicillin, 24, "RX1/1"), Want(other, 11, "RX1/2")]

    with pytest.raises(Short) as short:
        stock.reserve_all(wants=wants, by=pharmacist)

    assert short.value.missing == {"RX1/2": 1}
    assert not Reservation.objects.exists()


def test_two_lines_of_one_drug_share_what_there_is(amoxicillin, pharmacist):
    wants = [Want(amoxicillin, 200, "RX1/1"), Want(amoxicillin, 41, "RX1/2")]

    with pytest.raises(Short) as short:
        stock.reserve_all(wants=wants, by=pharmacist)

    assert short.value.missing == {"RX1/2": 1}


@pytest.mark.parametrize("quantity", [0, -24])
def test_a_promise_of_nothing_is_refused(amoxicillin, pharmacist, quantity):
    with pytest.raises(RuleBroken):
        stock.reserve(drug=amoxicillin, quantity=quantity, reference="RX1/1", by=pharmacist)


def test_what_can_not_be_split_is_promised_in_whole_packs_R115(pharmacist):
    drug = stocked_drug(400, maker=InhalerFactory)

    with pytest.raises(RuleBroken, match="1瓶"):
        stock.reserve(drug=drug, quantity=30, reference="RX1/1", by=pharmacist)


def test_available_names_drugs_without_any_batch(db, amoxicillin):
    empty = stocked_drug(0)

    assert stock.available([empty.pk, amoxicillin.pk]) == {empty.pk: 0, amoxicillin.pk: 240}


def test_available_needs_two_queries_for_any_number_of_drugs(django_assert_num_queries):
    drugs = [stocked_drug(24) for _n in range(20)]
    for drug in drugs:
        put_on_shelf(drug, 24, lot="X")

    with django_assert_num_queries(2):
        stock.available([drug.pk for drug in drugs])


def test_release_gives_the_promise_back_once(amoxicillin, pharmacist):
    stock.reserve(drug=amoxicillin, quantity=40, reference="RX1/1", by=pharmacist)

    first = stock.release(reference="RX1/1", by=pharmacist)
    second = stock.release(reference="RX1/1", by=pharmacist)

    assert (first, second) == (True, False)
    assert stock.available([amoxicillin.pk]) == {amoxicillin.pk: 240}
    row = Reservation.objects.get()
    assert (row.state, row.ended_by) == ("released", pharmacist)
    assert row.ended_at


def test_a_released_line_can_be_promised_anew(amoxicillin, pharmacist):
    for _twice in range(2):
        stock.reserve(drug=amoxicillin, quantity=240, reference="RX1/1", by=pharmacist)
        stock.release(reference="RX1/1", by=pharmacist)

    stock.reserve(drug=amoxicillin, quantity=240, reference="RX1/1", by=pharmacist)

    assert stock.available([amoxicillin.pk]) == {amoxicillin.pk: 0}
    assert Reservation.objects.count() == 3


def test_what_was_handed_out_can_not_be_released(amoxicillin, pharmacist):
    stock.reserve(drug=amoxicillin, quantity=24, reference="RX1/1", by=pharmacist)
    stock.issue(reference="RX1/1", by=pharmacist, document_reference="RX1")

    with pytest.raises(RuleBroken):
        stock.release(reference="RX1/1", by=pharmacist)
