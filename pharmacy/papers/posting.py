"""From draft to ledger: every line or none."""

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry
from pharmacy import corrections, deliveries, holds
from pharmacy.controlled import needs_two_people
from pharmacy.ledger import lock_batches
from pharmacy.ledger import post as write_movement
from pharmacy.models import Batch, StockDocument, StockMovement
from pharmacy.papers import lines, promises, reversal
from pharmacy.papers.drafts import locked_draft
from pharmacy.papers.kinds import PAPERS, Kind
from pharmacy.units import require_countable

Movement = StockMovement.Kind
TAKING = {Kind.USE, Kind.MOVE, Kind.TO_SUPPLIER}


@atomic_retry
def post(*, document: StockDocument, version: int | None = None, by) -> StockDocument:
    """Make the draft the ledger's. `version` is that of the page on which somebody read it."""
    reversal.lock_original(document)
    document = locked_draft(document, version)
    _require_second(document, by)
    rows = lines.rows_of(document)
    # Of a paper of two the ledger names who wrote it; the second person stands on the document.
    writer = document.prepared_by if _by_two(document) else by
    if document.kind == Kind.REVERSAL:
        reversal.write(document, writer)
    elif not rows:
        raise RuleBroken(_("There is no line yet. Please fill in at least one drug."), rule="R-107")
    else:
        WRITERS.get(document.kind, _take)(document, rows, writer)
    document.state = StockDocument.State.POSTED
    document.posted_at = timezone.now()
    document.posted_by = by
    if _by_two(document):
        document.witness = by
    document.save(update_fields=["state", "posted_at", "posted_by", "witness"])
    return document


def needs_another(document: StockDocument, user) -> bool:
    """True when this person wrote the draft and somebody else has to confirm it (R-118)."""
    return _by_two(document) and document.prepared_by.pk == user.pk


def _by_two(document: StockDocument) -> bool:
    if document.kind == Kind.REVERSAL:
        return reversal.is_by_two(document.reverses)
    paper = PAPERS[document.kind]
    return paper.two_people or _takes_controlled(document) or _writes_off(document)


def _writes_off(document: StockDocument) -> bool:
    """A return with goods that are not intact writes them off (R-117, R-118)."""
    return document.kind == Kind.RETURN and document.lines.filter(accepted=False).exists()


def _takes_controlled(document: StockDocument) -> bool:
    """Narcotics and class-I psychotropics leave the shelf by two people, whatever the paper."""
    if document.kind not in TAKING:
        return False
    return needs_two_people(document.lines.values_list("drug_id", flat=True))


def _require_second(document: StockDocument, by) -> None:
    if needs_another(document, by):
        raise RuleBroken(
            _("You wrote this document yourself. Please ask a colleague to confirm it."),
            rule="R-118",
        )


def _take(document: StockDocument, rows: list[lines.Row], by) -> None:
    """Goods leave their batches; of a transfer they come into the same batch elsewhere."""
    paper = PAPERS[document.kind]
    targets = _targets(document, rows)
    held = lock_batches(drug_id__in={row.drug.pk for row in rows})
    holds.mark_recalled(held.values())
    before = promises.usable(held.values())
    for number, row in enumerate(rows, 1):
        batch = held[row.batch.pk]
        try:
            lines.judge(document, lines.Row(batch.drug, row.quantity, batch=batch))
        except RuleBroken as error:
            raise deliveries.LineRefused(number, error) from error
        reason = row.reason or document.note
        write_movement(document, batch, paper.takes, -row.quantity, by, reason=reason)
        if targets:
            target = held[targets[batch.pk].pk]
            require_countable(target.on_hand + row.quantity)
            write_movement(document, target, Movement.MOVE_IN, row.quantity, by, reason=reason)
    if paper.keeps_promises:
        promises.require_kept(before, held.values())


def _targets(document: StockDocument, rows: list[lines.Row]) -> dict[int, Batch]:
    """Of a transfer: by each batch the one that it becomes there; made before anything is locked.

    Made in one order everywhere, so that two transfers never wait for each other's new batches.
    """
    if document.kind != Kind.MOVE:
        return {}
    found = {}
    sources = {row.batch.pk: row.batch for row in rows}
    for batch in sorted(
        sources.values(), key=lambda b: (b.drug_id, b.lot, b.expires_on, b.cost, b.pk)
    ):
        found[batch.pk], _new = Batch.objects.get_or_create(
            place=document.to_place,
            drug_id=batch.drug_id,
            lot=batch.lot,
            expires_on=batch.expires_on,
            cost=batch.cost,
            defaults={"made_on": batch.made_on, "supplier_id": batch.supplier_id},
        )
    return found


def _open(document: StockDocument, rows: list[lines.Row], by) -> None:
    """What lies there comes onto the books."""
    checked = [row.as_delivery() for row in rows]
    for number, row in enumerate(rows, 1):
        try:
            lines.judge(document, row)
        except RuleBroken as error:
            raise deliveries.LineRefused(number, error) from error
    batches = deliveries.batches_of(checked, document.place, None)
    held = lock_batches(drug_id__in={row.drug.pk for row in rows})
    for line, row, made in zip(document.lines.all(), rows, batches, strict=True):
        batch = held[made.pk]
        require_countable(batch.on_hand + row.quantity)
        write_movement(document, batch, Movement.OPENING, row.quantity, by, reason=row.reason)
        line.batch = batch
        line.save(update_fields=["batch"])


def _give_back(document: StockDocument, rows: list[lines.Row], by) -> None:
    """Whole packs come back into the batch they left; what is not intact is written off (R-117)."""
    held = lock_batches(drug_id__in={row.drug.pk for row in rows})
    for number, row in enumerate(rows, 1):
        try:
            corrections.post_return(
                document,
                held[row.origin.batch_id],
                row.origin,
                row.quantity,
                by,
                reason=row.reason or document.note,
                intact=row.accepted,
            )
        except RuleBroken as error:
            raise deliveries.LineRefused(number, error) from error


WRITERS = {Kind.OPENING: _open, Kind.RETURN: _give_back}
