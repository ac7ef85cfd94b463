"""Boxes that are taken for each other: same name or sound, another strength or form (R-39)."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q

from pharmacy.models import Batch, Drug

MOST = 3  # shown beside a row
MOST_FOUND = 200


def of(drugs: Iterable[Drug]) -> dict[int, list[dict]]:
    """What lies on the shelf and looks or sounds like each of these drugs; one query.

    The same ingredients in another strength, form or pack, or the same initials.
    """
    drugs = list(drugs)
    if not drugs:
        return {}
    question = Q(initials__in={d.initials for d in drugs if d.initials})
    question |= Q(ingredients__in={d.ingredients for d in drugs if d.ingredients})
    question |= Q(generic_name__in={d.generic_name for d in drugs})
    there = Batch.objects.filter(Batch.THERE, drug=OuterRef("pk"), place__dispenses=True)
    rows = Drug.objects.filter(question, Exists(there), active=True).order_by("generic_name", "pk")
    found = {}
    shelf = list(rows[:MOST_FOUND])
    for drug in drugs:
        alike = [other for other in shelf if other.pk != drug.pk and _closeness(drug, other)]
        alike.sort(key=lambda other: -_closeness(drug, other))
        found[drug.pk] = [_difference(drug, other) for other in alike[:MOST]]
    return {pk: rows for pk, rows in found.items() if rows}


def _closeness(drug: Drug, other: Drug) -> int:
    """The same name is confused most easily, then the same ingredients, then the same sound."""
    return (
        4 * (drug.generic_name == other.generic_name)
        + 2 * (bool(drug.ingredients) and drug.ingredients == other.ingredients)
        + (bool(drug.initials) and drug.initials == other.initials)
    )


def _difference(drug: Drug, other: Drug) -> dict:
    """The other box, and which of its parts differ, so that the page can show those large."""
    return {
        "drug": other,
        "name_differs": other.generic_name != drug.generic_name,
        "strength_differs": other.strength != drug.strength,
        "pack_differs": other.pack_spec != drug.pack_spec,
    }
