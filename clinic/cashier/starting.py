"""The fee items a clinic begins with: examples, whose prices it checks and sets itself (R-101)."""

import csv
from decimal import Decimal
from pathlib import Path

from django.utils import timezone

from clinic.cashier.fee_items import EXAMPLE, OF_A_VISIT
from clinic.cashier.models import FeeItem, FeePrice
from clinic.core.transactions import atomic_retry
from pharmacy.pinyin import initials
from prescriptions.models import TreatmentService

FILE = Path(__file__).parent / "data" / "fee_items.csv"


@atomic_retry
def load_fee_items() -> int:
    """Add what is missing, by code; return how many. What the clinic has stays as it is."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    there = set(FeeItem.objects.values_list("code", flat=True))
    services = {row.code: row for row in TreatmentService.objects.all()}
    taken = set(FeeItem.objects.values_list("service", flat=True))
    # Beside the clinic's own fees of a visit no example is charged.
    charged = set(
        FeeItem.objects.filter(active=True, kind__in=OF_A_VISIT).values_list("kind", flat=True)
    )
    missing = [row for row in rows if row["code"] not in there]
    for row in missing:
        service = services.get(row["service"])
        item = FeeItem.objects.create(
            code=row["code"],
            name=row["name"],
            initials=initials(row["name"])[:30].upper(),
            kind=row["kind"],
            unit=row["unit"],
            active=row["kind"] not in charged,
            in_general_fee=row["in_general_fee"] == "1",
            service=service if service and service.pk not in taken else None,
        )
        FeePrice.objects.create(
            item=item, price=Decimal(row["price"]), since=timezone.now(), document=EXAMPLE
        )
    return len(missing)
