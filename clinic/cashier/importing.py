"""A price list of services from a file: items are made, renamed, or get a new price (R-101).

An item is recognised by its code. A price that is another one is in force from the import on; what
was charged keeps its own.
"""

from contextlib import nullcontext
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.cashier import fee_items
from clinic.cashier.models import FeeItem
from clinic.core.errors import RuleBroken
from clinic.core.tables import parsers
from clinic.core.tables.kinds import Column, Row, Status, TableKind
from security.entries import acting_as, current

NAME = "fee_items"
MOST = 999999
KINDS = {
    "挂号": "registration", "挂号费": "registration",
    "诊查": "consultation", "诊查费": "consultation", "诊察费": "consultation",
    "一般诊疗": "general", "一般诊疗费": "general",
    "治疗": "treatment", "治疗费": "treatment", "注射": "treatment", "护理": "treatment",
    "材料": "material", "材料费": "material", "耗材": "material",
    "其他": "other", "其它": "other",
}  # fmt: skip
COLUMNS = (
    Column("code", gettext_lazy("code"), parsers.code(20), ("项目编码", "编码"), required=True),
    Column("name", gettext_lazy("name"), parsers.text(60), ("项目名称", "名称"), required=True),
    Column(
        "kind", gettext_lazy("kind"), parsers.one_of(KINDS), ("类别", "项目类别"), required=True
    ),
    Column("unit", gettext_lazy("unit"), parsers.text(10), ("单位", "计价单位")),
    Column(
        "price",
        gettext_lazy("price"),
        parsers.number(places=2, most=MOST),
        ("价格", "单价", "收费标准"),
        required=True,
    ),
    Column(
        "document",
        gettext_lazy("price document"),
        parsers.text(60),
        ("价格文件", "文号", "依据"),
        without=gettext_lazy("No price document is named: the import itself is written as one."),
    ),
)


class FeeTable(TableKind):
    name = NAME
    label = gettext_lazy("Price list of services")
    columns = COLUMNS
    summary = ("code", "name")

    def check(self, rows: list[Row], seen: dict) -> None:
        self._go_through(rows, seen, by=None)

    def write(self, rows: list[Row], seen: dict, *, by) -> None:
        with _acting(by):
            fee_items.take_turn()
            self._go_through(rows, seen, by=by)

    def _go_through(self, rows: list[Row], seen: dict, *, by) -> None:
        open_ = [row for row in rows if not row.is_refused]
        known = FeeItem.objects.filter(code__in=[row.values["code"] for row in open_])
        known = {item.code: item for item in fee_items.with_prices(known)}
        for row in open_:
            before = seen.get(("code", row.values["code"]))
            if before not in (None, row.number):
                words = _("Line %(number)s has the same code. Please keep one of them.")
                row.refuse(words % {"number": before})
                continue
            seen["code", row.values["code"]] = row.number
            _decide(row, known.get(row.values["code"]), by)

    def take_back(self, rows: list[Row], *, by) -> None:
        """An item that came is taken out of use; a price or a name that changed goes back."""
        with _acting(by):
            for row in reversed(rows):
                reason = _take_back(row, by)
                row.status = Status.STAYS if reason else Status.BACK
                row.words = [reason] if reason else []


def _acting(by):
    return nullcontext() if current() is not None else acting_as(by, screen="fee_import")


def _decide(row: Row, item: FeeItem | None, by) -> None:
    told = {name: row.values[name] for name in ("name", "unit") if row.values.get(name)}
    if item is not None and item.kind != row.values["kind"]:
        row.refuse(_("There is an item of another kind with this code."))
        return
    words = {} if item is None else {k: v for k, v in told.items() if getattr(item, k) != v}
    price = Decimal(row.values["price"])
    is_dearer = item is None or item.now is None or item.now.price != price
    if item is not None and not words and not is_dearer:
        row.status = Status.UNCHANGED
        return
    row.status = Status.CHANGED if item else Status.CREATED
    if item is None and not _is_free(row):
        return
    if by is None:
        return
    if item is None:
        item = fee_items.save_item(code=row.values["code"], kind=row.values["kind"], by=by, **told)
    else:
        row.undo = {"old": {name: getattr(item, name) for name in words}}
        row.undo["price"] = str(item.now.price) if item.now and is_dearer else None
        fee_items.save_item(item=item, by=by, **words)
    row.target = item.pk
    if is_dearer:
        document = row.values.get("document") or _("Imported price list")
        set_to = fee_items.set_price(item=item, price=price, document=str(document)[:60], by=by)
        row.undo["set"] = set_to.pk


def _is_free(row: Row) -> bool:
    """False, and refused, where every visit is charged another item of this kind already."""
    try:
        fee_items.require_the_only_one(FeeItem(kind=row.values["kind"]))
    except RuleBroken as refused:
        row.refuse(refused.message)
        return False
    return True


def _take_back(row: Row, by) -> str:
    item = FeeItem.objects.filter(pk=row.target).first()
    if item is None:
        return ""
    newer = item.prices.filter(pk__gt=row.undo.get("set") or 0).exists()
    if row.undo.get("set") and newer:
        return _("Somebody has changed it since. It stays.")
    if "old" not in row.undo:
        fee_items.save_item(item=item, active=False, by=by)
        return ""
    fee_items.save_item(item=item, by=by, **row.undo["old"])
    if row.undo.get("price"):
        words = _("Import taken back")
        fee_items.set_price(item=item, price=Decimal(row.undo["price"]), document=words, by=by)
    return ""
