"""What the processes of test_papers_once.py do. A result must be plain JSON."""

import time

from pharmacy import ledger, papers
from pharmacy.models import Batch, Place, StockDocument
from pharmacy.papers import drafts, lines, reversal
from security.models import User

GAP = 0.6  # seconds between reading and writing: the gap in which a race happens


def _widen_the_gap() -> None:
    read = lines.rows_of

    def read_and_linger(document):
        found = read(document)
        time.sleep(GAP)
        return found

    lines.rows_of = read_and_linger


def post(document: int, by: int, locked: bool = True) -> str:
    """Post one draft; without the lock the verb runs bare, statement by statement."""
    _widen_the_gap()
    verb = papers.post
    if not locked:
        for module in (ledger, drafts, reversal):
            module.lock = lambda rows: rows
        verb = papers.post.__wrapped__
    return verb(document=StockDocument.objects.get(pk=document), by=User.objects.get(pk=by)).number


def reverse(document: int, by: int) -> str:
    return papers.reverse(
        document=StockDocument.objects.get(pk=document),
        reason="录入错误",
        by=User.objects.get(pk=by),
    ).number


def carry(batch: int, to_place: int, by: int, rounds: int) -> int:
    """Transfer one unit and take the transfer back, again and again."""
    person, target = User.objects.get(pk=by), Place.objects.get(pk=to_place)
    for _round in range(rounds):
        here = Batch.objects.select_related("drug", "place").get(pk=batch)
        document = papers.start(
            kind="move",
            head={"place": here.place, "to_place": target},
            rows=[papers.Row(here.drug, 1, batch=here)],
            by=person,
        )
        document = papers.post(document=document, by=person)
        papers.reverse(document=document, reason="撤回", by=person)
    return ledger.StockMovement.objects.filter(made_by=person).count()
