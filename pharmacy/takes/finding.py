"""A batch that lies on the shelf and isn't on the list."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry
from pharmacy import deliveries
from pharmacy.ledger import lock_batches
from pharmacy.models import Batch, Drug, StockTake, StockTakeLine
from pharmacy.takes.counting import book_at, moment_of, note
from pharmacy.takes.states import OPEN, S, locked, require
from pharmacy.units import require_countable


@atomic_retry
def add_found(
    *,
    take: StockTake,
    drug: Drug,
    lot: str,
    expires_on: date,
    quantity: int,
    by,
    shelf: str = "",
    at: datetime | None = None,
) -> StockTakeLine:
    """Add the batch to the list, with its first count.

    The book may know it (it came meanwhile, or is empty there), or never have heard of it. One that
    is new and expired stays off the book: it may not come into the stock (R-109).
    """
    take = locked(take)
    require(take, S.COUNTING)
    if not lot.strip():
        raise RuleBroken(_("Please read the lot off the pack."), field="lot", rule="R-108")
    require_countable(quantity)
    batch = _known(take, drug, lot.strip(), expires_on)
    batch = batch or _new(take, drug, lot.strip(), expires_on, quantity, shelf)
    batches = lock_batches(pk=batch.pk)
    at = moment_of(take, at)
    line = StockTakeLine(
        take=take,
        batch=batch,
        held=batch,
        shelf=shelf or batch.shelf or drug.shelf,
        found=True,
        book=batches[batch.pk].on_hand,
        price=drug.price,
    )
    counted = note(take, line, quantity, book_at(batches, at)[batch.pk], at=at, by=by)
    line.save()
    counted.save()
    return line


def _known(take, drug, lot, expires_on) -> Batch | None:
    """The book's batch of this lot, the latest where it came at several costs."""
    rows = Batch.objects.filter(place=take.place_id, drug=drug, lot=lot, expires_on=expires_on)
    counted = StockTakeLine.objects.filter(held__in=rows.values("pk"), take__state__in=OPEN)
    line = counted.select_related("take").first()
    if line is not None and line.take_id == take.pk:
        raise RuleBroken(
            _("This batch is on the list already, on shelf %(shelf)s. Please count it there.")
            % {"shelf": line.shelf or "–"},
            field="lot",
            rule="R-119",
        )
    if line is not None:
        raise RuleBroken(
            _("This batch is being counted in %(number)s. Please write it down there.")
            % {"number": line.take.number},
            field="lot",
            rule="R-119",
        )
    return rows.order_by("-on_hand", "-pk").first()


def _new(take, drug, lot, expires_on, quantity, shelf) -> Batch:
    """A batch that the book has never heard of, at the cost of the drug's latest one."""
    if expires_on < timezone.localdate():
        raise RuleBroken(
            _(
                "Expired on %(date)s and not on the book: it does not come into the stock. Please "
                "put it aside under lock and have it destroyed with a record."
            )
            % {"date": expires_on.isoformat()},
            field="expires_on",
            rule="R-109",
        )
    if not quantity:
        raise RuleBroken(
            _("Nothing was found of it, so there is nothing to add."), field="packs", rule="R-119"
        )
    latest = Batch.objects.filter(drug=drug).order_by("-pk").first()
    line = deliveries.Line(
        drug=drug,
        lot=lot,
        expires_on=expires_on,
        quantity=quantity,
        cost=latest.cost if latest else 0,
        shelf=shelf,
    )
    return deliveries.batches_of([line], take.place, None)[0]
