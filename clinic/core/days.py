"""Days of the clinic's own time as moments, for comparing stored times with an index.

Not the database's date look-ups: they read every row, and MySQL has none without its zone tables.
"""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

# Beyond them there is no moment in UTC; whoever types such a day means the first or the last.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)

# How people write a day.
DATE_FORMATS = ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日")


def clamped(day: date) -> date:
    return min(max(day, FIRST_DAY), LAST_DAY)


def moment(day: date, of_day: time = time.min) -> datetime:
    """A local moment; without a time the day's first."""
    return timezone.make_aware(datetime.combine(clamped(day), of_day))


def day_after(day: date) -> datetime:
    """The first moment that no longer belongs to the day."""
    return timezone.make_aware(datetime.combine(clamped(day) + timedelta(days=1), time.min))


def typed_date(text: str | None) -> date | None:
    """A date in an address, 2026-11-28; None when it is none."""
    try:
        return clamped(date.fromisoformat(text or ""))
    except ValueError:
        return None
