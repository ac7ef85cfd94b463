"""A charging site: fee items with prices, visits that owe, money taken by the verbs of the till."""

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from clinic.cashier import bills, due, refunds
from clinic.cashier.giving_back import of_receipt
from clinic.cashier.models import FeeItem, FeePrice, Receipt, Reduction
from clinic.cashier.receipts import Paid
from clinic.core.models import Setting

LONG_AGO = timedelta(days=30)


def fee(kind: str, price: str, *, code: str = "", name: str = "", **fields) -> FeeItem:
    """An item that has cost this for a month."""
    code = code or f"{kind[:8]}{FeeItem.objects.count()}"
    name = name or str(FeeItem.Kind(kind).label)
    item = FeeItem.objects.create(code=code, name=name, kind=kind, **fields)
    return priced(item, price, timezone.now() - LONG_AGO)


def priced(item: FeeItem, price: str, since=None) -> FeeItem:
    FeePrice.objects.create(
        item=item, price=Decimal(price), since=since or timezone.now(), document="价字1号"
    )
    return item


def charging(value: bool = True) -> None:
    """A site where patients pay before they get their drugs, or one where nobody does."""
    Setting.objects.update_or_create(
        key="site.charges", defaults={"value": "yes" if value else "no"}
    )


def usual_fees() -> tuple[FeeItem, FeeItem]:
    """A site that charges for registration and consultation."""
    charging()
    return fee("registration", "1.00"), fee("consultation", "5.00")


def free_for(item: FeeItem, percent: int = 100, **fields) -> Reduction:
    today = timezone.localdate()
    return Reduction.objects.create(
        item=item, percent=percent, reason="65岁以上免收", since=today - LONG_AGO, **fields
    )


def seen(visit) -> str:
    """What somebody who looks at the bill now will say they saw."""
    return due.of_visit(visit).digest


def cash(amount, given=None) -> list[Paid]:
    amount = Decimal(amount)
    return [Paid("cash", amount, Decimal(given) if given else amount)]


def paid(visit, *, by, ways: list[Paid] | None = None) -> Receipt:
    """The whole bill, in cash that fits."""
    owed = due.of_visit(visit)
    if ways is None:
        ways = cash(owed.total)
    return bills.pay(visit=visit, seen=owed.digest, ways=ways, by=by)


def back(receipt: Receipt, *, by, **more) -> Receipt:
    """Everything of a receipt that may go back."""
    rows = of_receipt(receipt)
    quantities = {row.line.pk: row.most for row in rows if row.most}
    return refunds.refund(receipt=receipt, quantities=quantities, by=by, **more)
