"""Do the books agree? Looks at every balance and reservation, changes nothing (R-107, R-113)."""

from collections import defaultdict

from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce

from clinic.core.paging import paged
from pharmacy import worth
from pharmacy.models import Batch, Reservation, StockMovement

State = Reservation.State
PAGE = 5000  # small rows, and perhaps millions of them


def check() -> list[str]:
    """One sentence per contradiction; an empty list when everything agrees."""
    return [*_sums(), *_copies(), *_running_balances(), *_papers(), *_reservations(), *_worth()]


def _sums():
    rows = Batch.objects.annotate(total=Coalesce(Sum("movements__quantity"), 0))
    for batch in rows.exclude(total=F("on_hand")).order_by("pk"):
        yield (
            f"Batch {batch.pk} (lot {batch.lot}): {batch.on_hand} on hand, "
            f"but its movements add up to {batch.total}."
        )


def _copies():
    """A movement repeats its batch's drug and place for the reports."""
    wrong = ~Q(drug=F("batch__drug")) | ~Q(place=F("batch__place"))
    for row in StockMovement.objects.filter(wrong).order_by("pk"):
        yield f"Movement {row.pk} names another drug or place than its batch {row.batch_id}."


def _papers():
    """Only posted documents move goods; a reversal moves what it takes back and nothing else."""
    for row in StockMovement.objects.exclude(document__state="posted").order_by("pk"):
        yield f"Movement {row.pk} belongs to a document that was never posted."
    back = StockMovement.objects.filter(kind=StockMovement.Kind.REVERSE)
    same = Q(batch=F("reverses__batch"), quantity=-F("reverses__quantity"))
    same &= Q(document__reverses=F("reverses__document"))
    for row in back.exclude(same).order_by("pk"):
        yield f"Movement {row.pk} is not the reverse of movement {row.reverses_id}."


def _running_balances():
    sums: dict[int, int] = defaultdict(int)
    rows = StockMovement.objects.values_list("pk", "batch_id", "quantity", "balance", named=True)
    for pk, batch, quantity, balance in paged(rows, "pk", PAGE):
        sums[batch] += quantity
        if sums[batch] != balance or balance < 0:
            yield f"Movement {pk} says a balance of {balance}, but {sums[batch]} were left then."
            sums[batch] = balance


def _reservations():
    ended = Q(ended_at__isnull=False)
    wrong = Q(state=State.ACTIVE) & ended | ~Q(state=State.ACTIVE) & ~ended
    for row in Reservation.objects.filter(wrong).order_by("pk"):
        yield f"Reservation {row.pk} of {row.reference} is {row.state}, its end says otherwise."
    issued = dict(
        StockMovement.objects.filter(kind=StockMovement.Kind.ISSUE)
        .values_list("reference")
        .annotate(total=Sum("quantity"))
        .order_by()
    )
    went = Q(in_force__isnull=False) | Q(issued__gt=0)
    promised: dict[str, int] = defaultdict(int)
    rows = list(Reservation.objects.filter(went).order_by("pk"))
    for row in rows:
        promised[row.reference] += row.issued
    for row in rows:
        if -issued.get(row.reference, 0) != promised[row.reference]:
            yield (
                f"Reservation {row.pk} of {row.reference} ({row.state}, {row.quantity}): "
                f"{-issued.get(row.reference, 0)} were handed out."
            )
    for reference in sorted(set(issued) - set(promised)):
        yield f"{-issued[reference]} were handed out for {reference}, but nothing was reserved."


def _worth():
    """What reports add up is what lies there, at the cost and the price of today."""
    for row in worth.wrong():
        yield f"Batch {row.pk} is not worth what is kept of it (pharmacy.ShelfWorth)."
    for batch in worth.lacking():
        yield f"Batch {batch.pk} lies on the shelf, but nothing is kept of its worth."
