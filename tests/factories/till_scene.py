"""What the cashier's pages have to show: somebody who paid, a shift that runs, a price list."""

from clinic.cashier.importing import NAME
from clinic.cashier.models import FeeItem
from clinic.core.models import Setting
from clinic.demo import till
from clinic.demo.visits import Cast
from security.models import User
from tests.factories import tables

PRICES = "项目编码,项目名称,类别,单位,价格\nX01,热敷,治疗,次,6\n"


def build(visit, user) -> tuple[dict, dict]:
    """(records, numbers); the demo clinic charges nobody before and afterwards."""
    till.open_till(by=user("cashier"))
    receipt = till.settle(
        visit, Cast.of({person.username: person for person in User.objects.all()})
    )
    Setting.objects.filter(key="site.charges").delete()
    things = {
        "bill": visit,
        "receipt": receipt,
        "fee_item": FeeItem.objects.get(code="Y01"),
        "fees_read": tables.checked(user("admin"), PRICES.encode(), name="价目.csv", kind=NAME),
    }
    return things, {"shift": receipt.shift}
