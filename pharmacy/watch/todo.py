"""Stock that runs out or runs out of time, for whoever orders and receives it."""

from collections.abc import Iterable

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.core.todo import Todo
from pharmacy.models import StockWarning
from security.permissions import P

Kind = StockWarning.Kind
NEXT_MONTH = Q(kind=Kind.NEAR, level=1)
SHOWN = {
    "expired": (_("Expired drugs"), Q(kind=Kind.EXPIRED), True),
    "within1": (_("Expire within a month"), NEXT_MONTH, True),
    "out": (_("Out of stock"), Q(kind=Kind.OUT), True),
    "low": (_("Below the lower limit"), Q(kind__in=[Kind.LOW, Kind.OUT]), False),
}


def of_stock(user) -> Iterable[Todo]:
    """One question for all of them; the numbers are those of the page behind each."""
    if not user.has_perm(P.RECEIVE_STOCK):
        return
    counts = {
        name: Count("drug", filter=which, distinct=True)
        for name, (_label, which, _urgent) in SHOWN.items()
    }
    found = StockWarning.objects.filter(StockWarning.NOW).aggregate(**counts)
    for name, (label, _which, is_urgent) in SHOWN.items():
        yield Todo(label, found[name], f"{reverse('stock')}?show={name}", is_urgent)
