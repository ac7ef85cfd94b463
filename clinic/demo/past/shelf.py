"""The shelf as a made-up day sees it: what can be promised, and which batch goes out first."""

from collections import defaultdict
from datetime import date

from pharmacy import holds
from pharmacy.models import Batch, Reservation


class Changed(Exception):
    """The shelf is not as it was: somebody took something meanwhile."""


class Shelf:
    """Batches in the order of R-112 with what is left of them; read once and then kept in mind."""

    def __init__(self):
        rows = Batch.objects.filter(
            ~holds.is_recalled(), on_hand__gt=0, frozen=False, place__dispenses=True
        )
        self.batches = defaultdict(list)
        for batch in rows.order_by("expires_on", "received_at", "pk"):
            self.batches[batch.drug_id].append([batch.pk, batch.expires_on, batch.on_hand])
        self.promised = defaultdict(int)
        for row in Reservation.objects.filter(state=Reservation.State.ACTIVE):
            self.promised[row.drug_id] += row.quantity

    def left(self, drug_id: int, day: date) -> int:
        rows = self.batches.get(drug_id, ())
        return max(0, sum(r[2] for r in rows if r[1] >= day) - self.promised[drug_id])

    def promise(self, drug_id: int, quantity: int) -> None:
        """Set aside for a sheet that is not written yet."""
        self.promised[drug_id] += quantity

    def take(self, drug_id: int, quantity: int, day: date) -> list[tuple[int, int]]:
        """(batch, units) of what was promised that go out."""
        self.promised[drug_id] -= quantity
        picks = []
        for row in self.batches[drug_id]:
            part = min(quantity, row[2]) if row[1] >= day else 0
            if part:
                picks.append((row[0], part))
                row[2] -= part
                quantity -= part
            if not quantity:
                return picks
        raise Changed
