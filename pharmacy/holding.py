"""What the page of a batch shows about freezing."""

from pharmacy import holds
from pharmacy.models import Batch

SHOWN = 20


def about(batch: Batch) -> dict:
    """The history of freezing, the recall in force, and whether the lot lies elsewhere too."""
    same = Batch.objects.filter(drug_id=batch.drug_id, lot=batch.lot)
    return {
        "holds": batch.holds.select_related("made_by", "recall").order_by("-pk")[:SHOWN],
        "recall": holds.open_recall(batch),
        "elsewhere": same.exclude(pk=batch.pk).count(),
    }
