"""The days that figures are asked for, the span before them, and those further back."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

DAY, WEEK, MONTH, YEAR, OWN = "day", "week", "month", "year", ""
KINDS = (DAY, WEEK, MONTH, YEAR)
LONGEST = 366  # days
# How many spans a trend tells, the asked one included.
BACK = {DAY: 14, WEEK: 8, MONTH: 6, OWN: 6}
_ONE = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """From a day to a day, both included; a week, month or year that still runs ends today."""

    kind: str
    since: date
    until: date

    @property
    def length(self) -> int:
        return (self.until - self.since).days + 1

    @property
    def before(self) -> "Span":
        """The whole week, month or year before; before days of one's own as many days."""
        last = self.since - _ONE
        if self.kind in KINDS:
            return whole(self.kind, last)
        return Span(OWN, self.since - timedelta(days=self.length), last)

    @property
    def after(self) -> date:
        """The first day of the next span."""
        return _end(self.kind, self.since) + _ONE

    def trail(self) -> list["Span"]:
        """This span and those before it, the oldest first; of a year its months."""
        if self.kind == YEAR:
            return self._months()
        found, most = [self], max(1, LONGEST // self.length)
        while len(found) < min(BACK[self.kind], most):
            found.insert(0, found[0].before)
        return found

    def _months(self) -> list["Span"]:
        found = [whole(MONTH, self.since)]
        while found[-1].until < self.until:
            last = min(_end(MONTH, found[-1].after), self.until)
            found.append(Span(MONTH, found[-1].after, last))
        return found


def whole(kind: str, day: date) -> Span:
    """The day, week (from Monday), month or year in which this day lies, to its end."""
    return Span(kind, _begin(kind, day), _end(kind, day))


def so_far(kind: str, day: date, today: date) -> Span:
    """The same; it ends today where it still runs."""
    span = whole(kind, day)
    if span.since <= today < span.until:
        return Span(kind, span.since, today)
    return span


def _begin(kind: str, day: date) -> date:
    if kind == WEEK:
        return day - timedelta(days=day.weekday())
    if kind == MONTH:
        return day.replace(day=1)
    return day.replace(month=1, day=1) if kind == YEAR else day


def _end(kind: str, day: date) -> date:
    if kind == WEEK:
        return day + timedelta(days=6 - day.weekday())
    if kind == MONTH:
        return day.replace(day=calendar.monthrange(day.year, day.month)[1])
    return day.replace(month=12, day=31) if kind == YEAR else day


def span_of(day: date, spans: list[Span]) -> Span | None:
    """In which of these the day lies."""
    return next((span for span in spans if span.since <= day <= span.until), None)
