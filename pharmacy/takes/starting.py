"""The beginning of a stock-take: its lines, written in pieces; and giving it up."""

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry
from pharmacy.ledger import number_of
from pharmacy.models import Place, StockDocument, StockTake, StockTakeLine
from pharmacy.places import dispensary
from pharmacy.takes.scope import batches_of
from pharmacy.takes.states import CLOSED, MOVES, OPEN, S, locked, move

PIECE = 200  # lines written, or batches given free, in one transaction


@atomic_retry
def start(
    *,
    by,
    place: Place | None = None,
    scope: str = StockTake.Scope.ALL,
    scope_text: str = "",
    group=None,
    drugs=(),
    note: str = "",
) -> StockTake:
    """Begin a take; `prepare_piece` writes its lines (see takes/work.py)."""
    # Drawn first: the number's series is what two people who begin at once wait for.
    number = number_of(StockDocument.Kind.ADJUSTMENT)
    take = StockTake(
        number=number,
        place=place or dispensary(),
        scope=scope,
        scope_text=scope_text,
        group=group,
        drug_ids=[drug.pk for drug in drugs],
        note=note,
        started_by=by,
    )
    _refuse_overlap(take)
    take.save()
    return take


def _refuse_overlap(take: StockTake) -> None:
    if StockTake.objects.filter(place=take.place, state=S.PREPARING).exists():
        raise RuleBroken(
            _("Another stock-take is just being prepared. Please try again in a minute."),
            rule="R-119",
        )
    mine = batches_of(take)
    if not mine.exists():
        raise RuleBroken(
            _("Nothing of this is on the book here. Please choose something else to count."),
            field="scope",
            rule="R-119",
        )
    open_lines = StockTakeLine.objects.filter(take__state__in=OPEN, held__in=mine.values("pk"))
    line = open_lines.select_related("take", "batch__drug").first()
    if line is not None:
        raise RuleBroken(
            _(
                "%(drug)s, lot %(lot)s, is being counted in %(number)s already. Please finish or "
                "cancel that stock-take first, or choose something else to count."
            )
            % {"drug": line.batch.drug, "lot": line.batch.lot, "number": line.take.number},
            field="scope",
            rule="R-119",
        )


@atomic_retry
def prepare_piece(take: StockTake) -> bool:
    """Write the next lines; False when there is nothing (more) to write."""
    take = locked(take)
    if take.state != S.PREPARING:
        return False
    rows = batches_of(take).filter(pk__gt=take.prepared_to).select_related("drug").order_by("pk")
    # A batch that was found while counting elsewhere belongs to that take.
    rows = rows.exclude(pk__in=StockTakeLine.objects.filter(held__isnull=False).values("held"))
    batches = list(rows[:PIECE])
    StockTakeLine.objects.bulk_create(
        StockTakeLine(
            take=take,
            batch=batch,
            held=batch,
            shelf=batch.shelf or batch.drug.shelf,
            book=batch.on_hand,
            price=batch.drug.price,
        )
        for batch in batches
    )
    if batches:
        take.prepared_to = batches[-1].pk
    else:
        move(take, S.COUNTING)
    take.save(update_fields=["prepared_to", "state"])
    return bool(batches)


@atomic_retry
def cancel(*, take: StockTake, reason: str, by) -> StockTake:
    """Give a take up: nothing of it reaches the stock."""
    take = locked(take)
    if not reason.strip():
        raise RuleBroken(_("Please write the reason."), field="reason", rule="R-119")
    if take.lines.filter(Q(movement__isnull=False) | Q(confirmed_by__isnull=False)).exists():
        raise RuleBroken(
            _(
                "Differences of %(number)s were confirmed already, so it can't be cancelled. "
                "Please finish the lines that are left."
            )
            % {"number": take.number},
            rule="R-119",
        )
    if S.CANCELLED not in MOVES[take.state]:
        raise RuleBroken(_("%(number)s is over already.") % {"number": take.number}, rule="R-119")
    move(take, S.CANCELLED)
    take.cancelled_at, take.cancelled_by, take.cancel_reason = timezone.now(), by, reason.strip()
    take.save()
    return take


@atomic_retry
def free_piece() -> bool:
    """Give batches of closed takes free for the next one; False when none is held (any more)."""
    held = StockTakeLine.objects.filter(take__state__in=CLOSED, held__isnull=False)
    ids = list(held.values_list("pk", flat=True)[:PIECE])
    StockTakeLine.objects.filter(pk__in=ids).update(held=None)
    return bool(ids)
