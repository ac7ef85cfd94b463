"""What the processes of test_papers_once.py do. A result must be plain JSON."""

from pharmacy import ledger, papers
from pharmacy.models import Batch, Place, StockDocument
from pharmacy.papers import drafts, lines, reversal
from security.models import User
from tests.concurrency.racer import linger_after, without_locks


def post(document: int, by: int, locked: bool = True) -> str:
    """Post one draft; without the lock the verb runs bare, statement by statement."""
    linger_after(lines, "rows_of")
    verb = papers.post
    if not locked:
        without_locks(ledger, drafts, reversal)
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
