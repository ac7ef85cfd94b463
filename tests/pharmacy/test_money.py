"""Money (R-115): Decimal, rounded once per line."""

from decimal import Decimal

import pytest

from pharmacy.money import line_total, price_of
from tests.factories.pharmacy import DrugFactory


@pytest.mark.parametrize(
    ("quantity", "total"),
    [(24, "9.60"), (1, "0.40"), (5, "2.00"), (77, "30.80"), (0, "0.00")],
)
def test_price_per_base_unit_is_pack_price_by_units_R115(quantity, total):
    drug = DrugFactory.build(price=Decimal("9.60"), units_per_pack=24)

    assert price_of(drug, quantity) == Decimal(total)


def test_only_the_line_total_is_rounded_R115():
    drug = DrugFactory.build(price=Decimal("10.00"), units_per_pack=7)

    assert price_of(drug, 7) == Decimal("10.00")
    assert price_of(drug, 1) == Decimal("1.43")
    assert price_of(drug, 3) == Decimal("4.29")


def test_half_a_cent_is_rounded_up():
    assert line_total(Decimal("0.01"), 1, 2) == Decimal("0.01")
