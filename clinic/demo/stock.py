"""Deliveries for the demo pharmacy: two batches of most drugs, some near expiry, some short."""

import random
from datetime import timedelta

from django.utils import timezone

from pharmacy import stock
from pharmacy.deliveries import Acceptance
from pharmacy.models import Batch, Drug, Supplier
from pharmacy.watch import keeping

DEMO_ONLY = "Y"  # codes of data/demo_pieces.csv
OVER = 20  # days of history, from which on something may have expired meanwhile
PIECE = 8  # lines per delivery, so that no write lock is held for long


def make_stock(*, by, accepted_by, chance: random.Random, until=None) -> int:
    """Receive goods unless the shelf already holds some; returns how many lines were received.

    What is near its expiry is so on the day `until`, today where none is said.
    """
    if Batch.objects.exists():
        return 0
    supplier, _made = Supplier.objects.get_or_create(
        name="江南医药配送有限公司", defaults={"licence": "苏AA5120001"}
    )
    pieces = random.Random(1)  # noqa: S311  # nosec B311 # made-up data; leaves the day as it was
    later = (until - timezone.localdate()).days if until else 0
    lines = [
        line
        for drug in Drug.objects.order_by("pk")
        for line in _lines(drug, pieces if drug.code.startswith(DEMO_ONLY) else chance, later)
    ]
    for start in range(0, len(lines), PIECE):
        stock.receive(
            supplier=supplier,
            lines=lines[start : start + PIECE],
            acceptance=Acceptance(accepted_by=accepted_by),
            by=by,
        )
    keeping.refresh()
    return len(lines)


def _lines(drug: Drug, chance: random.Random, later: int):
    """An older and a newer batch; every ninth drug is out of stock, every seventh near expiry."""
    if drug.pk % 29 == 0:
        return
    today = timezone.localdate()
    old_days = 75 if drug.pk % 7 == 0 else 260 + drug.pk % 90
    if later >= OVER and drug.pk % 23 == 5:
        old_days = -(drug.pk % 9) - 1  # lies there expired, not written off yet
    upper = max(6, drug.upper_limit // drug.units_per_pack)
    packs = 1 if drug.pk % 13 == 0 else upper * chance.randrange(16, 30) // 100
    for order, (days, share) in enumerate([(old_days, 1), (old_days + 320, 2)]):
        yield {
            "drug": drug,
            "lot": f"{(today - timedelta(days=300 - order * 90)):%y%m%d}{drug.pk % 10}",
            "expires_on": today + timedelta(days=days + later),
            "quantity": max(1, packs) * share * drug.units_per_pack,
            "cost": drug.price,
            "shelf": drug.shelf,
            "reason": "货源紧张，经负责人同意验收",
        }


def refill(*, by, accepted_by) -> int:
    """Receive what has fallen below its lower limit, as a clinic that orders in time does."""
    drugs = Drug.objects.filter(active=True).order_by("pk")
    held = stock.available([drug.pk for drug in drugs])
    low = [drug for drug in drugs if held[drug.pk] < max(drug.lower_limit, drug.units_per_pack)]
    supplier = Supplier.objects.order_by("pk").first()
    lines = [_refilled(drug) for drug in low if drug.pk % 29]
    for start in range(0, len(lines), PIECE):
        stock.receive(
            supplier=supplier,
            lines=lines[start : start + PIECE],
            acceptance=Acceptance(accepted_by=accepted_by),
            by=by,
        )
    return len(lines)


def _refilled(drug: Drug) -> dict:
    today = timezone.localdate()
    return {
        "drug": drug,
        "lot": f"{today - timedelta(days=40):%y%m%d}{drug.pk % 10}",
        "expires_on": today + timedelta(days=600),
        "quantity": max(6, drug.upper_limit // drug.units_per_pack) * drug.units_per_pack,
        "cost": drug.price,
        "shelf": drug.shelf,
        "reason": "货源紧张，经负责人同意验收",
    }
