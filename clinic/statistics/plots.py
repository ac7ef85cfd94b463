"""Geometry for the template: the policy allows neither style attributes nor scripts."""

from dataclasses import dataclass
from decimal import Decimal

from clinic.statistics.figures import Figure
from clinic.statistics.shown import Card, Cell, plain
from clinic.statistics.spans import DAY, MONTH, Span

LEFT, RIGHT = 8, 212  # where the line of a card begins and ends; its drawing is 220 wide
NEAR_LEFT, NEAR_RIGHT = 50, 170  # nearer to an end a word begins or ends at its mark


@dataclass(frozen=True)
class Mark:
    """A place on the line, and how its word stands."""

    x: float
    text: str

    @property
    def anchor(self) -> str:
        return "start" if self.x < NEAR_LEFT else "end" if self.x > NEAR_RIGHT else "middle"

    @property
    def left(self) -> float:
        return round(self.x - 6, 1)


@dataclass(frozen=True)
class CardPlot:
    """○ what it was, ▎the target, ■ now; without a value only the first two."""

    original: Mark
    target: Mark
    now: Mark | None


def card_plot(card: Card) -> CardPlot:
    figure, value = card.figure, card.now.value
    low, high = _scale(figure)

    def mark(number: Decimal) -> Mark:
        inside = min(max((number - low) / (high - low), Decimal(0)), Decimal(1))
        return Mark(round(LEFT + float(inside) * (RIGHT - LEFT), 1), plain(number))

    now = None if value is None else mark(value)
    return CardPlot(mark(figure.original), mark(figure.target), now)


def _scale(figure: Figure) -> tuple[Decimal, Decimal]:
    """From nothing where less is better; else from well under what it was."""
    if figure.less_is_better:
        return Decimal(0), figure.original * Decimal("1.1")
    if figure.is_share:
        return figure.original * Decimal("0.7"), Decimal(100)
    return figure.original * Decimal("0.5"), figure.target * Decimal("1.2")


# --- over time ------------------------------------------------------------------------------------

WIDTH, HEIGHT, HEAD, FOOT, SIDE, WORDS = 1180, 220, 24, 26, 48, 118
DOT = 5
MOST_LABELS = 14


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    label: str
    value: str
    is_met: bool

    @property
    def left(self) -> float:
        return round(self.x - DOT, 1)

    @property
    def top(self) -> float:
        return round(self.y - DOT, 1)


@dataclass(frozen=True)
class Level:
    y: float
    text: str


@dataclass(frozen=True)
class TrendPlot:
    """The values from left to right; `lines` are broken where there is none."""

    title: str
    dots: list[Dot]
    lines: list[str]
    labels: list[tuple[float, str]]
    target: Level
    original: Level
    width: int = WIDTH
    height: int = HEIGHT
    base: int = HEIGHT - FOOT
    foot: int = HEIGHT - 8
    start: int = SIDE
    end: int = WIDTH - WORDS
    words: int = WIDTH - WORDS + 12
    dot: int = DOT
    side: int = 2 * DOT


def trend_plot(figure: Figure, points: list[tuple[Span, Cell]], title: str) -> TrendPlot:
    known = [cell.value for _span, cell in points if cell.value is not None]
    high = max([*known, figure.target, figure.original]) * Decimal("1.05")
    high = min(high, Decimal(100)) if figure.is_share else high
    low = Decimal(0)
    if figure.is_share and not figure.less_is_better:
        low = min([*known, figure.target, figure.original]) * Decimal("0.9")

    def y(value: Decimal) -> float:
        inside = float((value - low) / (high - low))
        return round(HEIGHT - FOOT - inside * (HEIGHT - FOOT - HEAD), 1)

    step = (WIDTH - WORDS - SIDE) / len(points)
    dots: list[Dot] = []
    lines: list[list[str]] = [[]]
    labels = []
    for n, (span, cell) in enumerate(points):
        x = round(SIDE + (n + 0.5) * step, 1)
        labels.append((x, label_of(span)))
        if cell.value is None:
            lines.append([])
            continue
        met = figure.meets(cell.value)
        dots.append(Dot(x, y(cell.value), label_of(span), cell.text, met))
        lines[-1].append(f"{x},{y(cell.value)}")
    return TrendPlot(
        title=title,
        dots=dots,
        lines=[" ".join(line) for line in lines if len(line) > 1],
        labels=labels[-MOST_LABELS:],
        target=Level(y(figure.target), plain(figure.target)),
        original=Level(y(figure.original), plain(figure.original)),
    )


def label_of(span: Span) -> str:
    """As short as it can be told apart."""
    if span.kind == MONTH:
        return f"{span.since:%Y-%m}"
    if span.kind == DAY or span.since == span.until:
        return f"{span.since:%m-%d}"
    return f"{span.since:%m-%d}–{span.until:%m-%d}"
