"""What the cashier's pages have to show: somebody who paid, a shift that runs, a price list."""

from datetime import timedelta
from decimal import Decimal

from django.core.management import call_command
from django.utils import timezone

from clinic.cashier.importing import NAME
from clinic.cashier.models import FeeItem
from pharmacy.prices import NewPrice, change_prices
from security.models import User
from security.permissions import Role
from security.roles import set_roles
from tests.factories import tables
from tests.factories.cash import charging, paid

PRICES = "项目编码,项目名称,类别,单位,价格\nX01,热敷,治疗,次,6\n"


def build(visit, user) -> tuple[dict, dict]:
    """(records, numbers); the demo clinic charges nobody before and afterwards."""
    charging()
    receipt = paid(visit, by=user("cashier"))
    charging(False)
    things = {
        "bill": visit,
        "receipt": receipt,
        "fee_item": FeeItem.objects.get(code="Y01"),
        "fees_read": tables.checked(user("admin"), PRICES.encode(), name="价目.csv", kind=NAME),
    }
    return things, {"shift": receipt.shift}


def price_change(drug, *, by):
    """A price document that comes into force tomorrow, so that other tests see today's price."""
    return change_prices(
        lines=[NewPrice(drug, drug.price + Decimal("0.60"))],
        reason="厂家调价",
        effective_at=timezone.now() + timedelta(days=1),
        by=by,
    )


def open_till(cashier: str, full_name: str) -> None:
    """Patients pay from now on, and a cashier whose shift no other test looks at is at the till."""
    model = User.objects.get(username="cashier")
    User.objects.create(
        username=cashier,
        full_name=full_name,
        password=model.password,
        is_demo=True,
        must_change_password=False,
    )
    set_roles(user=User.objects.get(username=cashier), roles={Role.CASHIER.value}, by=None)
    charging()


def close_till() -> None:
    """Nobody pays any more; the money has to agree (R-115)."""
    charging(False)
    call_command("check_cash")
