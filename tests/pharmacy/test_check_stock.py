"""The books agree after anything that people do, and `check_stock` says where they don't."""

import io
import random

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from clinic.core.errors import RuleBroken
from pharmacy import stock
from pharmacy.books import check
from pharmacy.models import Batch, Reservation, StockMovement
from pharmacy.places import dispensary
from tests.factories.pharmacy import DrugFactory, SupplierFactory, in_days, stocked_drug

pytestmark = pytest.mark.django_db


class Day:
    """Random work at one shelf, right and wrong alike."""

    def __init__(self, seed, people):
        self.chance = random.Random(seed)
        self.by, self.witness = people
        self.drugs = [DrugFactory(units_per_pack=n) for n in (1, 6, 24)]
        self.supplier = SupplierFactory()
        self.references = 0

    def work(self, steps):
        verbs = [self.receive, self.reserve, self.reserve, self.issue, self.release]
        verbs += [self.give_back, self.write_off, self.adjust, self.expire, self.freeze]
        done = 0
        for _step in range(steps):
            try:
                self.chance.choice(verbs)()
                done += 1
            except RuleBroken:
                pass
        return done

    def receive(self):
        line = {
            "drug": self.chance.choice(self.drugs),
            "lot": self.chance.choice("ABC"),
            "expires_on": in_days(self.chance.choice([-1, 10, 200, 700])),
            "quantity": self.chance.randint(0, 60),
            "reason": "急用",
        }
        stock.receive(supplier=self.supplier, lines=[line], by=self.by)

    def reserve(self):
        self.references += 1
        wants = [
            stock.Want(drug, self.chance.randint(1, 40), f"RX{self.references}/{n}")
            for n, drug in enumerate(self.chance.sample(self.drugs, 2))
        ]
        stock.reserve_all(wants=wants, by=self.by)

    def any_reference(self):
        return f"RX{self.chance.randint(1, self.references + 1)}/{self.chance.randint(0, 1)}"

    def issue(self):
        stock.issue(reference=self.any_reference(), by=self.by, document_reference="RX")

    def release(self):
        stock.release(reference=self.any_reference(), by=self.by)

    def any_batch(self):
        batches = list(Batch.objects.order_by("pk"))
        if not batches:
            raise RuleBroken("nothing on the shelf")
        return self.chance.choice(batches)

    def give_back(self):
        issued = list(StockMovement.objects.filter(kind="issue").order_by("pk"))
        if issued:
            stock.give_back(
                movement=self.chance.choice(issued),
                quantity=self.chance.randint(0, 30),
                reason="退药",
                by=self.by,
                intact=self.chance.random() < 0.5,
            )

    def write_off(self):
        stock.write_off(
            batch=self.any_batch(),
            quantity=self.chance.randint(0, 70),
            reason="破损",
            by=self.by,
            witness=self.witness,
        )

    def adjust(self):
        stock.adjust(
            batch=self.any_batch(),
            counted=self.chance.randint(-2, 70),
            reason="盘点",
            by=self.by,
            witness=self.witness,
        )

    def expire(self):
        batch = self.any_batch()
        batch.expires_on = in_days(self.chance.choice([-1, 700]))
        if not Batch.objects.filter(
            drug=batch.drug, lot=batch.lot, expires_on=batch.expires_on
        ).exists():
            batch.save()

    def freeze(self):
        batch = self.any_batch()
        batch.frozen = self.chance.random() < 0.3
        batch.save()


@pytest.mark.parametrize("seed", range(6))
def test_balances_equal_sums_and_never_fall_below_nothing_R107_R113(storekeeper, pharmacist, seed):
    day = Day(seed, (storekeeper, pharmacist))

    done = day.work(steps=150)

    assert done > 40
    assert check() == []
    assert not Batch.objects.filter(on_hand__lt=0).exists()
    assert all(free >= 0 for free in stock.available([d.pk for d in day.drugs]).values())


def run():
    out = io.StringIO()
    call_command("check_stock", stdout=out)
    return out.getvalue()


def test_the_command_is_content_when_everything_agrees(amoxicillin, pharmacist):
    stock.reserve(drug=amoxicillin, quantity=24, reference="RX1/1", by=pharmacist)
    stock.issue(reference="RX1/1", by=pharmacist, document_reference="RX1")

    assert run() == "The stock agrees: 1 batches checked.\n"


def test_a_balance_that_is_not_the_sum_is_found_R107(amoxicillin):
    batch = amoxicillin.batches.get()
    batch.on_hand = 239
    batch.save()

    with pytest.raises(CommandError, match="1 places"):
        run()
    assert "239 on hand, but its movements add up to 240" in check()[0]


def test_a_batch_without_movements_is_found():
    drug = stocked_drug(0)
    shelf = {"drug": drug, "lot": "X", "expires_on": in_days(9), "on_hand": 5}
    Batch.objects.create(place=dispensary(), emptied_at=None, **shelf)

    assert "5 on hand, but its movements add up to 0" in check()[0]


def test_a_wrong_running_balance_is_found(amoxicillin, storekeeper):
    first = StockMovement.objects.get()
    StockMovement.objects.create(
        document=first.document,
        batch=first.batch,
        drug=first.drug,
        place=first.place,
        kind="write_off",
        quantity=-24,
        balance=240,
        made_by=storekeeper,
    )

    assert [problem for problem in check() if "says a balance of 240, but 216" in problem]


def test_a_promise_that_ended_without_being_handed_out_is_found(amoxicillin, pharmacist):
    reservation = stock.reserve(drug=amoxicillin, quantity=24, reference="RX1/1", by=pharmacist)
    reservation.state = Reservation.State.ISSUED
    reservation.ended_at = timezone.now()
    reservation.save()

    assert check() == [f"Reservation {reservation.pk} of RX1/1 (issued, 24): 0 were handed out."]


def test_an_end_that_the_state_denies_is_found(amoxicillin, pharmacist):
    reservation = stock.reserve(drug=amoxicillin, quantity=24, reference="RX1/1", by=pharmacist)
    reservation.ended_at = timezone.now()
    reservation.save()

    assert check() == [f"Reservation {reservation.pk} of RX1/1 is active, its end says otherwise."]
