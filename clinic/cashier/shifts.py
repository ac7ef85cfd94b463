"""The shift a cashier works in: begun by the first receipt, counted and handed over (R-165).

Lock order: bill, then shift, then its lines and the counter of receipts.
"""

from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.cashier.models import Shift, ShiftLine, Way
from clinic.core.days import moment
from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.numbers import next_number
from clinic.core.transactions import atomic_retry, lock
from security.permissions import P

# Notes and coins in circulation, in yuan.
COINS = [Decimal(value) for value in ("100", "50", "20", "10", "5", "1", "0.5", "0.1")]


@atomic_retry
def running(*, by) -> Shift:
    """The cashier's open shift, locked until the transaction ends; one begins if there is none."""
    found = _open_of(by)
    if found is not None:
        return found
    now = timezone.now()
    series = f"B{timezone.localdate(now):%Y%m%d}"
    number = f"{series}-{next_number(f'shift:{series}'):02}"
    try:
        with transaction.atomic():
            return Shift.objects.create(number=number, cashier=by, open_key=by, opened_at=now)
    except IntegrityError:  # the same person's other window was faster
        return _open_of(by)


def _open_of(person) -> Shift | None:
    # Found first and locked by primary key: a lock through the index of open shifts and a handover,
    # which takes the shift out of that index, would wait for each other.
    key = Shift.objects.filter(open_key=person).values_list("pk", flat=True).first()
    found = lock(Shift.objects.filter(pk=key)).first() if key else None
    return found if found and found.open_key_id == person.pk else None  # handed over meanwhile


@atomic_retry
def begin(*, floating: Decimal, by) -> Shift:
    """Say how much change money lies in the till; asked for again, it corrects the amount."""
    shift = running(by=by)
    shift.floating = floating
    shift.save(update_fields=["floating"])
    return shift


@atomic_retry
def hand_over(
    *, shift: Shift, seen: int, counted: Decimal, coins: dict, reason: str, handed_to, by
) -> Shift:
    """Close the shift with what was counted; nothing is added to it or changed any more.

    `seen` is how many entries the person saw when counting: one more came in, and the sum is
    another.
    """
    shift = lock(Shift.objects.filter(pk=shift.pk)).get()
    _require_open_and_own(shift, by)
    if handed_to.pk == shift.cashier_id:
        raise RuleBroken(
            _("The money is handed to somebody else. Please choose who takes it."),
            field="handed_to",
        )
    _require_same(shift, seen)
    difference = counted - cash_due(shift)
    if difference and not reason:
        raise RuleBroken(
            (
                _("¥%(sum)s are missing. Please count again, or write the reason.")
                if difference < 0
                else _("¥%(sum)s are too much. Please count again, or write the reason.")
            )
            % {"sum": f"{abs(difference):.2f}"},
            field="reason",
        )
    shift.counted, shift.coins, shift.difference = counted, coins, difference
    shift.reason, shift.handed_to = reason if difference else "", handed_to
    shift.closed_at, shift.closed_by, shift.open_key = timezone.now(), by, None
    shift.save()
    return shift


def handed_over_words() -> str:
    return _("This shift was handed over already.")


def _require_open_and_own(shift: Shift, by) -> None:
    if shift.closed_at is not None:
        raise AlreadyDone(handed_over_words())
    if shift.cashier_id != by.pk and not by.has_perm(P.READ_TAKINGS):
        raise RuleBroken(_("This is a colleague's shift. They hand it over themselves."))


def _require_same(shift: Shift, seen: int) -> None:
    more = entries(shift) - seen
    if more:
        raise RuleBroken(
            ngettext(
                "Not closed: %(count)s payment was entered since this page was opened. The "
                "sums below are new; please compare your count with them.",
                "Not closed: %(count)s payments were entered since this page was opened. The "
                "sums below are new; please compare your count with them.",
                abs(more),
            )
            % {"count": abs(more)}
        )


def entries(shift: Shift) -> int:
    """How many lines its ledger has."""
    return sum(line.count for line in ShiftLine.objects.filter(shift=shift))


def takings(shift: Shift) -> dict[str, Decimal]:
    """What it took by each way, in their order; a way nobody used is nought."""
    kept = dict(ShiftLine.objects.filter(shift=shift).values_list("way", "balance"))
    return {way: kept.get(way, Decimal(0)) for way in Way.values}


def cash_due(shift: Shift) -> Decimal:
    """What should lie in the till: the change money and what came in as cash."""
    return shift.floating + takings(shift)[Way.CASH]


def in_coins(coins: dict[str, int]) -> Decimal:
    """What counted notes and coins come to."""
    return sum((Decimal(value) * count for value, count in coins.items()), Decimal(0))


# --- left open ----------------------------------------------------------------------------------


def left_open() -> QuerySet[Shift]:
    """Shifts that run over midnight: begun on an earlier day and not handed over."""
    return Shift.objects.filter(closed_at__isnull=True, opened_at__lt=_today())


def _today() -> datetime:
    return moment(timezone.localdate())


def told_administrator() -> str | None:
    """A note for the first page: nobody's shift stays open unnoticed."""
    rows = left_open().order_by("opened_at").values_list("number", "cashier__full_name")
    names = "，".join(f"{number} {name}" for number, name in rows[:10])
    if not names:
        return None
    return _("A cashier's shift of an earlier day is still open: %(shifts)s.") % {"shifts": names}
