"""Finding drugs as people type them: pinyin initials, a part of the name, trade name, code."""

from datetime import date
from string import ascii_lowercase

from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet

from clinic.core.text import clean_text, half_width
from pharmacy import stock
from pharmacy.models import ControlClass, Drug
from pharmacy.units import packs_and_pieces

LAST = "\U0010ffff"  # sorts behind every character, so [prefix, prefix + LAST) is a prefix search

# Capital letters for the Latin ones only: Greek letters in names keep their case.
_CAPITALS = {ord(letter): letter.upper() for letter in ascii_lowercase}

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
]


def search_drugs(text: str, limit: int = 12) -> list[Drug]:
    """Drugs in use that fit `text`, each with `.available` (base units) and `.available_text`.

    Initials, names and codes that begin with it come first, from the index; then names that
    contain it. The number of queries does not depend on the number of hits.
    """
    words = normalised(text)
    if not words:
        return []
    found = list(Drug.objects.filter(begins_with(words), active=True)[:limit])
    if len(found) < limit and (not found or not words.isascii()):
        known = [drug.pk for drug in found]
        more = Drug.objects.filter(contains(words), active=True).exclude(pk__in=known)
        found += more[: limit - len(found)]
    return with_available(found)


def with_available(drugs: list[Drug]) -> list[Drug]:
    """The same drugs, each with what can be promised of it now."""
    free = stock.available([drug.pk for drug in drugs]) if drugs else {}
    for drug in drugs:
        drug.available = free[drug.pk]
        drug.available_text = packs_and_pieces(drug, drug.available)
    return drugs


def normalised(text: str) -> str:
    """`text` as the columns hold it: half-width, capital letters; "" when it can't be stored."""
    try:
        return " ".join(clean_text(half_width(text)).translate(_CAPITALS).split())[:100]
    except ValidationError:
        return ""


def begins_with(words: str) -> Q:
    """Each side of the OR is a range over an index; LIKE would read the whole table on SQLite."""
    latin = ["initials", "initials_short", "code", "trade_name"]
    found = Q()
    for column in latin if words.isascii() else ["generic_name", "trade_name"]:
        found |= Q(**{f"{column}__gte": words, f"{column}__lt": words + LAST})
    return found


def contains(words: str) -> Q:
    return Q(generic_name__contains=words) | Q(trade_name__icontains=words)


def matching(drugs: QuerySet, text: str) -> QuerySet:
    """`drugs` narrowed to what fits `text`, for lists with pages; all of them for empty text."""
    words = normalised(text)
    if not words:
        return drugs if not text.strip() else drugs.none()
    return drugs.filter(begins_with(words) | contains(words))


def counts(lists: dict[str, Q]) -> dict[str, int]:
    """How many drugs each condition means, in one query."""
    return Drug.objects.aggregate(**{name: Count("pk", filter=q) for name, q in lists.items()})


def is_used(drug: Drug) -> bool:
    """True once anything beside its control classes points at the drug (R-122)."""
    return any(
        link.related_model._base_manager.filter(**{link.field.name: drug}).exists()
        for link in drug._meta.get_fields(include_hidden=True)
        if link.is_relation and link.auto_created and link.related_model is not ControlClass
    )


def marks(drug: Drug, today: date) -> list[tuple[str, str]]:
    """(kind, character) of the marks that the law prints on the box.

    Prefetch `control_classes` for lists.
    """
    found = [MARKS[name]] if (name := drug.control_class_on(today)) in MARKS else []
    if "外用" in drug.class_tags.split(";"):
        found.append(("wai", "外"))
    return found
