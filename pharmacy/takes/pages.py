"""What the pages of a stock-take show. No page shows the book before both counts are done."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import Count, Q

from clinic.core.text import Exactly, prefix_range
from pharmacy.models import StockTake, StockTakeLine
from pharmacy.takes.counting import round_of
from pharmacy.takes.forms import CountForm
from pharmacy.takes.states import ROUNDS, S

PAGE = 50
ORDER = ["shelf", "batch__drug__generic_name", "batch__expires_on", "pk"]
STEPS = [S.COUNTING, S.SECOND, S.TO_CONFIRM, S.POSTED]
DONE = {S.COUNTING: Q(first__isnull=False), S.SECOND: Q(second__isnull=False)}


@dataclass
class Bay:
    """A rack: all shelves whose names agree up to the dash, with how far its count has come."""

    name: str
    lines: int = 0
    done: int = 0

    @property
    def left(self) -> int:
        return self.lines - self.done


def bay_of(shelf: str) -> str:
    return shelf.partition("-")[0]


def bays(take: StockTake) -> list[Bay]:
    """Every rack of this round, in order; one query."""
    rows = take.lines.filter(round_of(take)).annotate(exact=Exactly("shelf"))
    rows = rows.order_by("shelf", "exact").values_list("exact")
    found: dict[str, Bay] = {}
    for shelf, lines, done in rows.annotate(
        lines=Count("pk"), done=Count("pk", filter=DONE[take.state])
    ):
        bay = found.setdefault(bay_of(shelf), Bay(bay_of(shelf)))
        bay.lines += lines
        bay.done += done
    return list(found.values())


def in_bay(name: str) -> Q:
    """Lines of the rack, and not those of a1 with A1's: the list of racks has them apart."""
    return Q(exact=name) | Q(**prefix_range("exact", f"{name}-"))


def to_count(take: StockTake, bay: str | None):
    """The lines of this round, of one rack or of all, in the order of the shelves."""
    rows = take.lines.filter(round_of(take))
    if bay is not None:
        rows = rows.alias(exact=Exactly("shelf")).filter(in_bay(bay))
    return rows.select_related("batch__drug", "first_by", "second_by").order_by(*ORDER)


class Row:
    """One line of the counting page: written already, or with boxes."""

    def __init__(self, line: StockTakeLine, number: int, form: CountForm | None = None):
        self.line = line
        self.form = form
        first = number == 1
        self.quantity = line.first if first else line.second
        self.who = line.first_by if first else line.second_by
        self.when = line.first_at if first else line.second_at

    @property
    def is_counted(self) -> bool:
        return self.quantity is not None


def rows_of(take: StockTake, lines, *, edit: str = "", data=None, wrong=()) -> list[Row]:
    """The page's rows; `wrong` are ids of lines whose typed values come back from `data`."""
    number = ROUNDS[take.state]
    rows = []
    for line in lines:
        row = Row(line, number)
        if line.pk in wrong:
            row.form = CountForm(data, drug=line.batch.drug, prefix=str(line.pk))
            row.form.is_valid()
        elif not row.is_counted or edit == str(line.pk):
            row.form = CountForm(drug=line.batch.drug, prefix=str(line.pk))
        rows.append(row)
    _put_cursor(rows, edit)
    return rows


def _put_cursor(rows: list[Row], edit: str) -> None:
    """Into the first wrong box, the line to be changed, or the first that is not counted."""
    open_rows = [row for row in rows if row.form]
    wrong = [row for row in open_rows if row.form.is_bound and row.form.errors]
    chosen = [row for row in open_rows if str(row.line.pk) == edit]
    for row in [*wrong, *chosen, *open_rows][:1]:
        row.form.focus = next(iter(row.form.errors), "packs")


def page_of(rows, number):
    return Paginator(rows, PAGE).get_page(number)


def steps(take: StockTake) -> list[dict]:
    """The stations of a take, for the strip at the top."""
    here = {S.PREPARING: S.COUNTING, S.POSTING: S.POSTED}.get(take.state, take.state)
    at = STEPS.index(here) if here in STEPS else -1
    return [
        {
            "label": state.label,
            "is_done": n < at or take.state == S.POSTED,
            "is_now": n == at and take.state != S.POSTED,
        }
        for n, state in enumerate(STEPS)
    ]
