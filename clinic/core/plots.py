"""Bars as geometry for the template: the policy allows neither style attributes nor scripts."""

from dataclasses import dataclass
from decimal import Decimal

WIDTH, HEIGHT, FOOT, HEAD = 1220, 120, 22, 20
FEWEST = 8  # as many bars have room at least: a single one is no wall


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    middle: float
    label: str
    value: str
    shown: bool  # the label, where there is room for it
    mark: str = ""
    tick: float | None = None  # where the second value stands, as a line across
    tick_value: str = ""

    @property
    def right(self) -> float:
        return round(self.x + self.width, 1)

    @property
    def word_y(self) -> float:
        """Where the bar's own number stands: above it and above the second value's line."""
        return self.y if self.tick is None else min(self.y, self.tick)


@dataclass(frozen=True)
class Plot:
    """`width` and `height` of the drawing, its base line, and the bars from left to right."""

    bars: list[Bar]
    title: str
    width: int = WIDTH
    height: int = HEIGHT
    base: int = HEIGHT - FOOT

    @property
    def foot(self) -> int:
        return self.height - 6


def bars(
    title: str,
    values: list[tuple[str, Decimal, str]],
    *,
    most_labels: int = 14,
    ticks: list[Decimal | None] | None = None,
) -> Plot:
    """`values`: (label, amount, mark); at least one. Heights are shares of the largest.

    `ticks`: a second value of each, drawn as a line across; None where there is none.
    """
    ticks = ticks or [None] * len(values)
    known = [tick for tick in ticks if tick is not None]
    top = max([value for _label, value, _mark in values] + known, default=Decimal(0)) or Decimal(1)
    room = HEIGHT - FOOT - HEAD
    step = WIDTH / max(FEWEST, len(values))
    every = -(-len(values) // most_labels)
    drawn = []
    for n, ((label, value, mark), tick) in enumerate(zip(values, ticks, strict=True)):
        height = _height(value, top, room)
        drawn.append(
            Bar(
                x=round(n * step + step * 0.15, 1),
                y=round(HEIGHT - FOOT - height, 1),
                width=round(step * 0.7, 1),
                height=round(height, 1),
                middle=round((n + 0.5) * step, 1),
                label=label,
                value=f"{value:,.0f}",
                shown=n % every == 0,
                mark=mark,
                tick=None if tick is None else round(HEIGHT - FOOT - _height(tick, top, room), 1),
                tick_value="" if tick is None else f"{tick:,.0f}",
            )
        )
    return Plot(drawn, title)


def _height(value: Decimal, top: Decimal, room: int) -> float:
    return float(max(Decimal(0), value) / top) * room
