"""What is given together: the drip rate, the solvent, and what is not to be mixed (R-37)."""

from prescriptions.rules.facts import Finding, Line, Sheet
from prescriptions.rules.table import RULES

DRIP = "18"
SALINE, GLUCOSE = "氯化钠", "葡萄糖"
# Which solvent spoils it: active substance, and the solvent's.
SPOILT = {"青霉素": GLUCOSE, "氨苄西林": GLUCOSE, "阿莫西林": GLUCOSE, "红霉素": SALINE}


def check(sheet: Sheet):
    """Group by group; a row that hangs alone is a group of one."""
    for together in _containers(sheet):
        yield from rate(together)
        yield from solvent(together)
        yield from spoilt(together)


def _containers(sheet: Sheet) -> list[list[Line]]:
    found: dict = {}
    for line in sheet.lines:
        key = line.key if line.group is None else line.group
        found.setdefault(key, []).append(line)
    return list(found.values())


def rate(together: list[Line]):
    """A drip into a vein says how fast."""
    without = [line for line in together if line.route == DRIP and not line.drip]
    if without:
        yield _about("infusion.rate", without)


def solvent(together: list[Line]):
    """What is dripped needs something to be dissolved in, unless it is a bag already."""
    dripped = [line for line in together if line.route == DRIP]
    if dripped and not any(line.drug.is_bag for line in together):
        yield _about("infusion.solvent", dripped)


def spoilt(together: list[Line]):
    """Drugs that don't last in the solvent of their own container."""
    for line in together:
        for other in together if line.group is not None else ():
            bad = [SPOILT[name] for name in line.drug.ingredients if name in SPOILT]
            if other.drug.is_solvent and other.drug.ingredients & set(bad):
                values = {"drug": line.drug.name, "other": other.drug.name}
                yield Finding(RULES["infusion.spoilt"], (line.key, other.key), values)


def _about(key: str, lines: list[Line]) -> Finding:
    names = "、".join(line.drug.name for line in lines)
    return Finding(RULES[key], tuple(line.key for line in lines), {"drugs": names})
