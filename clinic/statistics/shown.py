"""The figures as a page, a paper and a workbook show them; what is hidden is hidden here."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from clinic.statistics import gathering, hiding
from clinic.statistics.asked import Asked, Doctor, sees_small_groups
from clinic.statistics.figures import BY_KEY, DOCTORS, FIGURES, Figure
from clinic.statistics.gathering import CLINIC, Found
from clinic.statistics.hiding import Hidden
from clinic.statistics.spans import Span
from clinic.statistics.tallies import Tally, p90, tenths, together


@dataclass(frozen=True)
class Cell:
    """One value: hidden, or None where there was nothing to count; `n` is its group."""

    value: Decimal | None = None
    n: int | None = None
    part: int | None = None
    p90: Decimal | None = None
    is_hidden: bool = False

    @property
    def is_empty(self) -> bool:
        return self.value is None and not self.is_hidden

    @property
    def text(self) -> str:
        return "" if self.value is None else plain(self.value)


def plain(value: Decimal) -> str:
    """One decimal where there is one: 4.6, 100."""
    return f"{tenths(value):f}".removesuffix(".0")


HIDDEN = Cell(is_hidden=True)


def cell(figure: Figure, tally: Tally, *, is_hidden: bool) -> Cell:
    if is_hidden and tally.n:
        return HIDDEN
    ninth = tenths(p90(tally.seconds)) if figure.is_time else None
    return Cell(figure.compute(tally), tally.n, tally.part, ninth)


class Reader:
    """What one person may see of what was found."""

    def __init__(self, asked: Asked, found: Found):
        self.asked, self.found = asked, found
        self.all = sees_small_groups(asked.user)
        self.department_of = {one.pk: one.department for one in asked.doctors}
        self._hidden: dict[tuple[Span, str], Hidden] = {}

    def hidden(self, span: Span, key: str) -> Hidden:
        """Worked out over the whole clinic, so that a filter opens nothing."""
        if self.all:
            return Hidden()
        if (span, key) not in self._hidden:
            sizes = {doctor: tally.n for doctor, tally in self.found.of(span, key).items()}
            self._hidden[span, key] = hiding.hidden(sizes, self.department_of)
        return self._hidden[span, key]

    def main(self, span: Span, figure: Figure) -> Cell:
        """The figure of whoever was asked for: the clinic, a department, a doctor."""
        if figure.key == "files":
            return self._files(span, figure)
        if not figure.by_doctor:
            tally = self.found.of(span, figure.key).get(CLINIC, Tally())
            small = hiding.is_small(tally.n) and (figure.anonymous or not self.all)
            # A stock-take counts batches, not people.
            return cell(figure, tally, is_hidden=small and figure.key != "stock")
        if self.asked.doctor:
            return self.of_doctor(span, figure, self.asked.doctor)
        if self.asked.department:
            return self.of_department(span, figure, self.asked.department)
        return self.of_all(span, figure)

    def of_doctor(self, span: Span, figure: Figure, doctor: int) -> Cell:
        is_hidden = doctor in self.hidden(span, figure.key).doctors
        tally = self.found.of(span, figure.key).get(doctor, Tally())
        return cell(figure, tally, is_hidden=is_hidden)

    def of_department(self, span: Span, figure: Figure, department: int) -> Cell:
        found = self.found.of(span, figure.key).items()
        mine = [tally for doctor, tally in found if self.department_of[doctor] == department]
        is_hidden = department in self.hidden(span, figure.key).departments
        return cell(figure, together(mine), is_hidden=is_hidden)

    def of_all(self, span: Span, figure: Figure) -> Cell:
        tally = together(self.found.of(span, figure.key).values())
        return cell(figure, tally, is_hidden=self.hidden(span, figure.key).whole)

    def _files(self, span: Span, figure: Figure) -> Cell:
        """People overlap between doctors; whose visits are hidden, their files are."""
        tally = gathering.files(span, **self.asked.whose)
        is_hidden = hiding.is_small(tally.n) and not self.all
        visits = self.hidden(span, "daily")
        is_hidden = is_hidden or self.asked.doctor in visits.doctors
        if not self.asked.doctor:
            is_hidden = is_hidden or self.asked.department in visits.departments
        return cell(figure, tally, is_hidden=is_hidden)


@dataclass(frozen=True)
class Card:
    """One of the ten: now, in the span before, and whether the target is met."""

    figure: Figure
    now: Cell
    before: Cell

    @property
    def is_met(self) -> bool:
        return self.now.value is not None and self.figure.meets(self.now.value)

    @property
    def gap(self) -> Decimal | None:
        return None if self.now.value is None else self.figure.gap(self.now.value)

    @property
    def lacking(self) -> int:
        """How many are not what they should be; nothing where it must not be told."""
        if self.now.is_hidden or not self.figure.is_share or not self.now.n:
            return 0
        part, n = self.now.part or 0, self.now.n
        return part if self.figure.less_is_better else n - part


@dataclass(frozen=True)
class Line:
    """One row of the tables: a doctor, a department or the whole, a cell for each figure."""

    name: str
    cells: list[tuple[Figure, Cell]]
    visits: Cell
    doctor: Doctor | None = None


@dataclass(frozen=True)
class Picture:
    """All that is shown."""

    asked: Asked
    cards: list[Card]
    doctors: list[Line]
    departments: list[Line]
    whole: Line
    has_small: bool

    @property
    def is_empty(self) -> bool:
        return all(card.now.is_empty for card in self.cards)


def picture(asked: Asked) -> Picture:
    """The ten figures with the tables; the same number of queries whatever there is."""
    span, keys = asked.span, [figure.key for figure in FIGURES]
    reader = Reader(asked, gathering.gather([span.before, span], keys))
    cards = [Card(f, reader.main(span, f), reader.main(span.before, f)) for f in FIGURES]
    doctors = _doctors(reader, span, DOCTORS)
    departments = _departments(reader, span, DOCTORS)
    whole = _line("", DOCTORS, lambda figure: reader.of_all(span, figure))
    lines = [*doctors, *departments, whole]
    has_small = any(card.now.is_hidden or card.before.is_hidden for card in cards)
    has_small = has_small or any(c.is_hidden for line in lines for _figure, c in line.cells)
    return Picture(asked, cards, doctors, departments, whole, has_small)


def _line(name: str, figures: Iterable[Figure], of, doctor: Doctor | None = None) -> Line:
    daily = of(BY_KEY["daily"])
    visits = daily if daily.is_hidden else Cell(Decimal(daily.n or 0), daily.n)
    return Line(name, [(figure, of(figure)) for figure in figures], visits, doctor)


def _doctors(reader: Reader, span: Span, figures: list[Figure]) -> list[Line]:
    """Of everybody who may be named and did anything in these days."""
    lines = [
        _line(one.name, figures, lambda f, pk=one.pk: reader.of_doctor(span, f, pk), one)
        for one in reader.asked.named
    ]
    return [line for line in lines if _is_any(line)]


def _departments(reader: Reader, span: Span, figures: list[Figure]) -> list[Line]:
    """Where there is more than one to be told apart."""
    names = {one.department: one.department_name for one in reader.asked.named}
    if len(names) < 2:
        return []
    lines = [
        _line(name, figures, lambda f, pk=pk: reader.of_department(span, f, pk))
        for pk, name in names.items()
    ]
    return [line for line in lines if _is_any(line)]


def _is_any(line: Line) -> bool:
    return any(not c.is_empty for _figure, c in line.cells)


# --- one figure over time -------------------------------------------------------------------------


@dataclass(frozen=True)
class Trend:
    """One figure: its value in each span, and by doctor and department in the asked one."""

    asked: Asked
    figure: Figure
    points: list[tuple[Span, Cell]]
    doctors: list[Line]
    departments: list[Line]
    card: Card


def trend(asked: Asked, figure: Figure) -> Trend:
    """A year is told by its months; what is compared then has to be counted for itself."""
    spans, now = asked.span.trail(), [asked.span.before, asked.span]
    keys = {figure.key, "daily"}
    reader = current = Reader(asked, gathering.gather(spans, keys))
    if spans[-2:] != now:
        current = Reader(asked, gathering.gather(now, keys))
    card = Card(figure, current.main(asked.span, figure), current.main(asked.span.before, figure))
    points = [(span, reader.main(span, figure)) for span in spans]
    if not figure.by_doctor:
        return Trend(asked, figure, points, [], [], card)
    doctors = _doctors(current, asked.span, [figure])
    return Trend(asked, figure, points, doctors, _departments(current, asked.span, [figure]), card)
