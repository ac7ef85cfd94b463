"""Values over time as geometry for the template, like the bars of plots.py.

The days stand at their true distance, so that a slope is a slope.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

MOST_GRID = 5
STEPS = [Decimal(step) for step in ("0.1", "0.2", "0.5", "1", "2", "5", "10", "20", "50", "100")]
APART = 17  # units between two words at the right
MARK = 124  # units that a day's name needs
HEAD, FOOT = 14, 24
DOT = 4.5


@dataclass(frozen=True)
class Size:
    """The drawing, and what is left free beside the plot for words."""

    width: int
    height: int
    left: int
    right: int

    @property
    def base(self) -> int:
        return self.height - FOOT

    @property
    def end(self) -> int:
        return self.width - self.right


@dataclass(frozen=True)
class Line:
    """Values by day, the oldest first; what is said of the last one; a limit, and its word."""

    points: list[tuple[date, Decimal]]
    word: str = ""
    limit: Decimal | None = None
    limit_word: str = ""


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    label: str
    is_over: bool  # at or above the limit: drawn as a square

    @property
    def left(self) -> float:
        return round(self.x - DOT, 1)

    @property
    def top(self) -> float:
        return round(self.y - DOT, 1)


@dataclass(frozen=True)
class Drawn:
    """One line: how it looks (a: solid, b: dotted), its corners, its dots."""

    look: str
    path: str
    dots: list[Dot]


@dataclass(frozen=True)
class Word:
    """A word at a height; `strong` is a value, the others say what a limit is."""

    y: float
    text: str
    strong: bool = False


@dataclass(frozen=True)
class Curves:
    """All that the template draws."""

    title: str
    size: Size
    grid: list[Word]
    marks: list[tuple[float, str, str]]  # x, day, how it is anchored
    lines: list[Drawn]
    limits: list[float]
    words: list[Word]

    @property
    def dot(self) -> float:
        return DOT

    @property
    def side(self) -> float:
        return 2 * DOT

    @property
    def foot(self) -> int:
        return self.size.height - 6

    @property
    def words_x(self) -> int:
        return self.size.end + 14

    @property
    def grid_x(self) -> int:
        return self.size.left - 8


class _Scale:
    """Values to heights, days to places."""

    def __init__(self, lines: list[Line], size: Size):
        self.size = size
        self.days = sorted(day for line in lines for day, _value in line.points)
        values = [value for line in lines for _day, value in line.points]
        values += [line.limit for line in lines if line.limit is not None]
        self.step = _step(max(values) - min(values))
        self.low = (min(values) / self.step).to_integral_value(ROUND_FLOOR) * self.step
        self.high = (max(values) / self.step).to_integral_value(ROUND_CEILING) * self.step
        if self.low == self.high:
            self.low, self.high = self.low - self.step, self.high + self.step

    def y(self, value: Decimal) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(self.size.base - float(share) * (self.size.base - HEAD), 1)

    def x(self, day: date) -> float:
        first, last = self.days[0], self.days[-1]
        share = (day - first).days / (last - first).days if last > first else 0.5
        return round(self.size.left + share * (self.size.end - self.size.left), 1)

    def grid(self) -> Iterator[Decimal]:
        value = self.low
        while value <= self.high:
            yield value
            value += self.step


def curves(title: str, lines: list[Line], *, size: Size) -> Curves:
    """`lines`: one or two, each with at least one point."""
    scale = _Scale(lines, size)
    limits = [line for line in lines if line.limit is not None]
    words = [Word(scale.y(line.points[-1][1]), line.word, strong=True) for line in lines]
    words += [Word(scale.y(line.limit), line.limit_word) for line in limits]
    return Curves(
        title=title,
        size=size,
        grid=[Word(scale.y(value), _text(value)) for value in scale.grid()],
        marks=list(_marks(scale)),
        lines=[_drawn(line, look, scale) for line, look in zip(lines, "ab", strict=False)],
        limits=[scale.y(line.limit) for line in limits],
        words=_apart(words),
    )


def _step(span: Decimal) -> Decimal:
    fits = (step for step in STEPS if span / step <= MOST_GRID - 1)
    return next(fits, STEPS[-1])


def _text(value: Decimal) -> str:
    return format(value.normalize(), "f")


def _drawn(line: Line, look: str, scale: _Scale) -> Drawn:
    dots = [
        Dot(
            scale.x(day),
            scale.y(value),
            f"{day.isoformat()} {_text(value)}",
            line.limit is not None and value >= line.limit,
        )
        for day, value in line.points
    ]
    return Drawn(look, " ".join(f"{dot.x},{dot.y}" for dot in dots), dots)


def _marks(scale: _Scale) -> Iterator[tuple[float, str, str]]:
    """Days under the plot, as many as have room, evenly spread from the first to the last."""
    first, last = scale.days[0], scale.days[-1]
    whole = (last - first).days
    room = (scale.size.end - scale.size.left) // MARK
    count = max(1, min(room, whole))
    if not whole:
        yield scale.x(first), first.isoformat(), "middle"
        return
    for number in range(count + 1):
        day = first + timedelta(days=whole * number // count)
        yield (
            scale.x(day),
            day.isoformat(),
            "start" if number == 0 else ("end" if number == count else "middle"),
        )


def _apart(words: list[Word]) -> list[Word]:
    """From above to below, none on top of another."""
    placed: list[Word] = []
    for word in sorted(words, key=lambda word: word.y):
        y = word.y
        if placed and y - placed[-1].y < APART:
            y = round(placed[-1].y + APART, 1)
        placed.append(Word(y, word.text, word.strong))
    return placed
