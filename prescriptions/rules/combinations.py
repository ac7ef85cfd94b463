"""The same ingredient twice, and pairs that don't go together (R-166, R-170, R-180)."""

from collections.abc import Iterator
from itertools import combinations

from django.utils.formats import date_format

from prescriptions.rules import herbs
from prescriptions.rules.facts import DrugFacts, Finding, InUse, Line, Pair, Sheet
from prescriptions.rules.sources import of_pair
from prescriptions.rules.table import RULES

FORBIDDEN, SERIOUS = "禁忌", "严重"
# Warfarin, digoxin, theophylline and the like: twice as much is poison.
NARROW = "窄治疗窗"
REFILL_DAYS = 7  # with no more left it is a refill
# Nitroglycerin beside a long-acting nitrate, salbutamol beside a long-acting one.
RELIEVED, AS_NEEDED = frozenset({"硝酸酯类", "β2激动剂"}), "prn"
HERB_PAIRS = ("十八反", "十九畏")
# Pharmacological classes of which one is enough; no umbrella such as 降压 or 降糖药. Two
# antiplatelet drugs are a usual treatment, so that class is not here.
CLASSES = frozenset(
    "青霉素类 头孢菌素类 大环内酯类 喹诺酮类 四环素类 氨基糖苷类 硝基咪唑类 磺胺类 三唑类抗真菌 "
    "NSAID 抗组胺 镇咳 祛痰 β2激动剂 茶碱类 白三烯受体拮抗剂 PPI H2受体拮抗剂 促动力 抗胆碱 "
    "CCB ACEI ARB β受体阻滞剂 噻嗪类 噻嗪样 袢利尿 保钾利尿 硝酸酯类 他汀类 抗凝药 强心苷 "
    "双胍类 磺脲类 α-糖苷酶抑制剂 SGLT2抑制剂 糖皮质激素 苯二氮䓬类 阿片类 巴比妥类 SSRI "
    "α1受体阻滞剂 5α还原酶抑制剂 PDE5抑制剂 甲状腺激素 复方感冒药".split()
)


def check(sheet: Sheet):
    """Among the lines of the sheet, then with what the patient still takes."""
    for one, two in combinations(sheet.lines, 2):
        yield from _two_lines(sheet, one, two)
    pairs = [(line, used) for line in sheet.lines for used in sheet.in_use]
    found = [finding for line, used in pairs for finding in _still_used(sheet, line, used)]
    yield from _told_together(found) if sheet.is_herbal else found


def _told_together(found: list[Finding]) -> Iterator[Finding]:
    """A second herbal sheet repeats ten pieces: one note for each earlier day names them all."""
    notes: dict[str, list[Finding]] = {}
    for finding in found:
        if finding.rule.key == "duplicate.in_use":
            notes.setdefault(finding.values["date"], []).append(finding)
        else:
            yield finding
    for date, same in notes.items():
        lines = tuple(dict.fromkeys(key for finding in same for key in finding.lines))
        names = dict.fromkeys(finding.values["drug"] for finding in same)
        days = max(finding.values["days"] for finding in same)
        values = {"drug": "、".join(names), "date": date, "days": days}
        yield Finding(same[0].rule, lines, values)


def _two_lines(sheet: Sheet, one: Line, two: Line):
    keys = (one.key, two.key)
    shared = _shared(one.drug, two.drug)
    if shared:
        yield _twice("duplicate.ingredient", one, two, "、".join(shared))
    met = [pair for pair in sheet.pairs if matches(pair, one.drug, two.drug)]
    for pair in met:
        yield _pair(pair, keys, one.drug, two.drug)
    same_class = [name for name in _same_class(one.drug, two.drug) if not _eases(name, one, two)]
    if same_class and not shared and not met:
        yield _twice("duplicate.class", one, two, "、".join(same_class))
    old = herbs.opposed(one.drug, two.drug)
    if old and not any(_key(pair) == "interaction.herbs" for pair in met):
        yield _opposed(old, keys, one.drug, two.drug)


def _eases(name: str, one: Line, two: Line) -> bool:
    """One against attacks, taken when needed, beside one taken every day: a usual treatment."""
    as_needed = [line for line in (one, two) if line.frequency.code == AS_NEEDED]
    return name in RELIEVED and len(as_needed) == 1


def _still_used(sheet: Sheet, line: Line, used: InUse):
    """One with another sheet's drug: what is left over is told, of dangerous drugs asked."""
    values = {
        "drug": used.drug.name,
        "date": date_format(used.since, "Y-m-d"),
        "days": used.days_left,
    }
    shared = _shared(line.drug, used.drug)
    if shared and line.drug.control:
        detail = f"{line.drug.id}/{used.since}"
        yield Finding(RULES["duplicate.controlled"], (line.key,), values, detail=detail)
    elif shared and NARROW in line.drug.tags and used.days_left > REFILL_DAYS:
        detail = f"{line.drug.id}/{used.since}"
        yield Finding(RULES["duplicate.narrow"], (line.key,), values, detail=detail)
    elif shared:
        yield Finding(RULES["duplicate.in_use"], (line.key,), values)
    met = [pair for pair in sheet.pairs if matches(pair, line.drug, used.drug)]
    for pair in met:
        yield _pair(pair, (line.key,), line.drug, used.drug)
    same_class = _same_class(line.drug, used.drug)
    if same_class and not shared and not met:
        values |= {"class": "、".join(same_class), "drug": line.drug.name, "other": used.drug.name}
        yield Finding(RULES["duplicate.class_in_use"], (line.key,), values)
    old = herbs.opposed(line.drug, used.drug)
    if old and not any(_key(pair) == "interaction.herbs" for pair in met):
        yield _opposed(old, (line.key,), line.drug, used.drug)


def _twice(key: str, one: Line, two: Line, what: str) -> Finding:
    names = sorted((one.drug.name, two.drug.name))
    values = {"ingredient": what, "class": what, "drug": one.drug.name, "other": two.drug.name}
    return Finding(RULES[key], (one.key, two.key), values, detail="/".join(names))


def _same_class(one: DrugFacts, two: DrugFacts) -> list[str]:
    if one.is_topical or two.is_topical or one.id == two.id:
        return []
    return sorted(one.tags & two.tags & CLASSES)


def _opposed(words: str, keys: tuple[str, ...], drug: DrugFacts, other: DrugFacts) -> Finding:
    values = {"drug": drug.name, "other": other.name, "effect": words, "advice": herbs.ADVICE}
    return Finding(RULES["interaction.herbs"], keys, values, detail=f"{words}/{drug.id}/{other.id}")


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
        source=of_pair(pair.number, checked=pair.checked),
    )
