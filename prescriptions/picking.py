"""The pick list at the window: which batch from which shelf, and what is said with it (R-112)."""

from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from pharmacy import stock
from pharmacy.models import Batch
from pharmacy.units import packs_and_pieces
from prescriptions import collecting, dispensing, lookalikes, other_batch, pages, portions
from prescriptions.counselling import sentences
from prescriptions.herb_words import is_piece
from prescriptions.models import Prescription, PrescriptionItem
from prescriptions.moves import reference
from prescriptions.review import is_expired
from prescriptions.rows import rows_of
from prescriptions.skin_tests import states_for

NEAR_DAYS = 183


class Line(NamedTuple):
    """A row of the sheet, what goes out for it by R-112, and every batch that could go instead."""

    item: PrescriptionItem
    picks: list[stock.Pick]
    batches: list[Batch]
    quantity: int  # what goes out now, in base units

    @property
    def is_in_several_places(self) -> bool:
        return len({batch.place_id for batch in self.batches}) > 1


def lines_of(
    prescription: Prescription, items: list[PrescriptionItem], parts: dict | None = None
) -> list[Line]:
    """Every row, in their order; nothing of what is bought outside lies on the shelf.

    `parts` are the forms of what goes out now; without one it is all that is left.
    """
    now = {item.pk: portions.left(item) for item in items}
    now |= {pk: form.units for pk, form in (parts or {}).items()}
    wants = [
        stock.Want(item.drug, now[item.pk], reference(prescription, item))
        for item in items
        if now[item.pk]
    ]
    found = stock.proposals(wants) if wants else {}
    nothing = stock.Proposal([], [])
    return [
        Line(item, *found.get(reference(prescription, item), nothing), now[item.pk])
        for item in items
    ]


def pick_list(
    prescription: Prescription, user, items: list, typed: dict, parts: dict, scanned: set
) -> dict:
    """Everything the window's page shows about one sheet.

    `typed` are forms of other batches that came back, `parts` those of what goes out now, `scanned`
    the rows whose boxes were scanned.
    """
    lines = lines_of(prescription, items, parts)
    forms = typed or other_batch.forms_of(lines)
    alike = lookalikes.of([item.drug for item in items if portions.left(item)])
    rows = rows_of(items)
    for row, line in zip(rows, lines, strict=True):
        item = row["item"]
        row["picks"] = [_pick(line, pick) for pick in line.picks]
        row["lacks"] = line.quantity - sum(pick.quantity for pick in line.picks)
        row["lacks_text"] = packs_and_pieces(item.drug, row["lacks"])
        row["quantity"] = line.quantity
        row["now"] = packs_and_pieces(item.drug, line.quantity)
        row["split"] = how_to_split(item.drug, line.quantity)
        row["gone"] = packs_and_pieces(item.drug, item.dispensed) if item.dispensed else ""
        row["is_gone"] = row_is_gone(item)
        row["part"] = parts.get(item.pk)
        row["alike"] = alike.get(item.drug_id, [])
        row["is_scanned"] = item.rank in scanned
        row["choice"] = forms.get(item.pk)
        row["skin_tests"] = states_for(item, prescription, user)
        row["other_lot"] = _lot_not_tested(item, line.picks)
    return {
        **pages.about(prescription, user),
        "rows": rows,
        "total": pages.total(items),
        "counsel": sentences([item for item in items if not row_is_gone(item)]),
        "to_go": sum(bool(portions.left(item)) for item in items),
        "scanned_count": sum(row["is_scanned"] for row in rows),
        "stops": dispensing.stops(prescription, items),
        "is_expired": is_expired(prescription),
        "signed": pages.signed(prescription, user),
        "alike_count": sum(bool(row["alike"]) for row in rows),
        "collector": collecting.shown(prescription),
        "waits": _why_not_yet(rows, lines),
        "lacking": [row for row in rows if row["lacks"]],
        "reviewer": prescription.reviewer,
    }


def _lot_not_tested(item, picks: list[stock.Pick]) -> str:
    """The lot of the skin test where another one would go out (R-45)."""
    lot = item.skin_test_lot or ""
    return lot if lot and any(pick.batch.lot != lot for pick in picks) else ""


def _pick(line: Line, pick: stock.Pick) -> dict:
    item = line.item
    left = (pick.batch.expires_on - timezone.localdate()).days
    return {
        "place": pick.batch.place.name if line.is_in_several_places else "",
        "shelf": pick.batch.shelf or item.drug.shelf,
        "lot": pick.batch.lot,
        "expires_on": pick.batch.expires_on,
        "quantity": packs_and_pieces(item.drug, pick.quantity),
        "days_left": left if left <= NEAR_DAYS else None,
        "is_short": left < item.days,
        "is_split": bool(pick.quantity % item.units_per_pack) and not is_piece(item.drug),
    }


def _why_not_yet(rows: list[dict], lines: list[Line]) -> str:
    """What still stands in the way of handing out, in words for beside the button."""
    states = {row["item"].skin_test for row in rows}
    if "positive" in states:
        return _("the skin test was positive")
    if "pending" in states:
        return _("the skin test has no result yet")
    return _("nothing of it lies on the shelf") if _is_nothing_there(lines) else ""


def _is_nothing_there(lines: list[Line]) -> bool:
    """True when something is wanted and none of it lies on the shelf."""
    wanted = [line for line in lines if line.quantity]
    return bool(wanted) and not any(line.picks for line in wanted)


def row_is_gone(item: PrescriptionItem) -> bool:
    """True when all of a row went out earlier."""
    return not item.outside and not portions.left(item)


def how_to_split(drug, quantity: int) -> str:
    """How the pieces beyond whole packs are counted: "5 of the 20片 of one 盒" (R-115)."""
    pieces = quantity % drug.units_per_pack
    if not pieces:
        return ""
    return _("count out %(pieces)s of the %(all)s in a %(pack)s") % {
        "pieces": f"{pieces}{drug.base_unit}",
        "all": f"{drug.units_per_pack}{drug.base_unit}",
        "pack": drug.pack_unit,
    }
