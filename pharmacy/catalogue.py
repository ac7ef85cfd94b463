"""Finding drugs as people type them: pinyin, initials, a part of the name, a number, a code."""

from datetime import date

from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils.translation import gettext as _

from clinic.core import modules
from clinic.core.errors import RuleBroken
from pharmacy import scanning, stock
from pharmacy.models import Batch, ControlClass, Drug, DrugPrice, DrugWord
from pharmacy.models.words import LONGEST
from pharmacy.typed import normalised
from pharmacy.units import packs_and_pieces

LAST = "\U0010ffff"  # sorts behind every character, so [prefix, prefix + LAST) is a prefix search
PLENTY = 1_000_000_000  # base units of every drug where there is no stock to look at
MOST_TOKENS = 4

MARKS = {
    "麻醉药品": ("ma", "麻"),
    "第一类精神药品": ("jing1", "精一"),
    "第二类精神药品": ("jing2", "精二"),
    "医疗用毒性药品": ("du", "毒"),
    "放射性药品": ("fang", "放"),
}

# What a drug is; whoever needs another identity creates another drug.
IDENTITY = [
    "code",
    "generic_name",
    "trade_name",
    "category",
    "dosage_form",
    "strength",
    "content",
    "content_unit",
    "pack_spec",
    "pack_unit",
    "base_unit",
    "units_per_pack",
    "ingredients",
    "maker",
]
# Rows that belong to the drug itself: they are there before anybody has used it.
ITS_OWN = (ControlClass, DrugWord, DrugPrice, Drug)


def search_drugs(text: str, limit: int = 12) -> list[Drug]:
    """Drugs in use that fit `text`, each with `.available` (base units) and `.available_text`.

    What begins with it comes before what contains it, the most used first. "amxl 0.5" finds what
    fits both. The number of queries does not depend on the number of hits.
    """
    words = normalised(text)
    if not words:
        return []
    ids = best(words, limit)
    found = Drug.objects.in_bulk(ids)
    return with_available([found[pk] for pk in ids if pk in found])


class NotOneDrug(RuleBroken):
    """The words mean no drug, or several: `candidates` are those that fit."""

    def __init__(self, words: str, candidates: list[Drug]):
        said = (
            _("Several drugs fit “%(words)s”. Please choose one, or write more of the name.")
            if candidates
            else _(
                "No drug in the library fits “%(words)s”. Please type other initials or a "
                "shorter name."
            )
        )
        super().__init__(said % {"words": words}, field="drug_text")
        self.candidates = candidates


def one_drug(words: str, *, chosen: Drug | None = None) -> Drug:
    """The one drug that these words mean, else NotOneDrug.

    `chosen` stands beside the words: it counts as long as they are still its own, since without
    JavaScript nothing takes a choice back when other words are typed.
    """
    if chosen and chosen.label == words:
        return chosen
    found = scanned_or_typed(words)
    exact = [drug for drug in found if words in (drug.label, drug.generic_name, drug.code)]
    if len(exact or found) == 1:
        return (exact or found)[0]
    raise NotOneDrug(words, found)


def scanned_or_typed(text: str) -> list[Drug]:
    """What a scanned code means, else what the typed words fit."""
    return with_available(scanning.find(text)) or search_drugs(text)


def best(words: str, limit: int) -> list[int]:
    """The ids of the first `limit` drugs in use that fit the normalised words."""
    return list(ranked(words)[:limit].values_list("drug_id", flat=True))


def ranked(words: str) -> QuerySet:
    """Drugs in use that fit, as rows with `drug_id`, in the order of search_drugs."""
    return (
        DrugWord.objects.filter(fitting(words), drug__active=True)
        .values("drug_id")
        .annotate(best=Min("tier"))
        .order_by("best", "-drug__used_times", "drug__generic_name", "drug__code")
    )


def fitting(words: str) -> Q:
    """Rows of words that the normalised text means: as a phrase, or its first word and the rest."""
    first, *others = words.split(" ")[:MOST_TOKENS]
    return begins_with(words) | (begins_with(first) & _all(others))


def begins_with(words: str) -> Q:
    """A range over the index of words; LIKE would read the whole table on SQLite."""
    words = words[:LONGEST]
    return Q(word__gte=words, word__lt=words + LAST)


def _all(tokens: list[str]) -> Q:
    """Further words, typed behind a space, also fit: other words of the drug or its pack."""
    found = Q()
    for token in tokens:
        has_word = Q(drug_id__in=DrugWord.objects.filter(begins_with(token)).values("drug_id"))
        found &= has_word | Q(drug__pack_spec__icontains=token)
    return found if tokens else Q(pk__in=[])


def with_available(drugs: list[Drug]) -> list[Drug]:
    """The same drugs, each with what can be promised of it now.

    Without a pharmacy they are bought elsewhere: nothing is short, and nothing is said of it.
    """
    if not modules.is_on("pharmacy"):
        for drug in drugs:
            drug.available, drug.available_text = PLENTY, ""
        return drugs
    free = stock.available([drug.pk for drug in drugs]) if drugs else {}
    for drug in drugs:
        drug.available = free[drug.pk]
        drug.available_text = packs_and_pieces(drug, drug.available)
    return drugs


def last_costs(drugs: list[int]) -> dict[int, str]:
    """What a pack of each of these drugs cost when it came last, as people write it; no gifts."""
    paid = Batch.objects.filter(drug__in=drugs, cost__gt=0).order_by()
    last = list(paid.values("drug").annotate(last=Max("pk")).values_list("last", flat=True))
    found = Batch.objects.filter(pk__in=last).values_list("drug", "cost")
    return {drug: _written(f"{cost:.4f}") for drug, cost in found}


def _written(cost: str) -> str:
    """Two decimals, more only where there are more."""
    return cost[:-2] + cost[-2:].rstrip("0")


def matching(drugs: QuerySet, text: str) -> QuerySet:
    """`drugs` narrowed to what fits `text`, for lists with pages; all of them for empty text."""
    words = normalised(text)
    if not words:
        return drugs if not text.strip() else drugs.none()
    return drugs.filter(pk__in=DrugWord.objects.filter(fitting(words)).values("drug_id"))


def counts(lists: dict[str, Q]) -> dict[str, int]:
    """How many drugs each condition means, in one query."""
    return Drug.objects.aggregate(**{name: Count("pk", filter=q) for name, q in lists.items()})


def is_used(drug: Drug) -> bool:
    """True once anything beside what is its own points at the drug (R-122)."""
    return any(
        link.related_model._base_manager.filter(**{link.field.name: drug}).exists()
        for link in drug._meta.get_fields(include_hidden=True)
        if link.is_relation and link.auto_created and link.related_model not in ITS_OWN
    )


def marks(drug: Drug, today: date) -> list[tuple[str, str]]:
    """(kind, character) of the marks that the law prints on the box.

    Prefetch `control_classes` for lists.
    """
    found = [MARKS[name]] if (name := drug.control_class_on(today)) in MARKS else []
    if "外用" in drug.class_tags.split(";"):
        found.append(("wai", "外"))
    return found
