"""What makes a delivery line acceptable (R-108 to R-111, R-174), and the batch it belongs to."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.transactions import lock
from pharmacy.expiry import is_near
from pharmacy.models import Batch, DocumentLine, Drug, Place, StockDocument, Supplier
from pharmacy.units import require_sellable


@dataclass(frozen=True)
class Line:
    """One batch of one drug as it arrives; `quantity` in base units, `cost` of a pack."""

    drug: Drug
    lot: str
    expires_on: date
    quantity: int
    cost: Decimal = Decimal(0)
    made_on: date | None = None
    shelf: str = ""
    reason: str = ""


class LineRefused(RuleBroken):
    """A rule refuses line number `line` (the first is 1)."""

    def __init__(self, line: int, error: RuleBroken):
        message = _("Line %(line)s: %(message)s") % {"line": line, "message": error.message}
        super().__init__(message, rule=error.rule)
        self.line = line


def check(lines: list[Line | dict], *, today: date) -> list[Line]:
    """The lines, each judged by itself; LineRefused names the first that can't be taken in."""
    if not lines:
        raise RuleBroken(_("There is no line yet. Please fill in at least one drug."), rule="R-107")
    checked = [Line(**line) if isinstance(line, dict) else line for line in lines]
    for number, line in enumerate(checked, 1):
        try:
            judge(line, today=today)
        except RuleBroken as error:
            raise LineRefused(number, error) from error
    return checked


def judge(line: Line, *, today: date) -> None:
    """RuleBroken, with the field it belongs to, when the line can't be taken in."""
    if not line.drug.active:
        raise RuleBroken(
            _("%(drug)s is no longer in use here. Please choose the drug that replaced it.")
            % {"drug": line.drug},
            field="drug_text",
            rule="R-122",
        )
    if not line.lot.strip():
        raise RuleBroken(
            _("The lot is missing: goods without one can't be taken in. Please read it off."),
            field="lot",
            rule="R-108",
        )
    require_sellable(line.drug, line.quantity)
    _judge_dates(line, today)


def _judge_dates(line: Line, today: date) -> None:
    if line.made_on and line.made_on > min(today, line.expires_on):
        raise RuleBroken(
            _("The production date lies after today or after the expiry date. Please correct it."),
            field="made_on",
            rule="R-110",
        )
    if line.expires_on < today:
        raise RuleBroken(
            _("Expired on %(date)s: it can't be taken in. Please return it to the supplier.")
            % {"date": line.expires_on.isoformat()},
            field="expires_on",
            rule="R-109",
        )
    if is_near(line.expires_on, today) and not line.reason.strip():
        raise RuleBroken(
            _(
                "Good until %(date)s, only %(days)s days left. Goods near their expiry are not "
                "normally accepted: please empty the line and return them, or write the reason."
            )
            % {"date": line.expires_on.isoformat(), "days": (line.expires_on - today).days},
            field="reason",
            rule="R-174",
        )


def supplier_of(supplier: Supplier | str) -> Supplier:
    """The supplier, made now when only a name is given.

    Locked, so that one supplier's deliveries are taken in one after the other and none twice.
    """
    if isinstance(supplier, str):
        supplier, _new = Supplier.objects.get_or_create(name=supplier)
    supplier = lock(Supplier.objects.filter(pk=supplier.pk)).get()
    if not supplier.active:
        raise RuleBroken(
            _("%(name)s is no longer a supplier of ours. Please choose another.")
            % {"name": supplier.name},
            field="supplier",
            rule="R-110",
        )
    return supplier


def refuse_second(supplier: Supplier, delivery_note: str) -> None:
    """AlreadyDone when this delivery was taken in before, here or at another desk."""
    first = StockDocument.objects.filter(
        supplier=supplier, delivery_note=delivery_note or None
    ).first()
    if delivery_note and first:
        raise AlreadyDone(
            _(
                "Delivery note %(note)s was already taken in as %(number)s. Please check the "
                "number; nothing was added to the stock."
            )
            % {"note": delivery_note, "number": first.number},
            field="delivery_note",
            rule="R-107",
        )


def batches_of(lines: list[Line], place: Place, supplier: Supplier | None) -> list[Batch]:
    """The batch that each line adds to, in the order of the lines; missing ones are made, empty."""
    # Made in one order everywhere, so that two deliveries never wait for each other's new batches.
    return [
        batch for _n, batch in sorted(_made(lines, place, supplier), key=lambda found: found[0])
    ]


def _made(lines, place, supplier) -> list[tuple[int, Batch]]:
    found = []
    for n, line in sorted(enumerate(lines), key=lambda item: _key(item[1])):
        batch, _new = Batch.objects.get_or_create(
            place=place,
            **dict(zip(("drug_id", "lot", "expires_on", "cost"), _key(line), strict=True)),
            defaults={
                "made_on": line.made_on,
                "shelf": line.shelf or line.drug.shelf,
                "supplier": supplier,
            },
        )
        found.append((n, batch))
    return found


def write_lines(document: StockDocument, lines: list[Line], batches: list[Batch]) -> None:
    """What was taken in, line by line: the acceptance record of R-110."""
    DocumentLine.objects.bulk_create(
        DocumentLine(
            document=document,
            number=number,
            drug=line.drug,
            batch=batch,
            quantity=line.quantity,
            lot=batch.lot,
            expires_on=line.expires_on,
            made_on=line.made_on,
            cost=line.cost,
            shelf=batch.shelf,
            reason=line.reason,
        )
        for number, (line, batch) in enumerate(zip(lines, batches, strict=True), 1)
    )


def _key(line: Line) -> tuple:
    return line.drug.pk, line.lot.strip(), line.expires_on, line.cost
