"""Counting: what somebody saw on the shelf, against the book at that moment."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry, lock
from pharmacy.ledger import lock_batches
from pharmacy.models import StockCount, StockMovement, StockTake, StockTakeLine
from pharmacy.takes.states import ROUNDS, S, locked, move, require
from pharmacy.units import packs_and_pieces, require_countable

DIFFERS = ~Q(difference=0) & Q(difference__isnull=False)
UNCOUNTED = Q(first__isnull=True)
TO_RECOUNT = DIFFERS & Q(second__isnull=True, movement__isnull=True)
TO_POST = DIFFERS & Q(movement__isnull=True)


@dataclass(frozen=True)
class Entry:
    """One line as it was counted; `seen` is the line's version that the counter had before him."""

    line: int
    quantity: int  # base units
    seen: int


@atomic_retry
def count(*, take: StockTake, entries: list[Entry], by, at: datetime | None = None) -> list[str]:
    """Write down what was counted; one sentence for each line that a colleague wrote meanwhile.

    `at` is when it was counted, of a paper sheet that is typed in later; now when it isn't said.
    """
    take = locked(take)
    require(take, *ROUNDS)
    lines = _lines(take, entries)
    batches = lock_batches(pk__in={line.batch_id for line in lines.values()})
    at = moment_of(take, at)
    booked = book_at(batches, at)
    colleagues, counts = [], []
    for entry in sorted(entries, key=lambda entry: entry.line):
        line = lines[entry.line]
        require_countable(entry.quantity)
        if entry.seen != line.version:
            colleagues += _already(line, entry, batches[line.batch_id], take)
            continue
        counts.append(note(take, line, entry.quantity, booked[line.batch_id], at=at, by=by))
        line.save()
    StockCount.objects.bulk_create(counts)
    return colleagues


def note(take, line: StockTakeLine, quantity: int, expected: int, *, at, by) -> StockCount:
    """Put a count on its line, and the log's entry of it; the caller saves both.

    He has locked the take and the batch.
    """
    names = ("first", "second")
    name = names[ROUNDS[take.state] - 1]
    setattr(line, name, quantity)
    setattr(line, f"{name}_expected", expected)
    setattr(line, f"{name}_at", at)
    setattr(line, f"{name}_by", by)
    line.difference = quantity - expected
    line.version += 1
    return StockCount(
        line=line, round=ROUNDS[take.state], quantity=quantity, counted_at=at, made_by=by
    )


def book_at(batches: dict, at: datetime) -> dict[int, int]:
    """What the book said of these (locked) batches at that moment, without what came later."""
    later = StockMovement.objects.filter(batch__in=batches, made_at__gt=at)
    sums = dict(later.values_list("batch").annotate(total=Sum("quantity")).order_by())
    return {pk: batch.on_hand - sums.get(pk, 0) for pk, batch in batches.items()}


def _lines(take, entries) -> dict[int, StockTakeLine]:
    """The lines of these entries, locked; only those that this round is about."""
    wanted = {entry.line for entry in entries}
    rows = lock(take.lines.filter(round_of(take), pk__in=wanted).order_by("pk"))
    lines = {line.pk: line for line in rows}
    if set(lines) != wanted:
        raise RuleBroken(
            _("One of these lines is not to be counted here. Please open the list again."),
            rule="R-119",
        )
    return lines


def round_of(take: StockTake) -> Q:
    """Which lines are counted in the take's present state; what is confirmed is done."""
    still_open = Q(movement__isnull=True, confirmed_by__isnull=True)
    if take.state == S.SECOND:
        return still_open & (DIFFERS | Q(second__isnull=False))
    return still_open


def moment_of(take, at) -> datetime:
    now = timezone.now()
    if at is None:
        return now
    if not take.started_at <= at <= now:
        raise RuleBroken(
            _("The time of the count must lie between the start (%(start)s) and now.")
            % {"start": timezone.localtime(take.started_at).strftime("%Y-%m-%d %H:%M")},
            field="at",
            rule="R-119",
        )
    return at


def _already(line, entry, batch, take) -> list[str]:
    """What to tell whoever counted a line that a colleague wrote down meanwhile."""
    one = ROUNDS[take.state] == 1
    there, who = (line.first, line.first_by) if one else (line.second, line.second_by)
    if there is None or there == entry.quantity:
        return []
    return [
        _(
            "%(drug)s, lot %(lot)s: %(who)s wrote %(there)s meanwhile, your %(yours)s was not "
            "saved. Please look again; where yours is right, change the line."
        )
        % {
            "drug": batch.drug.generic_name,
            "lot": batch.lot,
            "who": who.full_name,
            "there": packs_and_pieces(batch.drug, there),
            "yours": packs_and_pieces(batch.drug, entry.quantity),
        }
    ]


@atomic_retry
def close_count(*, take: StockTake, by) -> StockTake:
    """End the round: differences go to the second count, then to whoever confirms."""
    take = locked(take)
    require(take, *ROUNDS)
    if take.state == S.COUNTING:
        _refuse_left(take, take.lines.filter(UNCOUNTED))
        again = take.lines.filter(TO_RECOUNT).exists()
        move(take, S.SECOND if again else S.TO_CONFIRM)
    else:
        _refuse_left(take, take.lines.filter(TO_RECOUNT))
        move(take, S.TO_CONFIRM)
    take.save(update_fields=["state"])
    return take


def _refuse_left(take, left: QuerySet) -> None:
    number = left.count()
    if number:
        shelf = left.order_by("shelf").values_list("shelf", flat=True).first()
        raise RuleBroken(
            ngettext(
                "%(number)s line is not counted yet, on shelf %(shelf)s. Please count it; where "
                "nothing lies, write 0.",
                "%(number)s lines are not counted yet, the first on shelf %(shelf)s. Please count "
                "them; where nothing lies, write 0.",
                number,
            )
            % {"number": number, "shelf": shelf or "–"},
            rule="R-119",
        )


@atomic_retry
def count_again(*, take: StockTake, line: int, by) -> StockTake:
    """Send one difference back to the second count, before it is confirmed."""
    take = locked(take)
    require(take, S.TO_CONFIRM, S.SECOND)
    row = lock(take.lines.filter(TO_POST, pk=line, confirmed_by=None)).first()
    if row is None:
        raise RuleBroken(
            _("This line has no difference that is still open. Please look at it again."),
            rule="R-119",
        )
    reopen(row)
    if take.state == S.TO_CONFIRM:
        move(take, S.SECOND)
        take.save(update_fields=["state"])
    return take


def reopen(line: StockTakeLine) -> None:
    """Nobody has counted it a second time; what was written stays in its counts."""
    line.second = line.second_expected = line.second_at = line.second_by = None
    line.confirmed_by = line.confirmed_at = None
    line.difference = line.first - line.first_expected
    line.version = F("version") + 1
    line.save()
