"""What the processes of test_recall_while_selling.py do. A result must be plain JSON."""

import time
from datetime import date

from pharmacy import recalling, stock
from pharmacy.models import Drug, Supplier
from security.models import User

REST = 0.05  # seconds between two pieces of work, as people have them


def recall(drug: int, lot: str, by: int, after: float = 0) -> str:
    """Open a recall a little later; its number."""
    time.sleep(after)
    return recalling.recall_lot(
        drug=Drug.objects.get(pk=drug),
        lot=lot,
        reason="不合格",
        source="maker",
        level="1",
        by=User.objects.get(pk=by),
    ).number


def sell(drug: int, name: str, by: int, rounds: int) -> int:
    """Promise and hand out one unit again and again until nothing can be given; the units."""
    person, row = User.objects.get(pk=by), Drug.objects.get(pk=drug)
    sold = 0
    for n in range(rounds):
        reference = f"{name}{n}/1"
        try:
            stock.reserve(drug=row, quantity=1, reference=reference, by=person)
            stock.issue(reference=reference, by=person, document_reference=f"{name}{n}")
        except stock.Short:
            return sold
        sold += 1
        time.sleep(REST)
    return sold


def take_in(drug: int, lot: str, supplier: int, by: int, day: str, rounds: int) -> int:
    """Deliveries of the same lot, each at another cost and so a batch of its own."""
    for n in range(rounds):
        time.sleep(REST)
        line = {"drug": Drug.objects.get(pk=drug), "lot": lot, "quantity": 24, "cost": 5 + n}
        line["expires_on"] = date.fromisoformat(day)
        stock.receive(
            supplier=Supplier.objects.get(pk=supplier), lines=[line], by=User.objects.get(pk=by)
        )
    return rounds


def any_of(what: str, facts: dict):
    """One of the above by its name: everybody does something else at the same moment."""
    return {"recall": recall, "sell": sell, "take_in": take_in}[what](**facts)
