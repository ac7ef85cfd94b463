"""The clock of a demo clinic: its made-up past is written by the same verbs as real work.

Only for made-up data and only inside this command's process: what is done inside `at` has happened
at that moment. The audit log is not told: its entries keep the true time, and say `demo_data`.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from datetime import timezone as utc

from django.utils import timezone


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Inside, now is this moment, and time goes on from it."""
    real, begun = timezone.now, time.monotonic()
    moment = moment.astimezone(utc.utc)  # as it comes back from the database
    timezone.now = lambda: moment + timedelta(seconds=time.monotonic() - begun)
    try:
        yield
    finally:
        timezone.now = real


@contextmanager
def own_times(*models) -> Iterator[None]:
    """Inside, rows of these models keep the times that they were given, also "made at"."""
    fields = [
        field
        for model in models
        for field in model._meta.concrete_fields
        if getattr(field, "auto_now_add", False)
    ]
    for field in fields:
        field.auto_now_add = False
    try:
        yield
    finally:
        for field in fields:
            field.auto_now_add = True
