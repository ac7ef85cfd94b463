"""A return of drugs that is undone, told to whoever followed it: reversed, or its draft discarded.

Twice, for the sake of the lock order: before any batch is locked, and when all is written.
"""

from collections.abc import Callable

from pharmacy.models import StockDocument
from pharmacy.papers.kinds import Kind

_told: list[tuple[Callable, Callable]] = []


def register_undone(*, hold: Callable, settle: Callable) -> None:
    """Have `hold(document)` and later `settle(document=, by=)` called, in the same transaction."""
    _told.append((hold, settle))


def hold(document: StockDocument) -> None:
    for begin, _end in _told if document.kind == Kind.RETURN else ():
        begin(document)


def settle(document: StockDocument, by) -> None:
    for _begin, end in _told if document.kind == Kind.RETURN else ():
        end(document=document, by=by)
