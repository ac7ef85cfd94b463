"""Reasons, the second person's confirmation, and the way of the differences into the ledger."""

import time
from collections import Counter

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.on_record import in_the_institutions_language
from clinic.core.transactions import atomic_retry, lock
from pharmacy.ledger import lock_batches, new_document, post
from pharmacy.models import Batch, StockDocument, StockMovement, StockTake, StockTakeLine
from pharmacy.takes.counting import TO_POST, TO_RECOUNT, reopen
from pharmacy.takes.result import Result, result_of
from pharmacy.takes.states import S, locked, move, require
from pharmacy.units import MOST
from security.models import User

SECONDS = 0.1  # of one transaction's posting: a page that wants to write waits no longer
MOST_LINES = 25
LONGEST_REASON = StockMovement._meta.get_field("reason").max_length

CONFIRMED = Q(confirmed_by__isnull=False, movement__isnull=True)


@atomic_retry
def explain(*, take: StockTake, reasons: dict[int, tuple[str, str]], by) -> int:
    """Write why lines differ: {line: (kind, words)}; the number of lines written."""
    take = locked(take)
    require(take, S.TO_CONFIRM)
    rows = lock(take.lines.filter(TO_POST, pk__in=reasons, confirmed_by=None).order_by("pk"))
    for line in rows:
        kind, words = reasons[line.pk]
        if kind not in StockTakeLine.Reason.values:
            raise RuleBroken(_("Please choose one of the reasons."), rule="R-119")
        if kind == StockTakeLine.Reason.OTHER and not words.strip():
            raise RuleBroken(_("Please say in words what the other reason is."), rule="R-119")
        line.reason, line.reason_words = kind, words.strip()
        line.save(update_fields=["reason", "reason_words"])
    return len(rows)


@atomic_retry
def confirm(*, take: StockTake, reasons: dict[int, tuple[str, str]] | None = None, by) -> int:
    """Confirm every difference that `by` did not count; the number of lines.

    `reasons` are those that stand on the page, as `explain` takes them. Posting itself is done in
    pieces afterwards (takes/work.py). What `by` counted waits for somebody else: two people who
    both counted confirm each other's lines (R-119).
    """
    take = locked(take)
    if take.state in (S.POSTING, S.POSTED):
        raise AlreadyDone(
            _("%(who)s has confirmed %(number)s already.")
            % {"who": take.confirmed_by.full_name, "number": take.number},
            rule="R-119",
        )
    require(take, S.TO_CONFIRM)
    if reasons:
        explain(take=take, reasons=reasons, by=by)
    waiting = take.lines.filter(TO_POST, confirmed_by=None)
    _refuse_unexplained(waiting)
    theirs = waiting.exclude(Q(first_by=by) | Q(second_by=by))
    _refuse_own(take, waiting, theirs, by)
    counter = _most_active_counter(theirs)
    number = theirs.update(confirmed_by=by, confirmed_at=timezone.now())
    if number and take.document is None:
        take.document = _document(take, counter, by, number=take.number)
    if not waiting.exists():
        move(take, S.POSTING)
        take.confirmed_by, take.confirmed_at = by, timezone.now()
    take.save()
    return number


def _refuse_unexplained(waiting) -> None:
    number = waiting.filter(reason="").count()
    if number:
        raise RuleBroken(
            ngettext(
                "%(number)s difference has no reason yet. Please write it first.",
                "%(number)s differences have no reason yet. Please write them first.",
                number,
            )
            % {"number": number},
            rule="R-119",
        )


def _refuse_own(take, waiting, theirs, by) -> None:
    """Two people: there must be something that somebody else counted."""
    others = theirs if waiting.exists() else take.lines.exclude(first_by=by)
    if not others.exists():
        raise RuleBroken(
            _(
                "You counted all of this yourself. Somebody who did not count it must confirm it: "
                "please ask a colleague."
            ),
            rule="R-119",
        )


def _most_active_counter(lines) -> int | None:
    """Who stands on the document beside the one who confirms."""
    counters = Counter(
        second or first for first, second in lines.values_list("first_by", "second_by")
    )
    return counters.most_common(1)[0][0] if counters else None


def _document(take, counter: int, by, **fields) -> StockDocument:
    return new_document(
        StockDocument.Kind.ADJUSTMENT,
        User.objects.get(pk=counter),
        posted_by=by,
        witness=by,
        place=take.place,
        reference=take.number,
        note=take.note,
        **fields,
    )


@atomic_retry
def post_piece(take: StockTake) -> bool:
    """Post confirmed differences for a tenth of a second; False when there are none (left)."""
    take = locked(take)
    rows = lock(take.lines.filter(CONFIRMED).order_by("batch_id"))
    lines = list(rows[:MOST_LINES])
    if not lines or take.state in (S.POSTED, S.CANCELLED):
        return False
    held = lock_batches(pk__in=[line.batch_id for line in lines])
    document = _open_document(take)
    # The ledger names who counted; who confirmed is the document's second person.
    people = User.objects.in_bulk({line.second_by_id or line.first_by_id for line in lines})
    end = time.monotonic() + SECONDS
    for line in lines:
        counter = people[line.second_by_id or line.first_by_id]
        _post(take, line, held[line.batch_id], document, counter)
        if time.monotonic() > end:
            break
    return True


def _open_document(take: StockTake) -> StockDocument:
    """The take's document; a new one where that was taken back as a whole meanwhile."""
    document = take.document
    if StockDocument.objects.filter(reverses=document).exists():
        document = _document(take, document.made_by_id, document.witness)
        take.document = document
        take.save(update_fields=["document"])
    return document


def _post(take, line: StockTakeLine, batch: Batch, document, counter) -> None:
    """One line into the ledger; one that would leave less than nothing is counted again."""
    if not 0 <= batch.on_hand + line.difference <= MOST:
        line.left_when_posting = batch.on_hand
        reopen(line)
        return
    with in_the_institutions_language():  # the ledger is read for years
        reason = " ".join(filter(None, [str(line.get_reason_display()), line.reason_words]))
    line.movement = post(
        document,
        batch,
        StockMovement.Kind.ADJUST,
        line.difference,
        counter,
        reference=take.number,
        reason=reason[:LONGEST_REASON],
    )
    line.left_when_posting = None
    line.save(update_fields=["movement", "left_when_posting"])


def finish(take: StockTake) -> None:
    """What comes when all that is confirmed is posted: the result, or another second count."""
    take = StockTake.objects.get(pk=take.pk)
    if take.lines.filter(CONFIRMED).exists():
        return
    # Added up before the take is locked: it may have many lines, and none of them changes any more.
    result = result_of(take) if take.state == S.POSTING else None
    _finish(take, result)


@atomic_retry
def _finish(take: StockTake, result: Result | None) -> None:
    take = locked(take)
    if take.state not in (S.TO_CONFIRM, S.POSTING) or take.lines.filter(CONFIRMED).exists():
        return
    if take.lines.filter(TO_RECOUNT).exists():
        move(take, S.SECOND)
    elif take.state == S.POSTING and result is not None:
        move(take, S.POSTED)
        take.posted_at = timezone.now()
        for name, value in result.as_fields().items():
            setattr(take, name, value)
    else:
        return
    take.save()
