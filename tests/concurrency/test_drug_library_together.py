"""Two people change the drug library at the same moment."""

import pytest

from clinic.core.tables import imports
from pharmacy import groups
from pharmacy.models import Drug, DrugCategory, DrugPrice
from tests.concurrency.together import run_together
from tests.factories.pharmacy import DrugFactory
from tests.factories.tables import HEADINGS, checked, csv

pytestmark = pytest.mark.django_db(transaction=True)
LIBRARIANS = "tests.concurrency.librarians"
FACTS = {
    "generic_name": "布洛芬片", "category": "西药", "dosage_form": "片剂", "strength": "0.2g/片",
    "pack_spec": "0.2g×20片/盒", "pack_unit": "盒", "base_unit": "片", "units_per_pack": 20,
    "routes": "口服", "rx": "OTC甲",
}  # fmt: skip


def each_below_the_other(by, *, locked):
    first, second = (DrugCategory.objects.create(name=name) for name in "甲乙")
    pairs = [(first, second), (second, first)]
    calls = [
        {"group": group.pk, "below": below.pk, "by": by.pk, "locked": locked}
        for group, below in pairs
    ]
    return run_together(f"{LIBRARIANS}:move", calls)


def test_without_turns_two_groups_end_up_below_each_other(pharmacist):
    each_below_the_other(pharmacist, locked=False)

    assert groups.tree() == []  # neither can be reached from above


def test_two_moves_make_no_circle(pharmacist):
    answers = each_below_the_other(pharmacist, locked=True)

    assert sorted("error" in answer for answer in answers) == [False, True]
    assert len(groups.tree()) == 2


def test_the_same_drug_is_created_once_at_two_desks_R122(pharmacist, storekeeper):
    answers = run_together(
        f"{LIBRARIANS}:create",
        [{"facts": FACTS, "by": who.pk} for who in (pharmacist, storekeeper)],
    )

    assert sorted(answer.get("error", "created") for answer in answers) == ["Alike", "created"]
    assert Drug.objects.count() == 1


def test_a_list_and_the_form_create_the_same_drug_once_R122(pharmacist, storekeeper):
    line = "布洛芬片,0.2g×20片/盒,盒,,1.00,片剂,西药"
    table = checked(storekeeper, csv(line, headings=HEADINGS.partition(",")[2]))
    imports.start(table_id=table.pk, by=storekeeper)

    run_together(
        f"{LIBRARIANS}:create_or_import",
        [
            {"facts": FACTS, "job": None, "by": pharmacist.pk},
            {"facts": None, "job": str(table.job_id), "by": storekeeper.pk},
        ],
    )

    assert Drug.objects.count() == 1


def test_of_two_prices_at_once_the_history_tells_both_in_order_R122(pharmacist, storekeeper):
    drug = DrugFactory(price="1.00")

    answers = run_together(
        f"{LIBRARIANS}:price",
        [
            {"drug": drug.pk, "price": price, "by": who.pk}
            for price, who in (("2.00", pharmacist), ("3.00", storekeeper))
        ],
    )

    assert [answer for answer in answers if "error" in answer] == []
    first, second = DrugPrice.objects.order_by("pk")
    drug.refresh_from_db()
    assert str(first.before) == "1.00"
    assert (second.before, second.price) == (first.price, drug.price)
