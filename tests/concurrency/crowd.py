"""What the many processes of test_last_hundred.py do. A result must be plain JSON."""

from clinic.core.errors import Busy, RuleBroken
from clinic.core.transactions import atomic_retry
from pharmacy import asked, stock
from pharmacy.models import Batch, Drug
from security.models import User
from tests.concurrency.racer import change, linger_after, without_locks


def insist(act) -> str:
    """ "done", or which rule refused; whoever is told that the clinic is busy tries again."""
    while True:
        try:
            act()
        except Busy:
            continue
        except RuleBroken as refusal:
            return type(refusal).__name__
        return "done"


def hand_out(references: list[str], by: int) -> list[str]:
    """Hand out these reserved lines, each in a transaction of its own."""
    person = User.objects.get(pk=by)
    return [
        insist(lambda name=name: stock.issue(reference=name, by=person, document_reference=name))
        for name in references
    ]


@atomic_retry
def _sell(drug: Drug, name: str, by: User) -> None:
    stock.reserve(drug=drug, quantity=1, reference=name, by=by)
    stock.issue(reference=name, by=by, document_reference=name)


def sell(references: list[str], by: int, drug: int) -> list[str]:
    """Promise and hand out one piece for each line, in one transaction as a free site does."""
    person, row = User.objects.get(pk=by), Drug.objects.get(pk=drug)
    return [insist(lambda name=name: _sell(row, name, person)) for name in references]


def hand_out_bare(references: list[str], by: int) -> None:
    """The same without the batches' lock, statement by statement."""
    without_locks(stock, asked)
    change(stock, "lock_batches", _batches)
    linger_after(stock, "usable")
    for name in references:
        stock.issue_all.__wrapped__(
            references=[name], by=User.objects.get(pk=by), document_reference=name
        )


def _batches(**which) -> dict[int, Batch]:
    rows = Batch.objects.select_related("drug", "place").filter(**which)
    return {batch.pk: batch for batch in rows}
