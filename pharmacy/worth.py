"""What each batch on the shelf is worth, kept with every movement and every change of a price.

Whoever moves a batch holds its lock and, through pharmacy.ledger, its drug's; whoever changes a
price holds the drug's. So the two never write the same row at once.
"""

from django.db.models import F, Q, QuerySet

from pharmacy.models import Batch, Drug, ShelfWorth
from pharmacy.money import in_parts, parts_of
from security import many

FIGURES = [field.name for field in ShelfWorth._meta.concrete_fields if not field.primary_key]


def follow(batch: Batch, was_empty: bool = False) -> None:
    """After a movement of the batch."""
    kept = ShelfWorth.objects.filter(pk=batch.pk)
    if not batch.on_hand:
        kept.delete()
    elif was_empty:
        # In one query. A row that should not be there yet stops nobody: it is mended later.
        row = ShelfWorth(pk=batch.pk, **_figures(batch))
        ShelfWorth.objects.bulk_create([row], ignore_conflicts=True)
    elif not kept.update(**_figures(batch)):
        ShelfWorth.objects.create(pk=batch.pk, **_figures(batch))


def follow_down(batches: list[Batch]) -> None:
    """After something left batches that were not empty, in few statements."""
    left = [batch for batch in batches if batch.on_hand]
    if len(left) < len(batches):
        empty = [batch.pk for batch in batches if not batch.on_hand]
        ShelfWorth.objects.filter(pk__in=empty).delete()
    rows = [ShelfWorth(pk=batch.pk, **_figures(batch)) for batch in left]
    if rows and many.update_found(rows, FIGURES) < len(rows):
        for batch in left:
            follow(batch)  # a row is missing: made now


def follow_price(drug: Drug) -> None:
    """After a change of the drug's price."""
    ShelfWorth.objects.filter(drug=drug).update(price=F("on_hand") * parts_of(drug.price))


def wrong() -> QuerySet[ShelfWorth]:
    """Rows that don't say what their batch and its drug say."""
    same = Q(
        drug=F("batch__drug"),
        category=F("batch__drug__category"),
        units_per_pack=F("batch__drug__units_per_pack"),
        expires_on=F("batch__expires_on"),
        on_hand=F("batch__on_hand"),
        cost=F("batch__on_hand") * in_parts("batch__cost"),
        price=F("batch__on_hand") * in_parts("batch__drug__price"),
    )
    return ShelfWorth.objects.exclude(same).order_by("pk")


def lacking() -> QuerySet[Batch]:
    """Batches on the shelf that have no row."""
    return Batch.objects.filter(Batch.THERE, worth__isnull=True).order_by("pk")


def _figures(batch: Batch) -> dict:
    return {
        "drug": batch.drug,
        "category": batch.drug.category,
        "units_per_pack": batch.drug.units_per_pack,
        "expires_on": batch.expires_on,
        "on_hand": batch.on_hand,
        "cost": batch.on_hand * parts_of(batch.cost),
        "price": batch.on_hand * parts_of(batch.drug.price),
    }
