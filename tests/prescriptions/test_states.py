"""The one table of allowed moves (R-34), pair by pair."""

from itertools import product

import pytest

from prescriptions.states import EDITABLE, MOVES, RESERVING, RxState, may_move

S = RxState
ALLOWED = {
    *((S.DRAFT, to) for to in (S.SUBMITTED, S.VOIDED)),
    *((S.SUBMITTED, to) for to in (S.APPROVED, S.RETURNED, S.VOIDED, S.LAPSED, S.ISSUED)),
    *((S.ISSUED, to) for to in (S.ARCHIVED, S.VOIDED)),
    *((S.RETURNED, to) for to in (S.SUBMITTED, S.VOIDED, S.LAPSED)),
    *((S.APPROVED, to) for to in (S.UNPAID, S.VOIDED, S.LAPSED)),
    *((S.UNPAID, to) for to in (S.PAID, S.VOIDED, S.LAPSED)),
    *((S.PAID, to) for to in (S.PICKING, S.VOIDED, S.LAPSED, S.SUBMITTED, S.UNPAID)),
    *((S.PICKING, to) for to in (S.DISPENSED, S.PART_DISPENSED, S.PAID)),
    *((S.PART_DISPENSED, to) for to in (S.PART_DISPENSED, S.DISPENSED)),
    *((S.DISPENSED, to) for to in (S.ARCHIVED, S.PART_RETURNED, S.ALL_RETURNED)),
    *((S.PART_RETURNED, to) for to in (S.PART_RETURNED, S.ALL_RETURNED, S.ARCHIVED)),
    *((S.ALL_RETURNED, to) for to in (S.ARCHIVED, S.PART_RETURNED, S.DISPENSED)),
    (S.PART_RETURNED, S.DISPENSED),
}


@pytest.mark.parametrize(("old", "new"), list(product(RxState, RxState)))
def test_every_pair_of_states_R34(old, new):
    assert may_move(old, new) == ((old, new) in ALLOWED)


def test_the_table_knows_every_state():
    assert set(MOVES) == set(RxState)


def test_only_drafts_and_returned_sheets_are_changed_R34():
    assert EDITABLE == {S.DRAFT, S.RETURNED}


def test_stock_is_promised_from_approval_until_it_goes_out_R113():
    assert RESERVING == {S.APPROVED, S.UNPAID, S.PAID, S.PICKING, S.PART_DISPENSED}
