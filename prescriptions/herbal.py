"""Writing a herbal sheet: doses and preparation, pieces in their order, submit (R-15, R-21).

Lock order as in services.py: consultation, then prescription.
"""

import math
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry
from pharmacy.models import Drug
from pharmacy.money import line_total
from pharmacy.units import require_sellable
from prescriptions import services
from prescriptions.doses import Dose, number_text
from prescriptions.herb_words import is_piece, methods, notes, usages
from prescriptions.models import Prescription, PrescriptionItem
from prescriptions.moves import check_version, editable, live_items
from prescriptions.quantity import MOST, Pack, units_per_dose, whole_packs
from prescriptions.versions import changed

GRAM = "g"
MOST_DOSES = 60
MOST_GRAMS = Decimal(1000)  # of one piece in one dose; anything above is a slip of the finger
TENTH = Decimal("0.1")
USUAL_METHOD, USUAL_USAGE = "sjf", "2w"


@dataclass(frozen=True)
class Common:
    """What holds for all pieces of the sheet; `doses` None while they are not written yet."""

    doses: int | None
    method: str
    usage: str

    @classmethod
    def of(cls, prescription: Prescription) -> "Common":
        return cls(prescription.herb_doses, prescription.herb_method, prescription.herb_usage)


@dataclass(frozen=True)
class Piece:
    """A piece as it is asked for: grams of one dose, a note's code, wishes before the name.

    `outside` None leaves the row's own mark as it is; no field of the line above says it.
    """

    drug: object
    grams: Decimal
    note: str = ""
    wish: str = ""
    outside: bool | None = field(default=None, compare=False)

    @classmethod
    def of(cls, item) -> "Piece":
        """As it stands on a sheet or in a set."""
        return cls(item.drug, item.dose, item.herb_note, item.remark, item.outside)


@atomic_retry
def start(*, consultation, by) -> Prescription:
    """A herbal sheet for an open visit; the usual preparation is proposed, the doses are not."""
    sheet = services.start(consultation=consultation, form=Prescription.Form.HERBAL, by=by)
    if not sheet.herb_method:
        sheet.herb_method, sheet.herb_usage = USUAL_METHOD, USUAL_USAGE
        sheet.save(update_fields=["herb_method", "herb_usage"])
    return sheet


@atomic_retry
def write(
    *,
    prescription: Prescription,
    common: Common | None = None,
    piece: Piece | None = None,
    item: PrescriptionItem | None = None,
    before: PrescriptionItem | None = None,
    step: int = 0,
    by,
) -> Prescription:
    """Set what is common, and add `piece` (at the end or before a row) or put it in `item`'s place.

    Doses change the quantity of every piece, so all of them are computed again. `step` moves the
    piece so many places: the order is the doctor's (R-21).
    """
    prescription = _herbal(prescription, by)
    is_new = common is not None and common != Common.of(prescription)
    if is_new:
        _set_common(prescription, common)
    items = live_items(prescription)
    if piece is not None:
        _put(prescription, items, piece, item, before, step)
    if is_new:
        for row in items:
            _compute(row, prescription)
            row.save()
    if is_new or piece is not None:
        changed(prescription, by)
    return prescription


@atomic_retry
def submit(
    *, prescription: Prescription, version: int | None = None, common: Common | None = None, by
) -> Prescription:
    """Sign the sheet with the doses that stand on the screen, whether they were saved or not."""
    prescription = editable(prescription, by)
    check_version(prescription, version)
    if common is not None:
        write(prescription=prescription, common=common, by=by)
    return services.submit(prescription=prescription, by=by)


@atomic_retry
def again(*, source: Prescription, consultation, by) -> tuple[Prescription, list[str]]:
    """The same pieces on a new sheet of this visit, and why some could not be repeated (R-74)."""
    sheet = start(consultation=consultation, by=by)
    write(prescription=sheet, common=Common.of(source), by=by)
    rows = source.items.filter(removed_at__isnull=True).select_related("drug").order_by("rank")
    left = []
    for row in rows:
        if not row.drug.active:
            left.append(_("%(drug)s: not to be prescribed any more") % {"drug": row.drug_name})
            continue
        try:
            write(prescription=sheet, piece=Piece.of(row), by=by)
        except RuleBroken as error:
            values = {"drug": row.drug_name, "reason": error.message}
            left.append(_("%(drug)s: %(reason)s") % values)
    return sheet, left


def piece_by_id(text: str) -> Drug | None:
    """A piece in use, by the id that a button carries."""
    if not (text.isascii() and text.isdigit() and len(text) < 13):
        return None
    found = Drug.objects.filter(pk=int(text), active=True).first()
    return found if found and is_piece(found) else None


# -- inside --


def _herbal(prescription: Prescription, by) -> Prescription:
    prescription = editable(prescription, by)
    if prescription.form != Prescription.Form.HERBAL:
        raise RuleBroken(
            _("Not changed: this is no sheet for herbal pieces. Please start a herbal sheet."),
            rule="R-15",
        )
    return prescription


def _set_common(prescription: Prescription, common: Common) -> None:
    if common.method not in methods():
        raise RuleBroken(
            _("Please choose the preparation from the list."), field="method", rule="R-21"
        )
    if common.usage not in usages():
        raise RuleBroken(
            _("Please choose how it is taken from the list."), field="usage", rule="R-21"
        )
    if common.doses is not None and not 1 <= common.doses <= MOST_DOSES:
        raise RuleBroken(
            _("Please write the doses as a number from 1 to %(most)s.") % {"most": MOST_DOSES},
            field="doses",
            rule="R-23",
        )
    prescription.herb_doses = common.doses
    prescription.herb_method, prescription.herb_usage = common.method, common.usage


def _put(prescription, items: list[PrescriptionItem], piece: Piece, item, before, step) -> None:
    """Into `items`, in its place, computed and saved."""
    row = item and next((one for one in items if one.pk == item.pk), None)
    if item is not None and row is None:
        raise RuleBroken(_("Not changed: this row was taken off the prescription meanwhile."))
    _check(items, piece, besides=row)
    if row is None:
        row = PrescriptionItem(prescription=prescription)
        places = [n for n, one in enumerate(items) if before is not None and one.pk == before.pk]
        items.insert(places[0] if places else len(items), row)
    _fill(row, piece)
    _compute(row, prescription)
    place = items.index(row)
    items.insert(max(0, place + step), items.pop(place))
    row.rank = items.index(row) + 1
    row.save()
    _number(items)


def _check(items: list[PrescriptionItem], piece: Piece, *, besides) -> None:
    drug = piece.drug
    if not is_piece(drug):
        raise RuleBroken(
            _("%(drug)s is no herbal piece. Please write it on a prescription of its own.")
            % {"drug": drug.generic_name},
            field="drug_text",
            rule="R-15",
        )
    twins = [n for n, row in enumerate(items, 1) if row.drug_id == drug.pk and row is not besides]
    if twins:
        raise RuleBroken(
            _("%(drug)s stands at place %(place)s already. Please change its grams there.")
            % {"drug": drug.generic_name, "place": twins[0]},
            field="drug_text",
            rule="R-37",
        )
    if not 0 < piece.grams <= MOST_GRAMS or piece.grams % TENTH:
        raise RuleBroken(
            _("Please write the grams of one dose as 9 or 1.5."), field="dose", rule="R-19"
        )
    if piece.note and piece.note not in notes():
        raise RuleBroken(_("Please choose the note from the list."), field="note", rule="R-21")


def _fill(row: PrescriptionItem, piece: Piece) -> None:
    drug = piece.drug
    if row.drug_id != drug.pk:
        row.outside = False
    if piece.outside is not None:
        row.outside = piece.outside
    row.drug = drug
    row.drug_name, row.dosage_form = drug.generic_name, drug.dosage_form
    row.strength, row.pack_spec = "", drug.pack_spec  # nobody reads "g" behind a name
    row.dose, row.dose_unit = piece.grams, GRAM
    row.herb_note, row.remark = piece.note, piece.wish
    row.base_unit, row.units_per_pack = drug.base_unit, drug.units_per_pack
    row.price = drug.price


def _compute(row: PrescriptionItem, prescription: Prescription) -> None:
    """Grams times doses in base units, the total rounded up (R-168); days by how it is taken."""
    method, usage = methods()[prescription.herb_method], usages()[prescription.herb_usage]
    doses = prescription.herb_doses or 1
    quantity = quantity_of(row.drug, row.dose, doses)
    require_sellable(row.drug, quantity)
    row.route, row.frequency = method.route.code, usage.frequency.code
    row.days = usage.days(doses)
    row.computed = row.quantity = quantity
    row.amount = Decimal(0) if row.outside else line_total(row.price, quantity, row.units_per_pack)


def quantity_of(drug, grams: Decimal, doses: int) -> int:
    """Base units for so many doses; RuleBroken where grams can't be told in them."""
    pack = Pack.of(drug)
    each = units_per_dose(pack, Dose(grams, GRAM))
    # Small bags of 10 g are not opened: a dose is a whole number of them.
    if each is None or (pack.base_unit != GRAM and each.denominator != 1):
        raise RuleBroken(
            _(
                "%(drug)s is handed out by the %(unit)s, and %(grams)sg is no whole number of "
                "them. Please write other grams, or ask for the drug library to be corrected."
            )
            % {"drug": drug.generic_name, "unit": drug.base_unit, "grams": number_text(grams)},
            field="dose",
            rule="R-19",
        )
    quantity = whole_packs(pack, math.ceil(each * doses))
    if quantity > MOST:
        raise RuleBroken(
            _("The quantity is too large. Please check grams and doses."), field="dose"
        )
    return quantity


def _number(items: list[PrescriptionItem]) -> None:
    for rank, row in enumerate(items, 1):
        if row.rank != rank:
            row.rank = rank
            row.save(update_fields=["rank"])
