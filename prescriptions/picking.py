"""The pick list at the window: which batch from which shelf, and what is said with it (R-112)."""

from django.utils import timezone

from pharmacy import stock
from pharmacy.units import packs_and_pieces
from prescriptions import pages
from prescriptions.counselling import sentences
from prescriptions.models import Prescription
from prescriptions.moves import live_items, reference
from prescriptions.rows import rows_of
from prescriptions.skin_tests import states_for

NEAR_DAYS = 183


def pick_list(prescription: Prescription, user) -> dict:
    """Everything the window's page shows about one sheet."""
    items = live_items(prescription)
    wants = [
        stock.Want(item.drug, item.quantity, reference(prescription, item))
        for item in items
        if not item.outside
    ]
    picks = stock.pick_lists(wants) if wants else {}
    rows = rows_of(items)
    for row in rows:
        item = row["item"]
        row["picks"] = [_pick(item, pick) for pick in picks.get(reference(prescription, item), [])]
        row["lacks"] = _lacking(item, picks.get(reference(prescription, item), []))
        row["skin_tests"] = states_for(item, prescription, user)
        row["skin_test_blocks"] = item.skin_test in ("pending", "positive")
    return {
        **pages.about(prescription, user),
        "rows": rows,
        "total": pages.total(items),
        "counsel": sentences(items),
        "waits": any(row["skin_test_blocks"] or row["lacks"] for row in rows),
        "reviewer": prescription.reviewer,
    }


def _pick(item, pick: stock.Pick) -> dict:
    left = (pick.batch.expires_on - timezone.localdate()).days
    return {
        "shelf": pick.batch.shelf or item.drug.shelf,
        "lot": pick.batch.lot,
        "expires_on": pick.batch.expires_on,
        "quantity": packs_and_pieces(item.drug, pick.quantity),
        "days_left": left if left <= NEAR_DAYS else None,
        "is_short": left < item.days,
        "is_split": bool(pick.quantity % item.units_per_pack),
    }


def _lacking(item, picks: list[stock.Pick]) -> int:
    """Base units that the shelf does not hold (a batch was frozen or expired meanwhile)."""
    return 0 if item.outside else item.quantity - sum(pick.quantity for pick in picks)
