"""How much of each row of a prescription the patient has: handed out, less what came back (R-117).

What came back broken waits as a draft until a colleague has looked at it; only what is posted
counts.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Sum

from pharmacy.models import StockMovement
from prescriptions.models import DispenseLine


def with_patients(items: Iterable[UUID]) -> dict[UUID, int]:
    """Base units by row; a row of which nothing went out is missing. Two questions."""
    lines = DispenseLine.objects.filter(item__in=list(items))
    rows = {
        (batch, reference): item
        for item, batch, reference in lines.values_list(
            "item_id", "movement__batch_id", "movement__reference"
        )
    }
    sums = StockMovement.objects.filter(
        reference__in={reference for _batch, reference in rows},
        batch__in={batch for batch, _reference in rows},
    )
    found: dict[UUID, int] = {}
    for batch, reference, total in (
        sums.values_list("batch_id", "reference").annotate(Sum("quantity")).order_by()
    ):
        if item := rows.get((batch, reference)):
            found[item] = found.get(item, 0) - total
    return found
