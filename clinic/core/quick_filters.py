"""Filters that say the same whenever they are given the same, said once."""

import datetime
from functools import lru_cache
from types import NoneType
from zoneinfo import ZoneInfo

from django.template import defaultfilters
from django.utils.safestring import SafeString
from django.utils.translation import get_language


def date(value, arg=None):
    """Django's `date`, which reads the format anew for each day of a list."""
    zone, fold = getattr(value, "tzinfo", None), getattr(value, "fold", 0)
    if (
        type(value) not in (datetime.date, datetime.datetime)
        or type(zone) not in (NoneType, ZoneInfo)
        or type(arg) not in (NoneType, str, SafeString)
    ):
        return defaultfilters.date(value, arg)
    # Moments that are equal read otherwise in another zone, and in the hour that comes twice.
    return _date(value, zone, fold, arg, get_language())


@lru_cache(maxsize=2048)
def _date(value, _zone, _fold: int, arg: str | None, _language: str | None) -> str:
    return defaultfilters.date(value, arg)


vars(date).update(expects_localtime=True, is_safe=False)
QUICK = {defaultfilters.date: date}
