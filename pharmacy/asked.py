"""What is asked at every handing out, put together once (clinic.core.prepared)."""

from clinic.core.prepared import held, prepared
from clinic.core.transactions import lock
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
