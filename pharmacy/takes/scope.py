"""Which batches a stock-take counts."""

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from pharmacy import controlled, groups
from pharmacy.models import Batch, Drug, StockTake

Scope = StockTake.Scope


def batches_of(take: StockTake) -> QuerySet[Batch]:
    """What the book says lies in the place and belongs to the scope.

    Empty batches are left out: where something lies of one, it is found and added by the counter.
    """
    rows = Batch.objects.filter(Batch.THERE, place=take.place_id)
    if take.scope == Scope.SHELF:
        on_batch = Q(shelf__istartswith=take.scope_text)
        on_drug = Q(shelf="", drug__shelf__istartswith=take.scope_text)
        return rows.filter(on_batch | on_drug)
    drugs = drugs_of(take)
    return rows if drugs is None else rows.filter(drug__in=drugs)


def drugs_of(take: StockTake) -> QuerySet[Drug] | None:
    """The drugs of the scope; None where it isn't one of drugs."""
    if take.scope == Scope.CATEGORY:
        return Drug.objects.filter(category=take.scope_text)
    if take.scope == Scope.GROUP:
        return Drug.objects.filter(group__in=groups.branch(take.group_id))
    if take.scope == Scope.DRUGS:
        return Drug.objects.filter(pk__in=take.drug_ids)
    if take.scope == Scope.CONTROLLED:
        return Drug.objects.filter(pk__in=controlled.classes_on(timezone.localdate()))
    return None


def describe(take: StockTake) -> str:
    """The scope in words: 货架 A1, 精神药品, 3种药品."""
    word = str(take.get_scope_display())
    if take.scope == Scope.GROUP:
        return f"{word} {take.group.name}"
    if take.scope == Scope.DRUGS:
        return _("%(count)s chosen drugs") % {"count": len(take.drug_ids)}
    return f"{word} {take.scope_text}".strip()
