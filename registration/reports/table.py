"""What a paper of the day is made of, whatever it is about."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext_lazy

from clinic.core.plots import Plot
from registration.models import Booking

PER_PAGE = 40
NUMBER, SHORT, LONG = "num", "nowrap", ""
NONE = "–"  # nothing was measured


@dataclass(frozen=True)
class Column:
    """One column; `kind` is the class of its cells."""

    label: str
    kind: str = LONG
    is_lead: bool = False  # leads on where the row has an address

    @property
    def is_number(self) -> bool:
        return self.kind == NUMBER


@dataclass
class Row:
    """One row; `url` leads on to what stands behind it."""

    cells: list
    url: str = ""


@dataclass
class Table:
    """A paper's answer: columns, rows (of one page, where there are pages), and who is in it."""

    columns: list[Column]
    rows: list[Row]
    total: list | None = None
    page: Page | None = None
    plot: Plot | None = None
    notes: list[str] = field(default_factory=list)
    empty: str = ""
    patients: list[UUID] = field(default_factory=list)
    bookings: list[Booking] = field(default_factory=list)

    def body(self) -> Iterable[tuple[Row, list[tuple[Column, object]]]]:
        """For the template: each row with its cells beside their columns."""
        return [(row, list(zip(self.columns, row.cells, strict=True))) for row in self.rows]

    def foot(self) -> list[tuple[Column, object]]:
        return list(zip(self.columns, self.total, strict=True)) if self.total else []


@dataclass(frozen=True)
class Asked:
    """What the reader asked for; each paper uses what it needs."""

    user: object
    since: date
    until: date
    doctor: int | None = None
    group: str = ""
    page: int | str = 1
    on_paper: bool = False  # printed or saved: every row, and it goes from hand to hand


@dataclass(frozen=True)
class Report:
    """One paper: its page, its words, what can be asked of it, and the answer."""

    url_name: str
    title: object
    hint: object
    answer: Callable[[Asked], Table]
    groups: tuple[tuple[str, object], ...] = ()
    longest: int = 366  # days
    too_long: object = gettext_lazy(
        "This report covers at most a year. Please choose a shorter period."
    )
    by_doctor: bool = False
    to_sign: bool = False  # somebody puts their name under the printed one


def page_of(keys, asked: Asked) -> tuple[list, Page | None]:
    """The keys of the page that was asked for; all of them on paper."""
    if asked.on_paper:
        return list(keys), None
    page = Paginator(keys, PER_PAGE).get_page(asked.page)
    return list(page.object_list), page


def plain(table: Table) -> Iterable[list]:
    """The table as rows for Excel."""
    yield [column.label for column in table.columns]
    for row in table.rows:
        yield [_plain(cell) for cell in row.cells]
    if table.total:
        yield [_plain(cell) for cell in table.total]
    for note in table.notes:
        yield [note]


def _plain(cell):
    if isinstance(cell, int | Decimal):
        return cell
    return "" if cell == NONE else str(cell)
