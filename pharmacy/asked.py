"""What is asked at every handing out, put together once (clinic.core.prepared)."""

from django.utils import timezone

from clinic.core.prepared import held, prepared
from clinic.core.transactions import lock
from pharmacy.controlled import named_on
from pharmacy.holds import recalled_of
from pharmacy.models import Reservation, StockDocument


@prepared
def drugs_of(references: list[str]):
    return Reservation.objects.filter(in_force__in=references).values_list("drug_id", flat=True)


@held
def promised(references: list[str]):
    return lock(Reservation.objects.filter(in_force__in=references).order_by("pk"))


@prepared
def paper(reference: str, witness: int | None):
    rows = StockDocument.objects.filter(kind=StockDocument.Kind.DISPENSING, reference=reference)
    return rows.filter(witness=witness).order_by("pk")[:1]


def at_shelf(drugs: list[int], reference: str, witness) -> list[tuple]:
    """What is asked once the batches are locked (clinic.core.together)."""
    number = witness.pk if witness else None
    return [
        (recalled_of, (drugs,)),
        (named_on, (drugs, timezone.localdate())),
        (paper, (reference, number)),
    ]
