"""Files that look like one person, for the list of possible duplicates (R-81)."""

from collections.abc import Iterable
from itertools import combinations

from django.db.models import Count, Q

from patients.duplicates import on_file
from patients.models import NotTheSame, Patient

SAME = ("name", "birth_date", "sex")


def alike_pairs(limit: int) -> list[tuple[Patient, Patient]]:
    """At most `limit` pairs of the same name, birth date and sex, the older file first; pairs that
    were judged to be two people are left out. The groups come out of an index, in its order."""
    pairs: list[tuple[Patient, Patient]] = []
    groups = on_file().values(*SAME).annotate(files=Count("pk")).filter(files__gt=1).order_by(*SAME)
    step = 0
    while len(pairs) < limit:
        some = list(groups[step : step + limit])
        pairs += _pairs_of(some)
        step += limit
        if len(some) < limit:
            break
    return pairs[:limit]


def _pairs_of(groups: Iterable[dict]) -> list[tuple[Patient, Patient]]:
    asked = Q(pk=None)
    for group in groups:
        asked |= Q(**{name: group[name] for name in SAME})
    files = list(on_file().filter(asked).order_by(*SAME, "record_no"))
    judged = _judged([one.pk for one in files])
    return [
        (one, other)
        for one, other in combinations(files, 2)
        if all(getattr(one, name) == getattr(other, name) for name in SAME)
        and frozenset((one.pk, other.pk)) not in judged
    ]


def _judged(ids: list) -> set[frozenset]:
    rows = NotTheSame.objects.filter(first__in=ids, second__in=ids)
    return {frozenset(pair) for pair in rows.values_list("first", "second")}
