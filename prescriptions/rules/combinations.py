"""The same ingredient twice, and pairs that don't go together (R-166, R-170, R-180)."""

from itertools import combinations

from django.utils.formats import date_format

from prescriptions.rules.facts import DrugFacts, Finding, Pair, Sheet
from prescriptions.rules.table import RULES

FORBIDDEN, SERIOUS = "禁忌", "严重"
HERB_PAIRS = ("十八反", "十九畏")


def check(sheet: Sheet):
    """Among the lines of the sheet, then with what the patient still takes."""
    for one, two in combinations(sheet.lines, 2):
        shared = _shared(one.drug, two.drug)
        if shared:
            names = sorted((one.drug.name, two.drug.name))
            yield Finding(
                RULES["duplicate.ingredient"],
                (one.key, two.key),
                {"ingredient": "、".join(shared), "drug": one.drug.name, "other": two.drug.name},
                detail="/".join(names),
            )
        for pair in sheet.pairs:
            if matches(pair, one.drug, two.drug):
                yield _pair(pair, (one.key, two.key), one.drug, two.drug)
    for line in sheet.lines:
        for used in sheet.in_use:
            if _shared(line.drug, used.drug):
                date = date_format(used.since, "Y-m-d")
                values = {"drug": used.drug.name, "date": date, "days": used.days_left}
                yield Finding(RULES["duplicate.in_use"], (line.key,), values)
            for pair in sheet.pairs:
                if matches(pair, line.drug, used.drug):
                    yield _pair(pair, (line.key,), line.drug, used.drug)


def _shared(one: DrugFacts, two: DrugFacts) -> list[str]:
    if one.is_topical or two.is_topical:
        return []
    return sorted(one.ingredients & two.ingredients)


def _carries(drug: DrugFacts, side: tuple[str, str]) -> bool:
    kind, value = side
    return value in (drug.tags if kind == "class_tag" else drug.ingredients)


def matches(pair: Pair, one: DrugFacts, two: DrugFacts) -> bool:
    """True for two different drugs of which one carries each side; topical ones never match."""
    if one.is_topical or two.is_topical or one.id == two.id:
        return False
    return (_carries(one, pair.a) and _carries(two, pair.b)) or (
        _carries(two, pair.a) and _carries(one, pair.b)
    )


def _key(pair: Pair) -> str:
    if pair.effect.startswith(HERB_PAIRS):
        return "interaction.herbs"
    return {FORBIDDEN: "interaction.forbidden", SERIOUS: "interaction.serious"}.get(
        pair.severity, "interaction.caution"
    )


def _pair(pair: Pair, keys: tuple[str, ...], drug: DrugFacts, other: DrugFacts) -> Finding:
    return Finding(
        RULES[_key(pair)],
        keys,
        {"drug": drug.name, "other": other.name, "effect": pair.effect, "advice": pair.advice},
        detail=f"{pair.number}/{drug.id}/{other.id}",
        source=pair.number,
    )
