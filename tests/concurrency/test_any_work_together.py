"""Several people write any documents about the same few batches at once: the books agree (R-107).

The sequences of tests/pharmacy/test_any_sequence.py with several processes instead of a model: each
says what its documents moved, and at the end the shelf holds the sum.
"""

from collections import Counter

import pytest
from django.db.models import Sum

from pharmacy.books import check
from pharmacy.models import Batch, Place, StockMovement
from tests.concurrency.together import run_together
from tests.factories.pharmacy import DrugFactory, SupplierFactory, in_days, put_on_shelf
from tests.pharmacy.papers import require_whole_series, store

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE, STEPS = 4, 40


def test_whatever_several_people_do_at_once_nothing_is_lost_R107_R113(
    storekeeper, pharmacist, request
):
    drugs = [DrugFactory(units_per_pack=1) for _n in range(3)]
    for drug in drugs:
        put_on_shelf(drug, 100, lot="A", by=storekeeper)
    store()
    Place.objects.create(code="CK2", name="窗口")
    facts = {"steps": STEPS, "supplier": SupplierFactory().pk}
    facts["days"] = [in_days(days).isoformat() for days in (400, 700)]

    turn = request.node.callspec.params["turn"] if hasattr(request.node, "callspec") else 0
    seeds = range(turn * PEOPLE, (turn + 1) * PEOPLE)  # each turn of many has sequences of its own
    answers = run_together(
        "tests.concurrency.anybody:work", [{"seed": seed, **facts} for seed in seeds]
    )

    assert [answer for answer in answers if "error" in answer] == []
    done, moved = Counter(), Counter({drug.pk: 100 for drug in drugs})
    for answer in answers:
        done.update(answer["result"]["done"])
        moved.update(answer["result"]["moved"])
    sums = Batch.objects.values_list("drug").annotate(Sum("on_hand")).order_by()
    assert dict(sums) == dict(moved)
    assert check() == []
    require_whole_series()
    assert all(done[f"{what} done"] for what in ("receive", "serve", "paper", "reverse")), done
    assert StockMovement.objects.count() > PEOPLE * STEPS / 4
