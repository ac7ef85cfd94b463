"""Rows copied from a supplier's spreadsheet as lines of a delivery.

Nothing is judged here and nothing is lost: each row becomes a line of the form as if somebody had
typed it, and the form shows what is doubtful. A file's rows (clinic.core.tables) go the same way:
`lines_of` takes rows of cells, wherever they come from.
"""

import re

from clinic.core.text import half_width
from pharmacy.models import Drug

# The column's name in the form, and the words that stand above it in suppliers' sheets.
HEADERS = {
    "drug_text": ["通用名", "药品名称", "品名", "商品名称", "名称", "药品", "drug", "name"],
    "spec": ["规格", "包装规格", "spec"],
    "approval": ["批准文号", "国药准字", "approval"],
    "barcode": ["条形码", "条码", "69码", "barcode"],
    "code": ["药品编码", "商品编码", "编码", "code"],
    "lot": ["批号", "生产批号", "产品批号", "lot", "batch"],
    "made_on": ["生产日期", "made"],
    "expires_on": ["有效期至", "有效期", "失效期", "效期", "expiry"],
    "packs": ["数量", "发货数量", "件数", "quantity", "qty"],
    "cost": ["单价", "进价", "含税单价", "采购价", "price", "cost"],
    "shelf": ["货位", "shelf"],
    "trace_code": ["追溯码", "trace"],
}
IN_ORDER = ["drug_text", "lot", "made_on", "expires_on", "packs", "cost", "shelf"]
CELL = 300


def rows_of(text: str) -> list[list[str]]:
    """The cells of copied rows: a spreadsheet puts tabs between them."""
    rows = [[cell.strip() for cell in line.split("\t")] for line in text.splitlines()]
    return [row for row in rows if any(row)]


def lines_of(rows: list[list[str]], cells: list[str]) -> list[dict]:
    """One line per row with these `cells`; columns by the words above them, else in order."""
    columns, rest = _columns(rows)
    named = [dict(zip(columns, row, strict=False)) for row in rows[len(rows) - len(rest) :]]
    drugs = _drugs_of(named)
    return [_line(row, drugs, cells) for row in named]


def _columns(rows: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """The columns' names and the rows below the head."""
    if rows:
        head = [_header(cell) for cell in rows[0]]
        if len([name for name in head if name]) >= 2 and "drug_text" in head:
            return [name or f"other{n}" for n, name in enumerate(head)], rows[1:]
    return IN_ORDER, rows


def _header(cell: str) -> str:
    """The column that these words mean, or ""; the whole words first, then a part of them."""
    words = re.sub(r"[\s*:：()（）]", "", half_width(cell)).lower()
    for exact in (True, False):
        for name, known in HEADERS.items():
            if any(word == words if exact else len(words) < 12 and word in words for word in known):
                return name
    return ""


def _line(row: dict, drugs: dict, cells: list[str]) -> dict:
    line = {name: row.get(name, "")[:CELL] for name in cells}
    line["packs"] = _plain_number(line.get("packs", ""))
    line["cost"] = _plain_money(line.get("cost", ""))
    drug = _drug_of(row, drugs)
    if drug:
        line["drug"], line["drug_text"] = str(drug.pk), drug.label
    else:
        words = [row.get("drug_text", ""), row.get("spec", "")]
        line["drug_text"] = " ".join(filter(None, words))[:CELL]
    return line


def _plain_number(text: str) -> str:
    """ "50盒" and "50.00" as "50"; anything else as it is, for a person to correct."""
    found = re.fullmatch(r"([0-9]+)(?:\.0+)?\s*[^\W\d]{0,2}", half_width(text).replace(",", ""))
    return found[1] if found else text


def _plain_money(text: str) -> str:
    found = re.fullmatch(r"[¥￥]?([0-9]+(?:\.[0-9]+)?)", half_width(text).replace(",", ""))
    return found[1] if found else text


def _drugs_of(rows: list[dict]) -> dict[str, list[Drug]]:
    """Every drug in use that a row may mean, under each of its names; two queries in all."""
    keys = {"code": set(), "barcode": set(), "approval_number": set(), "generic_name": set()}
    for row in rows:
        keys["code"].add(row.get("code", ""))
        keys["barcode"].add(row.get("barcode", ""))
        keys["approval_number"].add(row.get("approval", ""))
        keys["generic_name"].add(row.get("drug_text", ""))
    found: dict[str, list[Drug]] = {}
    for column, words in keys.items():
        words.discard("")
        for drug in Drug.objects.filter(active=True, **{f"{column}__in": words}) if words else ():
            found.setdefault(f"{column}:{getattr(drug, column)}", []).append(drug)
    return found


def _drug_of(row: dict, drugs: dict[str, list[Drug]]) -> Drug | None:
    """The one drug that the row means; None when none or several do."""
    for column, name in (
        ("barcode", "barcode"),
        ("code", "code"),
        ("approval_number", "approval"),
        ("generic_name", "drug_text"),
    ):
        fitting = drugs.get(f"{column}:{row.get(name, '')}", [])
        if len(fitting) > 1 and row.get("spec"):
            fitting = [d for d in fitting if _same_pack(row["spec"], d.pack_spec)]
        if len(fitting) == 1:
            return fitting[0]
    return None


def _same_pack(theirs: str, ours: str) -> bool:
    theirs, ours = _bare(theirs), _bare(ours)
    return theirs == ours or theirs in ours or ours in theirs


def _bare(text: str) -> str:
    """A pack without the signs that every supplier writes in another way."""
    return re.sub(r"[\s*×xX:：/]", "", half_width(text)).lower()
