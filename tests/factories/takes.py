"""Stock-takes in every state, made by the verbs."""

from pharmacy import takes
from pharmacy.models import StockTake


def started(*, by, **scope) -> StockTake:
    """A take whose list is written: it can be counted."""
    take = takes.start(by=by, **scope)
    takes.go_on()
    take.refresh_from_db()
    return take


def line_of(take, batch):
    return take.lines.get(batch=batch)


def counted(take, batch, quantity: int, *, by, at=None) -> list[str]:
    """Count one batch, having seen its line as it is now."""
    line = line_of(take, batch)
    entry = takes.Entry(line.pk, quantity, line.version)
    return takes.count(take=take, entries=[entry], by=by, at=at)


def closed(take, *, by) -> StockTake:
    takes.close_count(take=take, by=by)
    take.refresh_from_db()
    return take


def explained(take, *, by, reason: str = "missing", words: str = "") -> StockTake:
    """Every difference has a reason."""
    lines = take.lines.exclude(difference=0)
    takes.explain(take=take, reasons={line.pk: (reason, words) for line in lines}, by=by)
    return take


def to_confirm(take, quantities: dict, *, by) -> StockTake:
    """Counted, the differences twice and alike, each with a reason."""
    for batch, quantity in quantities.items():
        counted(take, batch, quantity, by=by)
    closed(take, by=by)
    if take.state == StockTake.State.SECOND:
        for line in take.lines.exclude(difference=0).select_related("batch"):
            counted(take, line.batch, quantities[line.batch], by=by)
        closed(take, by=by)
    return explained(take, by=by)


def confirmed(take, *, by) -> StockTake:
    """Confirmed and posted as far as it goes."""
    takes.confirm(take=take, by=by)
    takes.go_on()
    take.refresh_from_db()
    return take
