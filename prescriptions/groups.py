"""Rows given together in one container, such as an infusion (R-37).

They share a number, the route, the frequency, the days and the drip rate: who changes one of
these in one row changes it in all of them.
"""

import re
import unicodedata
from dataclasses import replace

from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from prescriptions.items import Usage, compute_row
from prescriptions.models import PrescriptionItem

DRIP = "18"  # 静脉滴注
# Nebulised, and what is drawn up in one syringe or bag.
MIXED = {"11", "15", "16", "17", DRIP}
MOST_GROUPS = 5
_RATE = re.compile(r"(\d{1,4}(?:[~-]\d{1,4})?)(滴/分|滴/min|滴|ml/h|ml/min|d/min)?", re.ASCII)
_SAME = {None: "滴/分", "滴/min": "滴/分", "滴": "滴/分", "d/min": "滴/分"}


def parse_drip(text: str) -> str | None:
    """ "40", "40-60滴/min" → "40滴/分", "40~60滴/分"; None for what is no rate, such as 慢滴."""
    text = re.sub(r"\s|每", "", unicodedata.normalize("NFKC", text))
    text = text.replace("分钟", "分").replace("ML", "ml").replace("mL", "ml")
    match = _RATE.fullmatch(text)
    if match is None or not int(re.match(r"\d+", match[1])[0]):
        return None
    return match[1].replace("-", "~") + _SAME.get(match[2], match[2])


def check(usage: Usage) -> None:
    """RuleBroken where group or drip rate don't go with the route."""
    if usage.group is not None and not 1 <= usage.group <= MOST_GROUPS:
        raise RuleBroken(
            _("Please write the group as a number from 1 to 5."), field="group", rule="R-37"
        )
    if usage.group is not None and usage.route not in MIXED:
        raise RuleBroken(
            _("Drugs given together in one container are injected, dripped or nebulised."),
            field="route",
            rule="R-37",
        )
    if usage.drip and (usage.route != DRIP or parse_drip(usage.drip) is None):
        raise RuleBroken(
            _("Please write the drip rate as 40滴/分 or 100ml/h, for a drip into a vein only."),
            field="drip",
            rule="R-37",
        )


def members(items: list[PrescriptionItem], group: int | None) -> list[PrescriptionItem]:
    """The rows of this group; of no group, none."""
    return [item for item in items if group is not None and item.group == group]


def next_number(items: list[PrescriptionItem]) -> int:
    """The number of a group that begins now."""
    return max((item.group or 0 for item in items), default=0) + 1


def common(items: list[PrescriptionItem], group: int | None) -> dict:
    """What a row that joins the group takes over; nothing where the group is new."""
    for item in members(items, group):
        return {
            "route": item.route,
            "frequency": item.frequency,
            "days": item.days,
            "drip": item.drip,
        }
    return {}


def joining(usage: Usage, items: list[PrescriptionItem]) -> Usage:
    """The row as its group has it; a drip rate that is written now is for all of them."""
    shared = common(items, usage.group)
    if usage.drip:
        shared.pop("drip", None)
    return replace(usage, **shared)


def spread(items: list[PrescriptionItem], changed: PrescriptionItem) -> None:
    """Give the other rows of its group what they have in common; their quantity follows."""
    for item in members(items, changed.group):
        if item.pk == changed.pk or _agrees(item, changed):
            continue
        was_computed = item.computed == item.quantity
        compute_row(
            item,
            Usage(
                drug=item.drug,
                dose=item.dose,
                dose_unit=item.dose_unit,
                route=changed.route,
                frequency=changed.frequency,
                days=changed.days,
                quantity=None if was_computed else item.quantity,
                remark=item.remark,
                outside=item.outside,
                group=changed.group,
                drip=changed.drip,
            ),
        )
        item.save()


def _agrees(one: PrescriptionItem, other: PrescriptionItem) -> bool:
    names = ("route", "frequency", "days", "drip")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def gathered(items: list[PrescriptionItem]) -> list[PrescriptionItem]:
    """The rows in their order, those of a group beside the first of it."""
    first: dict = {}
    for item in items:
        if item.group is not None:
            first.setdefault(item.group, item.rank)
    return sorted(items, key=lambda item: (first.get(item.group, item.rank), item.rank))


def brackets(rows: list[dict]) -> None:
    """Give each row its part of the bracket: top, middle or end; "" where it stands alone."""
    groups = [row["item"].group for row in rows]
    for place, (row, group) in enumerate(zip(rows, groups, strict=True)):
        above = place > 0 and groups[place - 1] == group
        below = place + 1 < len(groups) and groups[place + 1] == group
        parts = {(False, True): "top", (True, True): "middle", (True, False): "end"}
        row["bracket"] = parts.get((above, below), "alone") if group is not None else ""
