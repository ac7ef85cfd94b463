"""Columns that the database works out, so that a month's visits are read as a few small numbers."""

from collections.abc import Callable
from datetime import date, datetime

from django.db.models import Case, Func, IntegerField, Value, When

from clinic.core.days import day_after, moment
from clinic.statistics.spans import Span


class Seconds(Func):
    """Whole seconds from a moment to a later one, rounded down as Python does; else negative.

    Reading the moments themselves takes ten times as long as subtracting them here.
    """

    arity = 2
    output_field = IntegerField()

    def as_sqlite(self, compiler, connection, **extra):
        """Moments are text, the fraction of a second from the 20th character on, or nothing.

        The fractions are compared by themselves: SQLite would round them to thousandths.
        """
        (first, before), (last, after) = map(compiler.compile, self.source_expressions)
        whole = "CAST(strftime('%%s', substr({}, 1, 19)) AS INTEGER)"
        sql = (
            f"({whole.format(last)} - {whole.format(first)}"
            f" - (substr({last}, 20) < substr({first}, 20)))"
        )
        return sql, [*after, *before, *after, *before]

    def as_mysql(self, compiler, connection, **extra):
        (first, before), (last, after) = map(compiler.compile, self.source_expressions)
        return f"FLOOR(TIMESTAMPDIFF(MICROSECOND, {first}, {last}) / 1000000)", [*before, *after]


def number_of_day(column: str, spans: list[Span]) -> Case:
    """Which of the spans, counted from 0, a column of days lies in; null where in none."""
    return _number(column, spans, lambda day: day, "lte", lambda day: day)


def number_of_moment(column: str, spans: list[Span]) -> Case:
    """The same of a column of moments."""
    return _number(column, spans, moment, "lt", day_after)


def _number(
    column: str,
    spans: list[Span],
    first: Callable[[date], date | datetime],
    end: str,
    last: Callable[[date], date | datetime],
) -> Case:
    whens = [
        When(
            **{f"{column}__gte": first(span.since), f"{column}__{end}": last(span.until)},
            then=Value(number),
        )
        for number, span in enumerate(spans)
    ]
    return Case(*whens, default=None, output_field=IntegerField())
