"""Filters that say the same whenever they are given the same, said once."""

import datetime
from functools import lru_cache

from django.template import defaultfilters
from django.utils.safestring import SafeString
from django.utils.translation import get_language


def date(value, arg=None):
    """Django's `date`, which reads the format anew for each of a list's forty days."""
    if type(value) not in (datetime.date, datetime.datetime):
        return defaultfilters.date(value, arg)
    if arg is not None and type(arg) not in (str, SafeString):
        return defaultfilters.date(value, arg)
    # The same moment has another hour elsewhere.
    return _date(value, getattr(value, "tzinfo", None), arg, get_language())


@lru_cache(maxsize=2048)
def _date(value, _zone, arg: str | None, _language: str | None) -> str:
    return defaultfilters.date(value, arg)


vars(date).update(expects_localtime=True, is_safe=False)
QUICK = {defaultfilters.date: date}
