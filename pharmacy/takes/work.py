"""What goes on by itself, in short pieces: writing a take's lines, and posting its differences.

Called after the button was pressed and by the scheduler, so that what broke off is finished.
"""

import logging
import time

from clinic.core.scheduler import still_here
from pharmacy.models import StockTake
from pharmacy.takes import posting, starting
from pharmacy.takes.states import S

log = logging.getLogger("clinic.pharmacy")
PAUSE = 0.02  # between two pieces, so that others who wait for the database get their turn
PATIENCE = 5.0  # seconds that somebody who pressed a button waits; the scheduler does the rest
BUSY = [S.PREPARING, S.SECOND, S.TO_CONFIRM, S.POSTING]


def go_on(*, seconds: float | None = None) -> None:
    """Work on all takes until nothing is left, or for so many seconds."""
    end = None if seconds is None else time.monotonic() + seconds
    for piece in _pieces():
        try:
            _repeat(piece, end)
        except Exception:  # what is wrong with one take must not stop the others
            if seconds is not None:
                raise
            log.exception("a stock-take could not go on")


def _repeat(piece, end: float | None) -> None:
    more = piece()
    while more and (end is None or time.monotonic() < end):
        still_here()
        time.sleep(PAUSE)
        more = piece()


def _pieces():
    """Functions that do one piece and say whether there is more of the same."""
    yield starting.free_piece
    for take in StockTake.objects.filter(state__in=BUSY).order_by("pk"):
        if take.state == S.PREPARING:
            yield lambda take=take: starting.prepare_piece(take)
        else:
            yield lambda take=take: posting.post_piece(take)
            yield lambda take=take: posting.finish(take)
    yield starting.free_piece
