"""The list of documents: what is wanted of them, drafts before everything else."""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from clinic.core.days import day_after, moment
from pharmacy import catalogue, refusals
from pharmacy.models import DocumentLine, Drug, RefusedGoods, StockDocument, StockMovement

DAYS = 31  # the list goes back so far when nothing is asked
MOST_DRAFTS = 20
SHOWN = ["made_by", "changed_by", "posted_by", "supplier", "place", "to_place", "reversed_by"]
State = StockDocument.State


def drafts():
    """What waits to be posted or discarded, the newest first."""
    rows = StockDocument.objects.filter(state=State.DRAFT).select_related(*SHOWN)
    return rows.order_by("-pk")[:MOST_DRAFTS]


def found(asked: dict):
    """The documents that fit the filters, without drafts, the newest first."""
    rows = StockDocument.objects.exclude(state=State.DRAFT).select_related(*SHOWN)
    number = asked.get("number", "").strip()
    if number:
        begins = Q(number__gte=number.upper(), number__lt=number.upper() + catalogue.LAST)
        rows = rows.filter(begins | Q(delivery_note=number) | Q(reference=number))
    elif not asked.get("since") and not asked.get("until"):
        rows = rows.filter(made_at__gte=timezone.now() - timedelta(days=DAYS))
    if asked.get("kind"):
        rows = rows.filter(kind=asked["kind"])
    if asked.get("since"):
        rows = rows.filter(made_at__gte=moment(asked["since"]))
    if asked.get("until"):
        rows = rows.filter(made_at__lt=day_after(asked["until"]))
    for words in filter(None, [asked.get("who", "").strip()]):
        rows = rows.filter(_is(words, "made_by") | _is(words, "posted_by"))
    if asked.get("drug", "").strip():
        rows = rows.filter(_names(asked["drug"]))
    return rows.order_by("-made_at", "-pk")  # an index holds them so


def _is(words: str, who: str) -> Q:
    return Q(**{f"{who}__full_name__icontains": words}) | Q(**{f"{who}__username": words})


def _names(text: str) -> Q:
    """The documents with this drug in a line, a movement or among what was refused."""
    words = catalogue.normalised(text)
    if not words:
        return Q(pk=None)
    drugs = catalogue.matching(Drug.objects.all(), words)
    drugs = drugs.order_by().values("pk")
    lines = DocumentLine.objects.filter(document=OuterRef("pk"), drug__in=drugs)
    moved = StockMovement.objects.filter(document=OuterRef("pk"), drug__in=drugs)
    refused = RefusedGoods.objects.filter(refusals.naming(text), document=OuterRef("pk"))
    return Q(Exists(lines)) | Q(Exists(moved)) | Q(Exists(refused))
