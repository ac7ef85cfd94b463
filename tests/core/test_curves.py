"""Values over time as geometry: every value inside its drawing, words never on each other."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from clinic.core.curves import APART, HEAD, Line, Size, curves

SIZE = Size(380, 118, left=46, right=96)
FIRST = date(2026, 1, 1)


def line(*values: str, every: int = 10, **more) -> Line:
    days = [FIRST + timedelta(days=every * n) for n in range(len(values))]
    return Line([(d, Decimal(v)) for d, v in zip(days, values, strict=True)], "last", **more)


@pytest.mark.parametrize(
    "values",
    [("148",), ("61.5", "61.5"), ("36.5", "41.9", "38.6"), ("0.6", "249"), ("-3", "7")],
)
def test_every_dot_lies_inside_and_the_grid_has_few_lines(values):
    plot = curves("", [line(*values)], size=SIZE)

    dots = plot.lines[0].dots
    assert all(SIZE.left <= dot.x <= SIZE.end and HEAD <= dot.y <= SIZE.base for dot in dots)
    assert 2 <= len(plot.grid) <= 6
    assert plot.grid[0].y == SIZE.base and plot.grid[-1].y == HEAD


def test_days_stand_at_their_distance_and_words_apart():
    later = Line([(FIRST, Decimal(5)), (FIRST + timedelta(days=30), Decimal(5))], "b")
    first = line("5", "5", "5", limit=Decimal(5), limit_word="line", every=5)

    plot = curves("", [first, later], size=SIZE)

    xs = [dot.x for dot in plot.lines[0].dots]
    whole = SIZE.end - SIZE.left
    assert xs == [SIZE.left, round(SIZE.left + whole / 6, 1), round(SIZE.left + whole / 3, 1)]
    assert all(dot.is_over for dot in plot.lines[0].dots)
    ys = [word.y for word in plot.words]
    assert len(ys) == 3 and all(b - a >= APART for a, b in zip(ys, ys[1:], strict=False))
    assert [day for _x, day, _anchor in plot.marks] == ["2026-01-01", "2026-01-31"]


def test_one_day_alone_stands_in_the_middle():
    plot = curves("", [line("37")], size=SIZE)

    assert plot.lines[0].dots[0].x == (SIZE.left + SIZE.end) / 2
    assert [anchor for *_rest, anchor in plot.marks] == ["middle"]
