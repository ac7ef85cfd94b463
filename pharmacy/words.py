"""The words by which drugs are found, kept with every drug that is saved.

Whoever writes drugs in bulk calls `fill` before and `index` after it; a task finds what was missed.
"""

from django.db.models import Exists, OuterRef

from clinic.core.errors import Busy
from clinic.core.transactions import atomic_retry, lock
from pharmacy.models import Drug, DrugWord
from pharmacy.models.words import LONGEST
from pharmacy.pinyin import full_pinyin, initials
from pharmacy.typed import normalised

SOURCES = {
    "generic_name", "trade_name", "initials", "initials_short", "pinyin", "code",
    "approval_number", "barcode",
}  # fmt: skip
PIECE = 50


def fill(drug: Drug) -> None:
    """Pinyin from the name; initials too, unless somebody wrote them."""
    drug.pinyin = full_pinyin(drug.generic_name)[:200]
    drug.initials = (drug.initials or initials(drug.generic_name)).upper()[:40]


def words_of(drug: Drug) -> dict[str, int]:
    """Each word with its tier, the better one where it is found twice."""
    whole = [drug.generic_name, drug.trade_name, drug.initials, drug.initials_short, drug.pinyin]
    whole += [drug.code, drug.approval_number, drug.barcode]
    whole += [initials(drug.trade_name), full_pinyin(drug.trade_name)] if drug.trade_name else []
    parts = [*_ends(drug.generic_name), *_ends(drug.trade_name)]
    number = "".join(letter for letter in drug.approval_number if letter.isascii())
    found = dict.fromkeys((*parts, number), 1) | dict.fromkeys(whole, 0)
    return _stored(found)


def _ends(name: str) -> list[str]:
    return [name[at:] for at in range(1, len(name))]


def _stored(found: dict[str, int]) -> dict[str, int]:
    words: dict[str, int] = {}
    for text, tier in found.items():
        word = normalised(text)[:LONGEST]
        if word:
            words[word] = min(tier, words.get(word, tier))
    return words


def before_save(sender, instance, update_fields=None, **_signal) -> None:
    if _touches(update_fields):
        fill(instance)


def after_save(sender, instance, created, update_fields=None, **_signal) -> None:
    if _touches(update_fields):
        index([instance], new=created)


def _touches(update_fields) -> bool:
    return update_fields is None or bool(SOURCES & set(update_fields))


@atomic_retry
def index(drugs: list[Drug], *, new: bool = False) -> None:
    """Write the words of these drugs anew; of `new` ones there are none yet."""
    if not new:
        # Two people who save one drug: the second's words are those that stay.
        rows = Drug.objects.filter(pk__in=[drug.pk for drug in drugs]).order_by("pk")
        list(lock(rows).values_list("pk"))
    wanted = {(drug.pk, word): tier for drug in drugs for word, tier in words_of(drug).items()}
    held = {} if new else _held(drugs)
    stale = [pk for key, (pk, tier) in held.items() if wanted.get(key) != tier]
    if stale:
        DrugWord.objects.filter(pk__in=stale).delete()
    missing = [key for key, tier in wanted.items() if key not in held or held[key][1] != tier]
    DrugWord.objects.bulk_create(
        [DrugWord(drug_id=pk, word=word, tier=wanted[pk, word]) for pk, word in missing],
        batch_size=500,
    )


def _held(drugs: list[Drug]) -> dict[tuple[int, str], tuple[int, int]]:
    rows = DrugWord.objects.filter(drug__in=drugs).values_list("drug_id", "word", "pk", "tier")
    return {(drug, word): (pk, tier) for drug, word, pk, tier in rows}


def index_missing() -> int:
    """Index the drugs that have no words yet, in pieces; the scheduler calls it."""
    wordless = Drug.objects.filter(~Exists(DrugWord.objects.filter(drug=OuterRef("pk"))))
    done = 0
    try:
        while piece := list(wordless.order_by("pk")[:PIECE]):
            index(piece)
            done += len(piece)
    except Busy:
        pass  # the rest next time
    return done
