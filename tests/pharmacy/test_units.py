"""Packs and pieces (R-115)."""

import pytest

from clinic.core.errors import RuleBroken
from pharmacy.units import MOST, base_units, packs_and_pieces, require_sellable, whole_packs
from tests.factories.pharmacy import DrugFactory, InhalerFactory


@pytest.mark.parametrize(
    ("quantity", "words"),
    [
        (77, "3盒+5粒"),
        (72, "3盒"),
        (5, "5粒"),
        (0, "0盒"),
        (-77, "-3盒+5粒"),
    ],
)
def test_quantities_read_as_packs_and_pieces_R115(quantity, words):
    drug = DrugFactory.build()

    assert packs_and_pieces(drug, quantity) == words


def test_packs_and_pieces_add_up_to_base_units_R115():
    drug = DrugFactory.build()

    assert base_units(drug, packs=3, pieces=5) == 77


@pytest.mark.parametrize(("quantity", "rounded"), [(1, 200), (200, 200), (201, 400)])
def test_whole_packs_round_up_R115(quantity, rounded):
    assert whole_packs(InhalerFactory.build(), quantity) == rounded


def test_what_can_not_be_split_is_refused_in_pieces_R115():
    with pytest.raises(RuleBroken, match="2瓶"):
        require_sellable(InhalerFactory.build(), 250)


@pytest.mark.parametrize("quantity", [0, -1, MOST + 1])
def test_a_quantity_of_nothing_or_beyond_any_shelf_is_refused(quantity):
    with pytest.raises(RuleBroken):
        require_sellable(DrugFactory.build(), quantity)
