"""What is promised to patients stays on the shelf (R-113)."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from pharmacy.models import Batch, Drug, Reservation
from pharmacy.units import packs_and_pieces


def usable(batches: Iterable[Batch]) -> dict[int, int]:
    """Base units by drug that can be handed out."""
    today = timezone.localdate()
    found: dict[int, int] = defaultdict(int)
    for batch in batches:
        if batch.place.dispenses and not batch.frozen and batch.expires_on >= today:
            found[batch.drug_id] += batch.on_hand
    return found


def require_kept(before: dict[int, int], batches: Iterable[Batch]) -> None:
    """RuleBroken when less than before is left of a drug and less than is promised of it.

    Asked after the movements are written and before they are committed.
    """
    after = usable(batches)
    fewer = {drug for drug, units in before.items() if after.get(drug, 0) < units}
    rows = Reservation.objects.filter(drug_id__in=fewer, state=Reservation.State.ACTIVE)
    for drug_id, promised in rows.values_list("drug_id").annotate(Sum("quantity")).order_by():
        if after.get(drug_id, 0) < promised:
            drug = Drug.objects.get(pk=drug_id)
            raise RuleBroken(
                _(
                    "%(drug)s: %(promised)s are promised to patients and would no longer be there. "
                    "At most %(free)s can go. Please correct the quantity."
                )
                % {
                    "drug": drug.generic_name,
                    "promised": packs_and_pieces(drug, promised),
                    "free": packs_and_pieces(drug, max(0, before[drug_id] - promised)),
                },
                field="quantity",
                rule="R-113",
            )
