"""The warnings kept of what is wrong: begun, made worse and ended by the scheduler alone."""

from collections.abc import Collection, Iterable
from datetime import date
from itertools import chain, islice

from django.utils import timezone

from clinic.core.prepared import prepared
from clinic.core.scheduler import still_here
from clinic.core.together import asked_together
from clinic.core.transactions import atomic_retry, lock
from pharmacy.models import StockWarning
from pharmacy.watch import conditions
from pharmacy.watch.conditions import Condition

PIECE = 100  # rows per transaction: none may hold SQLite's write lock for long


def refresh() -> int:
    """Bring the warnings of today's stock up to date; how many rows changed."""
    today = timezone.localdate()
    return _reconcile(conditions.fast(today), _kept(conditions.FAST), today)


def refresh_of(drug_ids: Collection[int]) -> int:
    """The same for a few drugs, right after their stock has changed."""
    today = timezone.localdate()
    drugs, kinds = sorted(drug_ids), list(map(str, conditions.FAST))
    with asked_together((conditions.there_of, (drugs,)), (_kept_of, (kinds, drugs))):
        found, kept = list(conditions.fast(today, drugs)), _kept_of(kinds, drugs)
    return _reconcile(found, kept, today)


@prepared
def _kept_of(kinds: list[str], drugs: list[int]):
    return StockWarning.objects.filter(StockWarning.NOW, kind__in=kinds, drug__in=drugs)


def refresh_daily() -> int:
    """The same for what changes from day to day."""
    today = timezone.localdate()
    return _reconcile(conditions.daily(today), _kept(conditions.DAILY), today)


def _kept(kinds: Iterable[str]):
    return StockWarning.objects.filter(StockWarning.NOW, kind__in=kinds)


def _reconcile(found: Iterable[Condition], rows: Iterable[StockWarning], today: date) -> int:
    now = {condition.key: condition for condition in found}
    kept = {row.in_force: row for row in rows}
    new = [now[key] for key in now.keys() - kept.keys()]
    changed = [row for key, row in kept.items() if _differs(row, now.get(key), today)]
    work = chain(
        ((None, condition) for condition in new),
        ((row, now.get(row.in_force)) for row in changed),
    )
    while piece := list(islice(work, PIECE)):
        _write(piece=piece, today=today)
        still_here()
    return len(new) + len(changed)


def _differs(row: StockWarning, condition: Condition | None, today: date) -> bool:
    if condition is None:
        return True
    if any(getattr(row, name) != value for name, value in condition.kept.items()):
        return True
    return _is_over(row, today)


def _is_over(row: StockWarning, today: date) -> bool:
    """True when the time for which it was left in peace has passed."""
    return bool(row.quiet_until and row.quiet_until < today and not row.is_open)


@atomic_retry
def _write(*, piece: list[tuple[StockWarning | None, Condition | None]], today: date) -> None:
    # Somebody may be marking the same rows as dealt with: read again under the lock.
    ids = [row.pk for row, _condition in piece if row is not None]
    held = {row.pk: row for row in lock(StockWarning.objects.filter(pk__in=ids).order_by("pk"))}
    for row, condition in piece:
        if row is None:
            _begin(condition)
        elif held[row.pk].in_force is None:
            continue  # ended by another refresh since; the next one begins it again if it is true
        elif condition is None:
            _end(held[row.pk])
        else:
            _change(held[row.pk], condition, today)


def _begin(condition: Condition) -> None:
    StockWarning.objects.get_or_create(
        in_force=condition.key,
        defaults={
            **condition.kept,
            "drug_id": condition.drug_id,
            "batch_id": condition.batch_id,
            "began_at": timezone.now(),
        },
    )


def _end(row: StockWarning) -> None:
    row.in_force, row.is_open, row.gone_at = None, False, timezone.now()
    row.save(update_fields=["in_force", "is_open", "gone_at"])


def _change(row: StockWarning, condition: Condition, today: date) -> None:
    """Better stays as it was; worse, or quiet for long enough, is open again."""
    # Out and expired have level 0, the lowest: whatever becomes that became worse.
    if condition.level < row.level or _is_over(row, today):
        row.is_open, row.handled_at, row.handled_by = True, None, None
        row.handled_how, row.note, row.quiet_until = "", "", None
        row.began_at = timezone.now()
    for name, value in condition.kept.items():
        setattr(row, name, value)
    row.save()
