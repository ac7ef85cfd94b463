"""What the processes of test_fee_items_together.py do. A result must be plain JSON."""

from decimal import Decimal

from clinic.cashier import fee_items
from clinic.cashier.models import FeeItem
from clinic.core.errors import RuleBroken
from security.models import User
from tests.concurrency.racer import linger_after


def act(verb: str, by: int, **facts) -> str:
    """One of the verbs below, slowly between its look and its write; "done" or the field at which
    it was refused."""
    linger_after(fee_items, "require_the_only_one")
    try:
        VERBS[verb](by=User.objects.get(pk=by), **facts)
    except RuleBroken as refused:
        return refused.field
    return "done"


def make(**facts) -> FeeItem:
    return fee_items.make(price=Decimal("1.00"), document="价字1号", **facts)


def switch_on(*, item: int, by) -> FeeItem:
    return fee_items.save_item(item=FeeItem(pk=item), active=True, by=by)


VERBS = {"make": make, "switch_on": switch_on}
