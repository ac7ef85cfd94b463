"""How much of each row of a prescription the patient has: handed out, less what came back (R-117).

What came back broken waits as a draft until a colleague has looked at it; only what is posted
counts.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext as _

from clinic.cashier.models import BillLine, Deferral
from clinic.core.errors import AlreadyDone
from pharmacy.models import StockDocument, StockMovement
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


def hold(document: StockDocument) -> None:
    """The sheet's lock, which a refund takes too, is held by the floor below."""


def settle(*, document: StockDocument, by) -> None:
    """A return is undone only while what it took back is paid for, or a debt as a whole."""
    names = unpaid({"prescription_item__prescription__number": document.reference or ""})
    if names:
        raise AlreadyDone(
            _(
                "Not taken back: of %(names)s less stays paid for than the patient would keep. "
                "What the patient keeps has to be prescribed and paid for anew."
            )
            % {"names": "、".join(names.values())},
            rule="R-117",
        )


def unpaid(of: dict) -> dict[UUID, str]:
    """Rows of which the patient has more than stays charged, by name; a debt is none of them."""
    rows = list(
        BillLine.objects.filter(**of)
        .values_list("prescription_item", "source", "prescription_item__drug_name")
        .annotate(charged=Sum("quantity"))
        .order_by("prescription_item")
    )
    has = with_patients(row[0] for row in rows)
    owing = [row for row in rows if row[3] < has.get(row[0], 0)]
    if not owing:
        return {}
    bills = BillLine.objects.filter(**of).values("bill")
    told = Deferral.objects.filter(bill__in=bills).values_list("sources", flat=True)
    put_off = {source for sources in told for source in sources}
    # Of what is charged in part nothing more falls due, put off or not.
    return {item: name for item, source, name, charged in owing if charged or source not in put_off}
