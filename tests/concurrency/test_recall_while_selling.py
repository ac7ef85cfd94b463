"""A lot is recalled while others hand it out and take more of it in (R-109)."""

import pytest

from pharmacy import stock
from pharmacy.books import check
from pharmacy.models import Batch, Hold, Recall, StockMovement
from tests.concurrency.together import run_together
from tests.factories.pharmacy import SupplierFactory, in_days, stocked_drug

pytestmark = pytest.mark.django_db(transaction=True)
WORK = "tests.concurrency.recallers"
LOT = "260518"


def run_all(*calls: tuple[str, dict]) -> list[dict]:
    return run_together(f"{WORK}:any_of", [{"what": name, "facts": facts} for name, facts in calls])


def test_nothing_goes_out_once_the_recall_stands(pharmacist, storekeeper):
    drug = stocked_drug(2000, lot=LOT)
    facts = {"drug": drug.pk, "by": pharmacist.pk}
    delivery = {"lot": LOT, "supplier": SupplierFactory().pk, "day": in_days(700).isoformat()}

    answers = run_all(
        ("sell", {**facts, "name": "RXA", "rounds": 100}),
        ("sell", {**facts, "name": "RXB", "rounds": 100}),
        ("take_in", {**facts, **delivery, "rounds": 4}),
        ("recall", {"drug": drug.pk, "lot": LOT, "by": storekeeper.pk, "after": 0.4}),
    )

    assert [answer for answer in answers if "error" in answer] == []
    recall = Recall.objects.get()
    first_hold = Hold.objects.filter(recall=recall).order_by("pk").first()
    sold = sum(answer["result"] for answer in answers[:2])
    issues = StockMovement.objects.filter(kind="issue")
    assert sold == issues.count() < 200  # they were stopped
    assert not issues.filter(batch=first_hold.batch, made_at__gt=first_hold.made_at).exists()
    assert stock.available([drug.pk]) == {drug.pk: 0}
    assert Batch.objects.count() == 5
    assert check() == []


def test_two_letters_about_one_lot_open_one_recall(pharmacist, storekeeper):
    drug = stocked_drug(48, lot=LOT)

    answers = run_all(
        *(("recall", {"drug": drug.pk, "lot": LOT, "by": p.pk}) for p in (pharmacist, storekeeper))
    )

    found = sorted(answer.get("error", "recalled") for answer in answers)
    assert found == ["AlreadyDone", "recalled"]
    assert Hold.objects.count() == 1
