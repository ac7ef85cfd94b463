"""The states of a stock-take and the moves between them."""

from django.utils.translation import gettext as _

from clinic.core.errors import AlreadyDone
from clinic.core.transactions import lock
from pharmacy.models import StockTake

S = StockTake.State

MOVES: dict[str, set[str]] = {
    S.PREPARING: {S.COUNTING, S.CANCELLED},
    S.COUNTING: {S.SECOND, S.TO_CONFIRM, S.CANCELLED},
    S.SECOND: {S.TO_CONFIRM, S.CANCELLED},
    # Back when a line is to be counted again, or could not be posted.
    S.TO_CONFIRM: {S.SECOND, S.POSTING, S.CANCELLED},
    S.POSTING: {S.SECOND, S.POSTED},
    S.POSTED: set(),
    S.CANCELLED: set(),
}
CLOSED = [S.POSTED, S.CANCELLED]
OPEN = [state for state in S.values if state not in CLOSED]
ROUNDS = {S.COUNTING: 1, S.SECOND: 2}


def move(take: StockTake, new: str) -> None:
    """Change the state of a take that the caller has locked; he saves it."""
    if new not in MOVES[take.state]:
        raise ValueError(f"a stock-take never goes from {take.state} to {new}")
    take.state = StockTake.State(new)


def locked(take: StockTake) -> StockTake:
    """The take as it is now, locked until the transaction ends."""
    return lock(StockTake.objects.filter(pk=take.pk)).get()


def require(take: StockTake, *states: str) -> None:
    """AlreadyDone unless the take is in one of these states."""
    if take.state not in states:
        raise AlreadyDone(gone_on_words(take), rule="R-119")


def gone_on_words(take: StockTake) -> str:
    return _("%(number)s has gone on meanwhile (%(state)s). Please look at it again.") % {
        "number": take.number,
        "state": take.get_state_display(),
    }
