"""Every pair of states: allowed exactly where R-87 and R-88 have an arrow."""

import itertools

import pytest
from django.db import IntegrityError, transaction

from clinic.core.errors import RuleBroken
from registration.models import Registration
from registration.moves import locked, move
from registration.states import LIVE, MOVES, VisitState, may_move
from tests.factories.registration import waiting_visit

ARROWS = {
    "booked": "waiting cancelled lapsed",
    "waiting": "called exam cancelled lapsed",
    "called": "consulting missed exam waiting cancelled lapsed",
    "missed": "waiting cancelled lapsed",
    "consulting": "exam waiting finished cancelled",
    "exam": "waiting consulting finished cancelled",
    "finished": "consulting",
    "cancelled": "",
    "lapsed": "",
}
PAIRS = list(itertools.product(VisitState.values, VisitState.values))


@pytest.mark.parametrize("old, new", PAIRS)
def test_a_move_is_allowed_exactly_where_there_is_an_arrow_R88(old, new):
    assert may_move(old, new) == (new in ARROWS[old].split())


def test_the_table_names_every_state():
    assert set(MOVES) == set(VisitState)


@pytest.mark.parametrize("old, new", PAIRS)
def test_a_visit_moves_as_the_table_says_and_frees_the_patient_when_it_is_over(old, new):
    visit = Registration(number="A001", state=old, live_key="1/x" if old in LIVE else None)

    if new not in ARROWS[old].split():
        with pytest.raises(RuleBroken, match="A001"):
            move(visit, VisitState(new))
        assert visit.state == old
    else:
        move(visit, VisitState(new))
        assert visit.state == new
        # Who takes a finish back gives the key again: somebody may hold it by now.
        assert (visit.live_key is None) == (new not in LIVE or old not in LIVE)


def test_the_database_knows_the_legal_states_too(session, frontdesk):
    visit = waiting_visit(session, frontdesk)
    visit.state = "elsewhere"

    with pytest.raises(IntegrityError), transaction.atomic():
        visit.save()


def test_what_the_caller_holds_may_be_old_the_row_decides(session, frontdesk):
    held = waiting_visit(session, frontdesk)
    other = Registration.objects.get(pk=held.pk)
    other.state = VisitState.CANCELLED
    other.save()

    assert held.state == VisitState.WAITING
    assert locked(held).state == VisitState.CANCELLED
