"""How often each drug was handed out lately, so that lists show the most used first.

Counted from the ledger now and then: a number kept with every dispensing would make everybody who
hands out the same drug wait for the same row.
"""

from datetime import timedelta

from django.db.models import Case, IntegerField, Value, When
from django.utils import timezone

from clinic.core import scheduler
from clinic.core.errors import Busy
from clinic.core.transactions import atomic_retry
from pharmacy.models import Drug
from pharmacy.reports import use

DAYS = 90
PIECE = 100


def count_use() -> int:
    """Bring `Drug.used_times` up to date; return how many drugs' numbers changed."""
    since = timezone.localdate() - timedelta(days=DAYS)
    wanted = {pk: found.times for pk, found in use.since(since).items() if found.times}
    held = dict(Drug.objects.filter(used_times__gt=0).values_list("pk", "used_times"))
    changed = sorted(
        pk for pk in wanted.keys() | held.keys() if wanted.get(pk, 0) != held.get(pk, 0)
    )
    for start in range(0, len(changed), PIECE):
        piece = changed[start : start + PIECE]
        scheduler.still_here()
        try:
            _write({pk: wanted.get(pk, 0) for pk in piece})
        except Busy:
            break  # next time: nothing depends on it
    return len(changed)


@atomic_retry
def _write(times: dict[int, int]) -> None:
    cases = [When(pk=pk, then=Value(number)) for pk, number in times.items()]
    Drug.objects.filter(pk__in=times).update(used_times=Case(*cases, output_field=IntegerField()))
