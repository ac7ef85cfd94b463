"""The accuracy of the last takes as a plot: geometry for SVG attributes, in whole units."""

from dataclasses import dataclass
from decimal import Decimal

from pharmacy.models import StockTake
from pharmacy.takes.result import TARGET, Result

MOST = 24
LEFT, RIGHT, TOP, BOTTOM = 56, 620, 16, 136
WIDTH, HEIGHT = 720, 168
FLOORS = [Decimal(95), Decimal(90), Decimal(80), Decimal(50), Decimal(0)]


@dataclass(frozen=True)
class Point:
    take: StockTake
    share: Decimal
    x: int
    y: int
    is_on_target: bool


@dataclass(frozen=True)
class Plot:
    points: list[Point]
    floor: Decimal
    target_y: int

    width, height, left, right, top, bottom = WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM

    @property
    def line(self) -> str:
        return " ".join(f"{point.x},{point.y}" for point in self.points)

    @property
    def last(self) -> Point:
        return self.points[-1]


def plot_of(takes: list[StockTake]) -> Plot | None:
    """The takes are posted ones, the latest first; None when there is no line to draw."""
    shares = []
    for take in reversed(takes[:MOST]):
        result = Result()
        result.add(take)
        if result.share is not None:
            shares.append((take, result))
    if len(shares) < 2:
        return None
    lowest = min(result.share for _take, result in shares)
    floor = next(floor for floor in FLOORS if lowest >= floor)
    step = (RIGHT - LEFT) // (len(shares) - 1)
    points = [
        Point(take, result.share, LEFT + n * step, _y(result.share, floor), result.is_on_target)
        for n, (take, result) in enumerate(shares)
    ]
    return Plot(points, floor, _y(TARGET, floor))


def _y(share: Decimal, floor: Decimal) -> int:
    return BOTTOM - int((share - floor) * (BOTTOM - TOP) / (100 - floor))
