"""The pick list at the window: which batch from which shelf, and what is said with it (R-112)."""

from typing import NamedTuple

from django.utils import timezone

from pharmacy import stock
from pharmacy.models import Batch
from pharmacy.units import packs_and_pieces
from prescriptions import other_batch, pages
from prescriptions.counselling import sentences
from prescriptions.herb_words import is_piece
from prescriptions.models import Prescription, PrescriptionItem
from prescriptions.moves import live_items, reference
from prescriptions.rows import rows_of
from prescriptions.skin_tests import states_for

NEAR_DAYS = 183


class Line(NamedTuple):
    """A row of the sheet, what goes out for it by R-112, and every batch that could go instead."""

    item: PrescriptionItem
    picks: list[stock.Pick]
    batches: list[Batch]

    @property
    def is_in_several_places(self) -> bool:
        return len({batch.place_id for batch in self.batches}) > 1


def lines_of(prescription: Prescription, items: list[PrescriptionItem]) -> list[Line]:
    """Every row, in their order; nothing of what is bought outside lies on the shelf."""
    wants = [
        stock.Want(item.drug, item.quantity, reference(prescription, item))
        for item in items
        if not item.outside
    ]
    found = stock.proposals(wants) if wants else {}
    nothing = stock.Proposal([], [])
    return [Line(item, *found.get(reference(prescription, item), nothing)) for item in items]


def pick_list(prescription: Prescription, user, typed: dict | None = None) -> dict:
    """Everything the window's page shows about one sheet; `typed` are forms that came back."""
    items = live_items(prescription)
    lines = lines_of(prescription, items)
    forms = other_batch.forms_of(lines) if typed is None else typed
    rows = rows_of(items)
    for row, line in zip(rows, lines, strict=True):
        item = row["item"]
        row["picks"] = [_pick(line, pick) for pick in line.picks]
        row["lacks"] = _lacking(item, line.picks)
        row["choice"] = forms.get(item.pk)
        row["skin_tests"] = states_for(item, prescription, user)
        row["skin_test_blocks"] = item.skin_test in ("pending", "positive")
        row["other_lot"] = _lot_not_tested(item, line.picks)
    return {
        **pages.about(prescription, user),
        "rows": rows,
        "total": pages.total(items),
        "counsel": sentences(items),
        "waits": any(row["skin_test_blocks"] or row["lacks"] for row in rows),
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


def _lacking(item, picks: list[stock.Pick]) -> int:
    """Base units that the shelf does not hold (a batch was frozen or expired meanwhile)."""
    return 0 if item.outside else item.quantity - sum(pick.quantity for pick in picks)
