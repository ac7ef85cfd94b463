"""A list of pairs that don't go together: created, changed, left, or refused with a reason.

A pair is recognised by its number. What an import brings is unchecked until a pharmacist has
compared it, and each line is a version of the clinical data (R-157).
"""

from contextlib import nullcontext

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core import clinical
from clinic.core.models import ClinicalChange
from clinic.core.tables import parsers
from clinic.core.tables.kinds import Column, Row, Status, TableKind
from pharmacy.models import Interaction
from pharmacy.pair_names import Library
from security.entries import acting_as, current

NAME = "interactions"
SAYS_NOTHING = gettext_lazy(
    "No drug of the library is or contains “%(name)s”: this pair will not warn of anything. Please "
    "compare the spelling."
)
SIDES = {
    "ingredient": "ingredient", "成分": "ingredient", "药品": "ingredient",
    "class_tag": "class_tag", "类别": "class_tag", "药理类别": "class_tag",
}  # fmt: skip
SEVERITIES = {"禁忌": "禁忌", "严重": "严重", "注意": "注意", "慎用": "注意"}
TOLD = ["a_type", "a_value", "b_type", "b_value", "severity", "effect", "advice", "source"]
COLUMNS = (
    Column(
        "number",
        gettext_lazy("number of the pair"),
        parsers.code(10),
        ("pair_no", "编号"),
        required=True,
    ),
    Column(
        "a_type",
        gettext_lazy("one side is"),
        parsers.one_of(SIDES),
        ("甲药类型", "甲方类型"),
        required=True,
    ),
    Column("a_value", gettext_lazy("one side"), parsers.text(50), ("甲药", "甲方"), required=True),
    Column(
        "b_type",
        gettext_lazy("other side is"),
        parsers.one_of(SIDES),
        ("乙药类型", "乙方类型"),
        required=True,
    ),
    Column(
        "b_value", gettext_lazy("other side"), parsers.text(50), ("乙药", "乙方"), required=True
    ),
    Column(
        "severity",
        gettext_lazy("severity"),
        parsers.one_of(SEVERITIES),
        ("严重程度", "级别"),
        required=True,
    ),
    Column("effect", gettext_lazy("effect"), parsers.text(200), ("后果", "作用"), required=True),
    Column("advice", gettext_lazy("advice"), parsers.text(300), ("处理", "建议", "处理建议")),
    Column("source", gettext_lazy("source"), parsers.text(200), ("来源", "依据", "basis")),
)


class InteractionTable(TableKind):
    name = NAME
    label = gettext_lazy("Pairs that interact")
    columns = COLUMNS
    summary = ("number", "a_value", "b_value")

    def check(self, rows: list[Row], seen: dict) -> None:
        self._go_through(rows, seen, by=None)

    def write(self, rows: list[Row], seen: dict, *, by) -> None:
        with _acting(by):
            self._go_through(rows, seen, by=by)

    def _go_through(self, rows: list[Row], seen: dict, *, by) -> None:
        open_ = [row for row in rows if not row.is_refused]
        known = Interaction.objects.filter(number__in=[row.values["number"] for row in open_])
        known = {pair.number: pair for pair in known}
        library = Library()
        for row in open_:
            before = seen.get(("number", row.values["number"]))
            if before not in (None, row.number):
                words = _("Line %(number)s has the same number. Please keep one of them.")
                row.refuse(words % {"number": before})
                continue
            seen["number", row.values["number"]] = row.number
            _decide(row, known.get(row.values["number"]), by)
            if row.status != Status.UNCHANGED:
                row.words += [
                    str(SAYS_NOTHING % {"name": n}) for n in library.strangers(row.values)
                ]

    def take_back(self, rows: list[Row], *, by) -> None:
        """Set back what nobody has changed since; a new pair goes again."""
        with _acting(by):
            for row in reversed(rows):
                reason = _take_back(row, by)
                row.status = Status.STAYS if reason else Status.BACK
                row.words = [reason] if reason else []


def _acting(by):
    return nullcontext() if current() is not None else acting_as(by, screen="clinical_import")


def _decide(row: Row, pair: Interaction | None, by) -> None:
    told = {name: row.values[name] for name in TOLD if row.values.get(name)}
    changes = {name: v for name, v in told.items() if pair is None or getattr(pair, name) != v}
    if not changes:
        row.status = Status.UNCHANGED
        return
    row.status = Status.CHANGED if pair else Status.CREATED
    if pair and pair.checked:
        row.words.append(_("A pharmacist had checked this pair; it is to be checked anew."))
    if by is None:
        return
    old = {name: getattr(pair, name) for name in changes} if pair else {}
    target = pair or Interaction(number=row.values["number"])
    target = clinical.change(row=target, key=row.values["number"], values=changes, by=by)
    row.target, row.undo = target.pk, {"old": old, "version": clinical.version()}


def _take_back(row: Row, by) -> str:
    pair = Interaction.objects.filter(pk=row.target).first()
    if pair is None:
        return ""
    area = Interaction._meta.label_lower
    later = ClinicalChange.objects.filter(area=area, key=pair.number)
    if later.filter(number__gt=row.undo["version"]).exists():
        return _("Somebody has changed it since. It stays.")
    if row.undo["old"]:
        clinical.change(row=pair, key=pair.number, values=row.undo["old"], by=by)
        return ""
    before = clinical.values_of(pair, TOLD)
    gone = dict.fromkeys(before)
    clinical.note(pair, key=pair.number, before=before, after=gone, by=by)
    pair.delete()
    return ""
