"""The only writer of stock: batches, the ledger's lines, stock documents and reservations.

Locking policy
- Every verb runs in one transaction. It locks first, then reads again, then decides, then writes.
- What is locked: all batches of the drugs concerned, in the order of their ids; after them the
  reservations, in the order of theirs. A delivery locks its supplier first. A caller that holds a
  registration or a prescription locked it before. Nobody else locks batches, so two people who
  want the last box wait for each other.
- A verb that concerns several drugs locks them all at once: hand several lines to `reserve_all` and
  `issue_all` instead of calling the single ones in a row.
- Taking needs the batches' lock. Giving a reservation back needs only the reservation's own: a
  reader that comes too early sees less stock than there is, never more.
- On SQLite the transaction holds the only write lock from its start, which says the same.
- A number of a document is drawn last, when all other locks are held.

Balance: `Batch.on_hand` is the sum of the batch's ledger lines (R-107) and never below nothing
(R-113). A reservation is of a drug, not of a batch (R-174); batches are chosen when drugs are
handed out, the earliest expiry first (R-112). Expired, frozen and recalled batches don't count
(R-109).
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.together import asked_together
from clinic.core.transactions import atomic_part, atomic_retry, lock
from pharmacy import asked, deliveries, holds, refusals
from pharmacy.choosing import Choice
from pharmacy.controlled import needs_two_people, require_two_people_if_controlled
from pharmacy.corrections import adjust, give_back, write_off
from pharmacy.lacking import Short, cannot_exceed, cannot_issue, cannot_promise
from pharmacy.ledger import Line, lock_batches, new_document, post, take_out
from pharmacy.models import Batch, Drug, Place, Reservation, StockDocument, StockMovement
from pharmacy.money import price_of
from pharmacy.places import dispensary
from pharmacy.shelf import Pick, take_as_chosen, take_of, usable
from pharmacy.units import require_countable, require_sellable
from security import many

__all__ = [
    "Choice",
    "Pick",
    "Proposal",
    "Short",
    "Want",
    "adjust",
    "available",
    "give_back",
    "issue",
    "issue_all",
    "pick_lists",
    "price_of",
    "proposals",
    "receive",
    "release",
    "reserve",
    "reserve_all",
    "write_off",
]

Kind = StockMovement.Kind
State = Reservation.State
END = ["state", "in_force", "ended_at", "ended_by"]


class Want(NamedTuple):
    """So many base units of a drug for the line called `reference`."""

    drug: Drug
    quantity: int
    reference: str


class Proposal(NamedTuple):
    """What goes out by R-112, and every batch that could go instead, in the same order."""

    picks: list[Pick]
    batches: list[Batch]


# --- receiving -------------------------------------------------------------------------------


@atomic_retry
def receive(
    *,
    supplier,
    lines: list[dict | deliveries.Line],
    by,
    refused: list[dict | refusals.Refused] = (),
    note: str = "",
    delivery_note: str = "",
    place: Place | None = None,
    acceptance: deliveries.Acceptance | None = None,
    licence: str = "",
    licence_until: date | None = None,
) -> StockDocument:
    """Take a delivery in, all of its lines or none; where no place is said, into the pharmacy.

    What its acceptance refused is filed with it and moves nothing (R-110).

    A line is a deliveries.Line or a dict of one: drug, lot, expires_on, quantity (base units),
    cost (of a pack), and where wanted made_on, shelf, reason, trace_code. `supplier` is a Supplier
    or the name of a new one; `licence` is its licence, where it is new or has changed (R-110). The
    same delivery note of the same supplier is taken in once.
    """
    deliveries.require_any([*lines, *refused])
    checked = deliveries.check(lines, today=timezone.localdate())
    refused = refusals.check(refused)
    acceptance = acceptance or deliveries.Acceptance()
    acceptance.judge(note)
    if needs_two_people({line.drug.pk for line in checked}):
        acceptance.require_another(by)
    supplier = deliveries.supplier_of(supplier, licence=licence, licence_until=licence_until)
    deliveries.refuse_second(supplier, delivery_note)
    place = place or dispensary()
    batches = deliveries.batches_of(checked, place, supplier)
    held = lock_batches(pk__in={batch.pk for batch in batches})
    document = new_document(
        StockDocument.Kind.RECEIPT,
        by,
        supplier=supplier,
        delivery_note=delivery_note or None,
        note_in_force=delivery_note or None,
        purchased_on=acceptance.purchased_on or timezone.localdate(),
        accepted_by=acceptance.accepted_by or by,
        conclusion=acceptance.conclusion if checked else StockDocument.Conclusion.REFUSED,
        note=note,
        place=place,
    )
    deliveries.write_lines(document, checked, batches)
    refusals.write(document, refused)
    for line, batch in zip(checked, batches, strict=True):
        batch = held[batch.pk]
        require_countable(batch.on_hand + line.quantity)
        post(document, batch, Kind.RECEIVE, line.quantity, by, reason=line.reason)
    return document


# --- promising -------------------------------------------------------------------------------


def available(drug_ids: Iterable[int]) -> dict[int, int]:
    """Base units of each drug that can still be promised.

    In a place that hands out, in date, not frozen or recalled, not reserved.
    """
    ids = set(drug_ids)
    free = dict.fromkeys(ids, 0)
    on_hand = (
        Batch.objects.filter(drug_id__in=ids, frozen=False, place__dispenses=True)
        .filter(~holds.is_recalled(), expires_on__gte=timezone.localdate())
        .values_list("drug_id")
        .annotate(total=Sum("on_hand"))
        .order_by()
    )
    free.update(on_hand)
    for drug_id, reserved in _reserved(ids):
        free[drug_id] = max(0, free[drug_id] - reserved)
    return free


def reserve(*, drug: Drug, quantity: int, reference: str, by) -> Reservation:
    """Promise base units of a drug to the line called `reference` (R-113)."""
    return reserve_all(wants=[Want(drug, quantity, reference)], by=by)[0]


@atomic_retry
def reserve_all(*, wants: list[Want], by) -> list[Reservation]:
    """Promise all of them or none; Short says what is missing."""
    for want in wants:
        require_sellable(want.drug, want.quantity)
    ids = {want.drug.pk for want in wants}
    lock_batches(drug_id__in=ids)
    references = [want.reference for want in wants]
    if Reservation.objects.filter(in_force__in=references).exists():
        raise AlreadyDone(_("These drugs are already reserved for this prescription."))
    free = available(ids)
    missing = {}
    sentences = []
    for want in wants:
        if want.quantity > free[want.drug.pk]:
            missing[want.reference] = want.quantity - free[want.drug.pk]
            sentences.append(cannot_promise(want, free[want.drug.pk]))
        free[want.drug.pk] = max(0, free[want.drug.pk] - want.quantity)
    if missing:
        raise Short(" ".join(sentences), missing=missing)
    return [
        Reservation.objects.create(
            drug=want.drug,
            quantity=want.quantity,
            reference=want.reference,
            in_force=want.reference,
            made_by=by,
        )
        for want in wants
    ]


@atomic_retry
def release(*, reference: str, by) -> bool:
    """Give back what was promised to this line; False when nothing was (any more)."""
    reservation = lock(Reservation.objects.filter(in_force=reference)).first()
    if reservation is None:
        return False
    if reservation.state == State.ISSUED:
        raise RuleBroken(
            _("These drugs were already handed out. Please use the return of drugs instead."),
            rule="R-113",
        )
    _set_end(reservation, State.RELEASED, by)
    reservation.save(update_fields=END)
    return True


# --- handing out -----------------------------------------------------------------------------


def proposals(wants: list[Want]) -> dict[str, Proposal]:
    """Which batches `issue` would take now, by reference, and the choice; locks nothing.

    The picks hold less than wanted where the shelf does.
    """
    ids = {want.drug.pk for want in wants}
    rows = Batch.objects.filter(~holds.is_recalled(), drug_id__in=ids, on_hand__gt=0)
    shelf = usable(rows.select_related("drug", "place"))
    batches = [batch for batch, _left in shelf]
    return {
        want.reference: Proposal(
            take_of(shelf, want.drug.pk, want.quantity)[0],
            [batch for batch in batches if batch.drug_id == want.drug.pk],
        )
        for want in wants
    }


def pick_lists(wants: list[Want]) -> dict[str, list[Pick]]:
    """The picks of each proposal alone."""
    return {reference: found.picks for reference, found in proposals(wants).items()}


def issue(*, reference: str, by, document_reference: str) -> list[StockMovement]:
    """Hand out what is reserved for this line, the earliest expiry first (R-112)."""
    return issue_all(references=[reference], by=by, document_reference=document_reference)[
        reference
    ]


@atomic_part
def issue_all(
    *,
    references: list[str],
    by,
    document_reference: str,
    witness=None,
    choices: dict[str, Choice] | None = None,
    parts: dict[str, int] | None = None,
) -> dict[str, list[StockMovement]]:
    """Hand out all of these reserved lines or none; Short names each line that lacks something.

    `witness` confirmed narcotics and class-I psychotropics and stands on the document (R-120).
    `choices` are the lines for which somebody chose other batches than R-112 does; `parts` those
    of which less goes out now than is promised: the rest stays promised.
    """
    choices, parts = choices or {}, parts or {}
    held = lock_batches(drug_id__in=set(asked.drugs_of(references)))
    reservations = {row.reference: row for row in asked.promised(references)}
    drugs = {batch.drug_id: batch.drug for batch in held.values()}
    for row in reservations.values():
        row.drug = drugs.get(row.drug_id) or row.drug  # of no batch at all: asked for by itself
    for reference in references:
        _require_active(reservations.get(reference))
    wanted = {name: _part(row, parts.get(name)) for name, row in reservations.items()}
    drug_ids = sorted({row.drug_id for row in reservations.values()})
    with asked_together(*asked.at_shelf(drug_ids, document_reference, witness)):
        picks = _picks(references, held, reservations, wanted, choices)
        require_two_people_if_controlled(drug_ids=drug_ids, by=by, witness=witness)
        document = _document_for(document_reference, by, witness)
    lines = []
    for reference in references:
        why = choices[reference].reason.strip() if reference in choices else ""
        lines += [
            Line(held[pick.batch.pk], -pick.quantity, reference, why) for pick in picks[reference]
        ]
    issued = {reference: [] for reference in references}
    for movement in take_out(document, Kind.ISSUE, lines, by):
        issued[movement.reference].append(movement)
    _hand_out([(reservations[name], wanted[name]) for name in references], by)
    return issued


# --- inside ----------------------------------------------------------------------------------


def _picks(references, held, reservations, wanted, choices) -> dict[str, list[Pick]]:
    """What is taken for each line; Short names each line that lacks something."""
    shelf = usable(holds.without_recalled(held.values()))
    picks, missing, sentences = {}, {}, []
    for reference in references:  # what somebody chose is set aside before the rest is taken
        if reference in choices:
            row = reservations[reference]
            picks[reference] = take_as_chosen(
                shelf, row.drug, wanted[reference], choices[reference]
            )
    for reference in references:
        if reference in choices:
            continue
        reservation = reservations[reference]
        picks[reference], lacking = take_of(shelf, reservation.drug_id, wanted[reference])
        if lacking:
            missing[reference] = lacking
            sentences.append(cannot_issue(reservation.drug, wanted[reference], lacking))
    if missing:
        raise Short(" ".join(sentences), missing=missing)
    return picks


def _reserved(drug_ids) -> list[tuple[int, int]]:
    rows = Reservation.objects.filter(drug_id__in=drug_ids, state=State.ACTIVE)
    return list(rows.values_list("drug_id").annotate(total=Sum("quantity")).order_by())


def _part(reservation: Reservation, asked: int | None) -> int:
    """How much of it goes out now; never more than is promised (R-113)."""
    if asked is None:
        return reservation.quantity
    require_sellable(reservation.drug, asked)
    if asked > reservation.quantity:
        raise cannot_exceed(reservation.drug, reservation.quantity)
    return asked


def _hand_out(rows: list[tuple[Reservation, int]], by) -> None:
    """What is left stays promised; at the end the row says how much it was in all."""
    for reservation, quantity in rows:
        reservation.issued += quantity
        if quantity < reservation.quantity:
            reservation.quantity -= quantity
        else:
            reservation.quantity = reservation.issued
            _set_end(reservation, State.ISSUED, by)
    many.update([reservation for reservation, _quantity in rows], ["quantity", "issued", *END])


def _document_for(reference: str, by, witness) -> StockDocument:
    """One dispensing document per prescription and witness, however many calls it takes."""
    kind = StockDocument.Kind.DISPENSING
    found = asked.paper.first(reference, witness)
    return found or new_document(kind, by, reference=reference, witness=witness)


def _set_end(reservation: Reservation, state: State, by) -> None:
    reservation.state = state
    reservation.in_force = None if state == State.RELEASED else reservation.reference
    reservation.ended_at = timezone.now()
    reservation.ended_by = by


def _require_active(reservation: Reservation | None) -> None:
    if reservation is None:
        raise RuleBroken(
            _("Nothing is reserved for this line any more. Please review the prescription again."),
            rule="R-113",
        )
    if reservation.state == State.ISSUED:
        raise AlreadyDone(_("These drugs were already handed out."))
