"""The demo clinic's cashier: takes what a visit owes, by the ways people pay; hands over."""

import random
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from clinic.cashier import bills, shifts
from clinic.cashier.due import of_visit
from clinic.cashier.models import Receipt, Way
from clinic.cashier.receipts import Paid
from clinic.core.models import Setting
from clinic.core.site import setting
from patients.models import Payment as Category
from registration.models import Registration

FLOATING = Decimal("200.00")
INSURED = {Category.EMPLOYEE, Category.RESIDENT}
SHARE = Decimal("0.6")  # what the insurance bears, in this clinic of ours
NOTE = Decimal(10)


def open_till(*, by) -> None:
    """From now on patients pay here; the cashier begins with change money."""
    Setting.objects.update_or_create(key="site.charges", defaults={"value": "yes"})
    shifts.begin(floating=FLOATING, by=by)


def settle(visit: Registration, cast) -> Receipt | None:
    """Take everything that is due; nothing where nobody pays."""
    if not setting("site.charges"):
        return None
    visit = Registration.objects.select_related("patient", "session__clinician").get(pk=visit.pk)
    due = of_visit(visit)
    if due.is_nothing:
        return None
    ways = _ways(visit, due.total)
    return bills.pay(visit=visit, seen=due.digest, ways=ways, by=cast.people["cashier"])


def _ways(visit: Registration, total: Decimal) -> list[Paid]:
    """Of the insured part by insurance; the rest mostly by phone. The same for the same visit."""
    chance = random.Random(str(visit))  # noqa: S311  # nosec B311 # made-up data
    insured, ways = Decimal(0), []
    if visit.patient.payment in INSURED and chance.random() < 0.4:
        insured = (total * SHARE).quantize(Decimal("0.01"), ROUND_HALF_UP)
        ways = [Paid(Way.INSURANCE, insured, reference=f"YB{chance.randrange(10**8):08}")]
    rest = total - insured
    way = chance.choices([Way.CASH, Way.WECHAT, Way.ALIPAY, Way.CARD], [30, 45, 20, 5])[0]
    given = (rest / NOTE).to_integral_value(ROUND_CEILING) * NOTE if way == Way.CASH else None
    return [*ways, Paid(way, rest, given=given)] if rest else ways
