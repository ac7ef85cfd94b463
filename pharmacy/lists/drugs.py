"""Which drug of the library a row of a supplier's list means; several rows at once, few queries.

A code that the maker or the law gave counts by itself. The supplier's own code may be ours by
chance, so the name must agree. Of one name the specification tells which; one that fits nothing
here means no drug of ours, because another strength is another drug.
"""

import re

from django.utils.translation import gettext as _

from pharmacy.importing import packs
from pharmacy.models import Drug
from pharmacy.sameness import Traits, is_same, plain
from pharmacy.typed import normalised

KEYS = ("barcode", "approval_number", "code", "generic_name")  # the surest first
BY_OTHERS = ("barcode", "approval_number")
_BRACKETS = re.compile(r"[(（\[【].*?[)）\]】]")
Found = dict[tuple[str, str], list[Drug]]


def known(rows: list[dict]) -> Found:
    """Every drug in use that one of the rows may mean, under each of its keys."""
    found: Found = {}
    for key in KEYS:
        words = {word for row in rows for word in _words(row, key)}
        for drug in Drug.objects.filter(active=True, **{f"{key}__in": words}) if words else ():
            found.setdefault((key, getattr(drug, key)), []).append(drug)
    return found


def drug_of(row: dict, found: Found) -> tuple[Drug | None, str]:
    """The one drug that the row means and what is doubtful about it; None when none or several."""
    for key in KEYS:
        drugs = [drug for word in _words(row, key) for drug in found.get((key, word), [])]
        if key == "code":
            drugs = [drug for drug in drugs if _same_name(row, drug)]
        drugs = _narrowed(row, list(dict.fromkeys(drugs)))
        if len(drugs) == 1 and (key in BY_OTHERS or _fits(row, drugs[0])):
            return drugs[0], _doubt(row, drugs[0])
    return None, _("In the list: %(words)s.") % {"words": words_of(row)}


def words_of(row: dict) -> str:
    """The drug as the list names it."""
    parts = (row.get("generic_name"), row.get("spec"), row.get("maker"))
    return " ".join(part for part in parts if part)


def _words(row: dict, key: str) -> list[str]:
    """How the library may write this cell."""
    word = row.get(key, "").strip()
    if not word:
        return []
    if key == "approval_number":
        number = normalised(word).replace(" ", "")
        return [number, f"国药准字{number}"]
    bare = _BRACKETS.sub("", word).strip() if key == "generic_name" else ""
    return list(dict.fromkeys(filter(None, [word, bare])))


def _same_name(row: dict, drug: Drug) -> bool:
    theirs, ours = plain(row.get("generic_name", "")), plain(drug.generic_name)
    return not theirs or theirs in ours or ours in theirs


def _narrowed(row: dict, drugs: list[Drug]) -> list[Drug]:
    """Of several that fit: those of this specification, then of this maker, if there are any."""
    for fits in (_same_words, _fits, _same_maker):
        if len(drugs) > 1:
            drugs = [drug for drug in drugs if fits(row, drug)] or drugs
    return drugs


def _same_maker(row: dict, drug: Drug) -> bool:
    return bool(drug.maker) and plain(drug.maker) == plain(row.get("maker", ""))


def _fits(row: dict, drug: Drug) -> bool:
    """True unless the row's specification is another one than the drug's."""
    spec, unit = row.get("spec", ""), row.get("unit", "")
    if not spec or _same_words(row, drug):
        return True
    unit = drug.pack_unit if unit in ("", drug.base_unit) else unit
    pack = packs.read(spec, unit=unit, form=drug.dosage_form)
    told = Traits(
        pack.strength, pack.base_unit, pack.pack_unit, pack.units, tells_pack=pack.units > 1
    )
    return is_same(drug, told)


def _same_words(row: dict, drug: Drug) -> bool:
    """The same specification, though one of them may say less of the pack's name."""
    short, long = sorted((_bare(row.get("spec", "")), _bare(drug.pack_spec)), key=len)
    rest = long.removeprefix(short)
    return bool(short) and long.startswith(short) and not any(c.isdigit() for c in rest)


def _bare(text: str) -> str:
    """A pack without the signs that every supplier writes in another way."""
    return re.sub(r"[*×x:/]", "", plain(text))


def _doubt(row: dict, drug: Drug) -> str:
    if _fits(row, drug):
        return ""
    return _("The list says %(theirs)s, the library %(ours)s.") % {
        "theirs": row["spec"],
        "ours": drug.pack_spec,
    }
