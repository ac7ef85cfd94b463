"""What a report is made of, whatever it is about."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.core.paginator import Page

from clinic.core.paging import list_of_keys, page_of_keys
from clinic.core.plots import Plot
from pharmacy.models import Drug

PAGE = 50
TEXT, MONEY, NUMBER, QUANTITY, DAY = "text", "money", "number", "quantity", "day"


@dataclass(frozen=True)
class Column:
    """One column; a QUANTITY cell is base units of the row's drug."""

    label: str
    kind: str = TEXT
    is_expiry: bool = False  # of a DAY: the warning of R-111 stands beside it

    @property
    def is_number(self) -> bool:
        return self.kind in (MONEY, NUMBER, QUANTITY)


@dataclass
class Row:
    """One row; `url` leads on to what stands behind it."""

    cells: list
    drug: Drug | None = None
    url: str = ""


@dataclass
class Table:
    """A report's answer: columns, rows (of one page, where there are pages), totals."""

    columns: list[Column]
    rows: list[Row]
    total: list | None = None
    page: Page | None = None
    plot: Plot | None = None
    empty: str = ""


@dataclass(frozen=True)
class Asked:
    """What the reader asked for; each report uses what it needs."""

    since: date
    until: date
    category: str = ""
    text: str = ""
    group: str = ""
    months: int = 6
    page: int | str = 1
    all_pages: bool = False  # for Excel


@dataclass(frozen=True)
class Report:
    """One report: its address, its words, what can be asked of it, and the answer."""

    slug: str
    title: object
    hint: object
    answer: Callable[[Asked], Table]
    asks: tuple[str, ...] = ()
    groups: tuple[tuple[str, object], ...] = field(default=())


def page_of(queryset, asked: Asked, counted=None, keys=None) -> tuple[list, Page | None]:
    """The rows of the page that was asked for; all of them for Excel.

    `counted` where they can be counted more cheaply than by the query that finds them; `keys`
    where they are found in their order by another one, which names their keys.
    """
    if asked.all_pages:
        return list(queryset) if keys is None else list_of_keys(keys, queryset), None
    page = page_of_keys(
        queryset if keys is None else keys, queryset.order_by(), asked.page, PAGE, counted
    )
    return page.object_list, page


def plain(table: Table) -> Iterable[list]:
    """The table as rows for Excel: quantities as base units with the unit behind them."""
    with_unit = any(column.kind == QUANTITY for column in table.columns)
    yield [column.label for column in table.columns] + ([""] if with_unit else [])
    for row in table.rows:
        unit = [row.drug.base_unit if row.drug else ""] if with_unit else []
        yield [_plain(cell) for cell in row.cells] + unit
    if table.total:
        yield [_plain(cell) for cell in table.total]


def _plain(cell):
    if isinstance(cell, Decimal):
        return cell.quantize(Decimal("0.01"))
    return cell.isoformat() if isinstance(cell, date) else cell
