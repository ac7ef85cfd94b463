"""What the processes of test_last_box_sold_once.py do. A result must be plain JSON."""

from datetime import date

from pharmacy import stock
from pharmacy.models import Drug, Supplier
from security.models import User
from tests.concurrency.racer import change, linger_after, without_locks


def promise(drug: int, reference: str, by: int, quantity: int, locked: bool) -> str:
    """Promise units of the drug; without the lock the verb runs bare, statement by statement."""
    linger_after(stock, "available")
    verb = stock.reserve_all
    if not locked:
        without_locks()
        change(stock, "lock_batches", lambda **which: {})
        verb = stock.reserve_all.__wrapped__
    wants = [stock.Want(Drug.objects.get(pk=drug), quantity, reference)]
    return verb(wants=wants, by=User.objects.get(pk=by))[0].reference


def hand_out(reference: str, by: int) -> int:
    """Hand out one reserved line; the units that left the shelf."""
    movements = stock.issue(
        reference=reference, by=User.objects.get(pk=by), document_reference="RX1"
    )
    return -sum(movement.quantity for movement in movements)


def take_in(drug: int, supplier: int, by: int, day: str) -> str:
    """Take in one delivery note; the number it got."""

    line = {"drug": Drug.objects.get(pk=drug), "lot": "NEU", "quantity": 24}
    line["expires_on"] = date.fromisoformat(day)
    document = stock.receive(
        supplier=Supplier.objects.get(pk=supplier),
        lines=[line],
        delivery_note="KN1",
        by=User.objects.get(pk=by),
    )
    return document.number


def shop(drugs: list[int], name: str, by: int, rounds: int) -> int:
    """Promise and hand out these drugs, in this order, again and again; the rounds that worked."""
    person = User.objects.get(pk=by)
    rows = Drug.objects.in_bulk(drugs)
    worked = 0
    for n in range(rounds):
        wants = [stock.Want(rows[pk], 1, f"{name}{n}/{pk}") for pk in drugs]
        try:
            stock.reserve_all(wants=wants, by=person)
        except stock.Short:
            continue
        stock.issue_all(
            references=[want.reference for want in wants],
            by=person,
            document_reference=f"{name}{n}",
        )
        worked += 1
    return worked
