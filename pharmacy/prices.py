"""Prices change by document, at once or from a time on (R-122); a prescription keeps its price.

Every change locks its drugs in the order of their ids. What is due is applied in the order of its
time, so a planned change that came late never undoes a newer one.
"""

import logging
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core import scheduler
from clinic.core.errors import AlreadyDone, Busy, RuleBroken
from clinic.core.transactions import atomic_retry, lock
from pharmacy import worth
from pharmacy.ledger import new_document
from pharmacy.models import DocumentLine, Drug, DrugPrice, StockDocument
from security import audit

log = logging.getLogger("clinic.pharmacy")
MOST = Decimal("999999.99")
MOST_LINES = 200
FURTHEST = timedelta(days=366)
# Typed to the minute, and the form is open for a while: what is past by less counts as now.
JUST_NOW = timedelta(minutes=10)
PIECE = 20  # drugs per transaction of the scheduler

State = DrugPrice.State


@dataclass(frozen=True)
class NewPrice:
    """What a pack of this drug shall cost."""

    drug: Drug
    price: Decimal


@atomic_retry
def change_prices(
    *, lines: list[NewPrice], reason: str, by, effective_at: datetime | None = None
) -> StockDocument:
    """Write a price document; in force at once without a time, else by the scheduler then."""
    now = timezone.now()
    _judge(lines, reason, effective_at, now)
    drugs = _locked(line.drug.pk for line in lines)
    is_planned = effective_at is not None and effective_at > now
    changed = [line for line in lines if is_planned or drugs[line.drug.pk].price != line.price]
    if not changed:
        raise RuleBroken(
            _("These are the prices in force already. Please correct them, or leave the page."),
            rule="R-122",
        )
    document = new_document(StockDocument.Kind.PRICE, by, note=reason.strip())
    _write(document, changed, drugs, effective_at if is_planned else now, by)
    _apply(drugs, timezone.now(), by)
    return document


@atomic_retry
def withdraw_prices(*, document: StockDocument, reason: str, by) -> StockDocument:
    """Take back a planned change, as a whole, by a document of its own."""
    if not reason.strip():
        raise RuleBroken(_("Please write the reason."), field="reason", rule="R-122")
    rows = DrugPrice.objects.filter(document=document)
    _locked(rows.values_list("drug_id", flat=True))
    states = set(rows.values_list("state", flat=True))
    if State.WITHDRAWN in states:
        raise AlreadyDone(_("This price change was already withdrawn."))
    if State.APPLIED in states or not states:
        raise RuleBroken(
            _("These prices are already in force. Please make a new price change instead."),
            rule="R-122",
        )
    for row in rows:
        row.state = State.WITHDRAWN
        row.save(update_fields=["state"])
    return new_document(StockDocument.Kind.REVERSAL, by, reverses=document, note=reason.strip())


def apply_due() -> int:
    """Put planned prices in force whose time has come; return how many. For the scheduler."""
    due = DrugPrice.objects.filter(state=State.PLANNED, since__lte=timezone.now())
    ids = sorted(set(due.values_list("drug_id", flat=True)))
    done = 0
    for start in range(0, len(ids), PIECE):
        scheduler.still_here()
        try:
            done += _apply_piece(ids[start : start + PIECE])
        except Busy:
            log.warning("prices that are due could not be changed yet")
            break
    return done


@atomic_retry
def _apply_piece(ids: list[int]) -> int:
    return _apply(_locked(ids), timezone.now())


def _locked(ids: Iterable[int]) -> dict[int, Drug]:
    rows = lock(Drug.objects.filter(pk__in=list(ids)).order_by("pk"))
    return {drug.pk: drug for drug in rows}


def _write(document, lines, drugs, since, by) -> None:
    DocumentLine.objects.bulk_create(
        DocumentLine(document=document, number=number, drug=line.drug, new_price=line.price)
        for number, line in enumerate(lines, 1)
    )
    for line in lines:
        DrugPrice.objects.create(
            document=document,
            drug=line.drug,
            price=line.price,
            before=drugs[line.drug.pk].price,
            since=since,
            reason=document.note,
            made_by=by,
        )


def _apply(drugs: dict[int, Drug], now: datetime, by=None) -> int:
    """The caller holds the drugs' locks. In the log under the name of who wrote the document."""
    due = DrugPrice.objects.filter(state=State.PLANNED, since__lte=now, drug__in=drugs)
    rows = list(due.select_related("made_by").order_by("since", "pk"))
    for row in rows:
        drug = drugs[row.drug_id]
        row.before, row.state = drug.price, State.APPLIED
        drug.price = row.price
        own = row.made_by == by
        with nullcontext() if own else audit.acting_as(row.made_by, screen="price_list"):
            row.save(update_fields=["before", "state"])
            drug.save(update_fields=["price", "changed_at"])
            worth.follow_price(drug)
    return len(rows)


def _judge(lines, reason, effective_at, now) -> None:
    if not lines:
        raise RuleBroken(_("There is no drug yet. Please add at least one."), rule="R-122")
    if len(lines) > MOST_LINES:
        raise RuleBroken(
            _("A price change holds at most %(most)s drugs. Please make two of it.")
            % {"most": MOST_LINES},
            rule="R-122",
        )
    if len({line.drug.pk for line in lines}) < len(lines):
        raise RuleBroken(_("A drug is there twice. Please remove one of the lines."), rule="R-122")
    if not reason.strip():
        raise RuleBroken(_("Please write the reason."), field="reason", rule="R-122")
    for line in lines:
        _judge_price(line)
    if effective_at and not now - JUST_NOW <= effective_at <= now + FURTHEST:
        raise RuleBroken(
            _("The time must lie between now and a year from now. Please correct it."),
            field="effective_at",
            rule="R-122",
        )


def _judge_price(line: NewPrice) -> None:
    if not line.drug.active:
        raise RuleBroken(
            _("%(drug)s is no longer in use here. Please remove the line.") % {"drug": line.drug},
            rule="R-122",
        )
    if not 0 <= line.price <= MOST or line.price != round(line.price, 2):
        raise RuleBroken(
            _("The price of %(drug)s must lie between 0 and 999999.99. Please correct it.")
            % {"drug": line.drug},
            rule="R-122",
        )
