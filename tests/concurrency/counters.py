"""What the processes of test_takes_once.py do. A result must be plain JSON."""

from pharmacy import stock, takes
from pharmacy.models import Drug, StockTake, StockTakeLine
from pharmacy.takes import posting, starting
from security.models import User
from tests.concurrency.racer import change, linger_after, without_locks


def confirm(take: int, by: int, locked: bool) -> int:
    """Confirm the take; without the lock the verb runs bare, statement by statement."""
    verb = takes.confirm
    if not locked:
        verb = takes.confirm.__wrapped__
        without_locks()
        change(posting, "locked", lambda take: StockTake.objects.get(pk=take.pk))
    linger_after(posting, "_refuse_unexplained")
    return verb(take=StockTake.objects.get(pk=take), by=User.objects.get(pk=by))


def post() -> str:
    """Post what is confirmed, one line at a time."""
    _post()
    return "done"


def _post() -> None:
    change(posting, "MOST_LINES", 1)
    takes.go_on()


def work(post: bool = False, name: str = "", sell: dict | None = None) -> int:
    """Post what is confirmed, or sell meanwhile; how many pieces were handed out."""
    if post:
        _post()
    return _sell(name=name, **sell) if sell else 0


def _sell(drug: int, name: str, by: int, rounds: int) -> int:
    """Promise and hand out one piece, again and again."""
    person, row = User.objects.get(pk=by), Drug.objects.get(pk=drug)
    for n in range(rounds):
        reference = f"{name}{n}/1"
        stock.reserve(drug=row, quantity=1, reference=reference, by=person)
        stock.issue(reference=reference, by=person, document_reference=f"{name}{n}")
    return rounds


def start(by: int) -> str:
    """Begin a take of everything and write its list."""
    linger_after(starting, "_refuse_overlap")
    take = takes.start(by=User.objects.get(pk=by))
    takes.go_on()
    return take.number


def count(line: int, quantity: int, by: int) -> list[str]:
    """Count one line that nobody had counted when the page came."""
    row = StockTakeLine.objects.get(pk=line)
    entry = takes.Entry(line, quantity, 0)
    return takes.count(take=row.take, entries=[entry], by=User.objects.get(pk=by))
