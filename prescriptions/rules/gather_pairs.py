"""The known interactions, as the rules see them."""

from collections.abc import Iterable

from django.db.models import Q

from clinic.core.prepared import prepared
from pharmacy.models import Interaction
from prescriptions.rules.facts import DrugFacts, Pair


def interaction_pairs(drugs: Iterable[DrugFacts] | None = None) -> tuple[Pair, ...]:
    """All of the library, or those whose two sides these drugs carry."""
    if drugs is None:
        rows = Interaction.objects.order_by("number")
    else:
        rows = _between(sorted({name for drug in drugs for name in drug.tags | drug.ingredients}))
    return tuple(
        Pair(
            number=row.number,
            a=(row.a_type, row.a_value),
            b=(row.b_type, row.b_value),
            severity=row.severity,
            effect=row.effect,
            advice=row.advice,
            checked=row.checked,
        )
        for row in rows
    )


@prepared
def _between(carried: list[str]):
    rows = Interaction.objects.filter(Q(a_value__in=carried), Q(b_value__in=carried))
    return rows.order_by("number")
