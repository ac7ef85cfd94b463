"""What makes a delivery line acceptable (R-108 to R-111, R-174), and the batch it belongs to."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.site import setting
from clinic.core.transactions import lock
from pharmacy.expiry import add_months, is_near
from pharmacy.models import Batch, DocumentLine, Drug, Place, StockDocument, Supplier
from pharmacy.units import require_sellable

FAR_MONTHS = 120  # no drug is good for so long: a slip such as 2072 for 2027


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
    trace_code: str = ""


class LineRefused(RuleBroken):
    """A rule refuses line number `line` (the first is 1)."""

    def __init__(self, line: int, error: RuleBroken):
        message = _("Line %(line)s: %(message)s") % {"line": line, "message": error.message}
        super().__init__(message, rule=error.rule)
        self.line = line


def check(lines: list[Line | dict], *, today: date) -> list[Line]:
    """The lines, each judged by itself; LineRefused names the first that can't be taken in."""
    checked = [Line(**line) if isinstance(line, dict) else line for line in lines]
    for number, line in enumerate(checked, 1):
        try:
            judge(line, today=today)
        except RuleBroken as error:
            raise LineRefused(number, error) from error
    return checked


def require_any(lines: list) -> None:
    """RuleBroken where nothing came, neither to be taken in nor to be refused."""
    if not lines:
        raise RuleBroken(_("There is no line yet. Please fill in at least one drug."), rule="R-107")


def judge(line: Line, *, today: date, opening: bool = False) -> None:
    """RuleBroken, with the field it belongs to, when the line can't be taken in.

    An opening stock counts what lies there, expired or not: only what is on the books can be
    written off (R-109).
    """
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
    _judge_made_on(line, today)
    if not opening:
        _judge_expiry(line, today)


def _judge_made_on(line: Line, today: date) -> None:
    if line.made_on and line.made_on > min(today, line.expires_on):
        raise RuleBroken(
            _("The production date lies after today or after the expiry date. Please correct it."),
            field="made_on",
            rule="R-110",
        )


def _judge_expiry(line: Line, today: date) -> None:
    if line.expires_on < today:
        raise RuleBroken(
            _("Expired on %(date)s: it can't be taken in. Please refuse this line.")
            % {"date": line.expires_on.isoformat()},
            field="expires_on",
            rule="R-109",
        )
    if is_near(line.expires_on, today) and not line.reason.strip():
        raise RuleBroken(
            _(
                "Good until %(date)s, only %(days)s days left. Goods near their expiry are not "
                "normally accepted: please refuse them, or write the reason for taking them in."
            )
            % {"date": line.expires_on.isoformat(), "days": (line.expires_on - today).days},
            field="reason",
            rule="R-174",
        )
    if line.expires_on > add_months(today, FAR_MONTHS) and not line.reason.strip():
        raise RuleBroken(
            _(
                "Good until %(date)s, more than ten years from now. Please compare it with the "
                "pack and correct it, or write the reason."
            )
            % {"date": line.expires_on.isoformat()},
            field="reason",
            rule="R-109",
        )


def supplier_of(
    supplier: Supplier | str, *, licence: str = "", licence_until: date | None = None
) -> Supplier:
    """The supplier, made now when only a name is given, with the licence where one is given.

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
    if licence:
        supplier.licence, supplier.licence_until = licence, licence_until
        supplier.save(update_fields=["licence", "licence_until"])
    _require_licence(supplier)
    return supplier


def _require_licence(supplier: Supplier) -> None:
    if not setting("stock.supplier_licence"):
        return
    if not supplier.licence:
        raise RuleBroken(
            _(
                "%(name)s has no licence on file, and goods come from licensed suppliers only. "
                "Please write the number of its licence."
            )
            % {"name": supplier.name},
            field="licence",
            rule="R-110",
        )
    if supplier.licence_until and supplier.licence_until < timezone.localdate():
        raise RuleBroken(
            _(
                "The licence of %(name)s ended on %(date)s. Please ask for the new one and write "
                "its number and last day."
            )
            % {"name": supplier.name, "date": supplier.licence_until.isoformat()},
            field="licence",
            rule="R-110",
        )


def refuse_second(supplier: Supplier, delivery_note: str) -> None:
    """AlreadyDone when this delivery was taken in before, here or at another desk."""
    first = StockDocument.objects.filter(
        supplier=supplier, note_in_force=delivery_note or None
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


@dataclass(frozen=True)
class Acceptance:
    """The head of the acceptance record: when it was bought, who looked at it, what was found."""

    purchased_on: date | None = None
    accepted_by: object = None  # a person; None: whoever takes the delivery in
    conclusion: str = StockDocument.Conclusion.GOOD

    def require_another(self, by) -> None:
        """RuleBroken unless somebody else than `by` is named as who looked at the goods (R-120)."""
        if self.accepted_by is None or self.accepted_by.pk == by.pk:
            raise RuleBroken(
                _(
                    "Narcotics and class-I psychotropics are taken in by two people. Please choose "
                    "the colleague who looked at them as who accepted the delivery."
                ),
                field="accepted_by",
                rule="R-120",
            )

    def judge(self, note: str) -> None:
        """RuleBroken when it can't be filed like this."""
        if self.purchased_on and self.purchased_on > timezone.localdate():
            raise RuleBroken(
                _("The date of purchase lies in the future. Please correct it."),
                field="purchased_on",
                rule="R-110",
            )
        if self.conclusion == StockDocument.Conclusion.REMARK and not note.strip():
            raise RuleBroken(
                _("The remark of the acceptance is missing. Please write what was found."),
                field="note",
                rule="R-110",
            )


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
            trace_code=line.trace_code,
        )
        for number, (line, batch) in enumerate(zip(lines, batches, strict=True), 1)
    )


def _key(line: Line) -> tuple:
    return line.drug.pk, line.lot.strip(), line.expires_on, line.cost
