"""How it is taken: route and vague words (R-17, R-37); herbal pieces are in herbal.py."""

import unicodedata

from prescriptions.dictionary import route_of
from prescriptions.rules.facts import Finding, Line, Sheet
from prescriptions.rules.table import RULES

INJECTED = {"14", "15", "16", "17", "18", "19"}
# Routes that mean the same for the body: dissolved, boiled and swallowed is still swallowed.
LIKE = {"1": {"4", "20", "21", "22"}, "20": {"1", "21", "22"}, "2": {"3"}, "3": {"2"}}
CHEWED, WHOLE = "4", ("缓释", "控释", "肠溶")
VAGUE = ("遵医嘱", "自用", "按说明", "遵嘱", "备用")


def check(sheet: Sheet):
    """Line by line."""
    for line in sheet.lines:
        yield from by_route(line)
        yield from vague(line)


def by_route(line: Line):
    """What is no injection is never injected; another unlisted route is for a person to judge."""
    drug = line.drug
    if not line.route or line.route in drug.routes:
        return
    if drug.is_herb and line.route not in INJECTED:
        return  # the preparation decides, and any piece may be boiled for a bath
    values = {"drug": drug.name, "route": route_of(line.route).name, "form": drug.form}
    detail = f"{drug.id}/{line.route}"
    if line.route in INJECTED and drug.form and not drug.is_injection:
        yield Finding(RULES["route.injected"], (line.key,), values, detail=detail)
    elif drug.routes and (_is_spoilt(line) or not _is_like(line)):
        values["routes"] = "、".join(sorted(route_of(route).name for route in drug.routes))
        yield Finding(RULES["route.unlisted"], (line.key,), values, detail=detail)


def _is_like(line: Line) -> bool:
    return any(line.route in LIKE.get(route, ()) for route in line.drug.routes)


def _is_spoilt(line: Line) -> bool:
    """Chewed, a coated or slow tablet gives everything at once."""
    return line.route == CHEWED and any(word in line.drug.name for word in WHOLE)


def vague(line: Line):
    """Vague words where neither dose nor frequency says anything; else they may stand (R-172)."""
    remark = unicodedata.normalize("NFKC", line.remark)
    is_open = line.dose.is_as_needed or (line.frequency.asks_quantity and not line.drug.is_topical)
    word = next((word for word in VAGUE if word in remark), "")
    if word and is_open:
        yield Finding(RULES["usage.vague"], (line.key,), {"drug": line.drug.name, "word": word})
