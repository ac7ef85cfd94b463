"""Which backups are kept: all of two days, then one a day, a week, a month."""

from collections.abc import Iterable
from datetime import datetime, timedelta

HOURS = 48
DAYS, WEEKS, MONTHS = 7, 4, 12


def _day(moment):
    return moment.date()


def _week(moment):
    return moment.isocalendar()[:2]


def _month(moment):
    return moment.year, moment.month


def to_keep(moments: Iterable[datetime], now: datetime) -> set[datetime]:
    """The moments whose backups stay: those of the last 48 hours, and the newest of each of the
    last 7 days, 4 weeks and 12 months that have one. The newest of all always stays.

    A clock that was set back makes backups of the future: they stay as well.
    """
    newest_first = sorted(set(moments), reverse=True)
    kept = {moment for moment in newest_first if moment > now - timedelta(hours=HOURS)}
    for period, count in ((_day, DAYS), (_week, WEEKS), (_month, MONTHS)):
        newest_of = {}
        for moment in newest_first:
            newest_of.setdefault(period(moment), moment)
        kept |= set(sorted(newest_of.values(), reverse=True)[:count])
    return kept
