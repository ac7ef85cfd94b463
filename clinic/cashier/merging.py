"""Two files of one person become one: the bills of the visits go along."""

from clinic.cashier.models import Bill
from clinic.core.transactions import lock


def move(*, kept, merged, by, only: dict | None = None) -> dict[str, list[str]]:
    """Called inside the merge's transaction, after the visits were moved.

    A bill belongs to its visit, so it follows it both ways, whatever `only` tells. Receipts and
    their lines name the bill; on paper stays the name that was printed.
    """
    found = list(
        lock(Bill.objects.filter(patient=merged, registration__patient=kept)).order_by("pk")
    )
    for bill in found:
        bill.patient = kept
        bill.save(update_fields=["patient"])
    return {"bills": [str(bill.pk) for bill in found]}
