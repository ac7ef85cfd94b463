"""Which row is the heading, and which of its cells is which column."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from clinic.core.tables.kinds import Column, Row, Status, TableKind, plain_word
from clinic.core.tables.parsers import Cell, Doubtful

LOOK = 30  # rows at the top among which the heading is looked for
TOTALS = (
    "合计", "总计", "小计", "共计", "本页", "制表", "制单", "审核人", "复核", "开票", "发货人",
    "收货", "打印", "备注", "大写", "金额大写", "total",
)  # fmt: skip


def texts(cells: list) -> list[str]:
    return [Cell.of(cell).text for cell in cells]


def header_among(kind: TableKind, rows: list[list]) -> int:
    """Number of the row whose cells name the most columns; 0 when none names any."""
    best, most = 0, 0
    for number, cells in rows[:LOOK]:
        found = len(match(kind, texts(cells)))
        if found > most:
            best, most = number, found
    return best


def match(kind: TableKind, headings: list[str]) -> dict[str, int]:
    """Column key -> place in the row. A heading fits exactly first, then by what it contains."""
    words = [plain_word(heading) for heading in headings]
    found: dict[str, int] = {}
    taken: set[int] = set()
    for fits in (_exactly, _partly):
        for column in kind.columns:
            if column.key in found:
                continue
            at = fits(_names(column), words, taken)
            if at is not None:
                found[column.key] = at
                taken.add(at)
    return found


def _names(column: Column) -> list[str]:
    return [plain_word(name) for name in (column.key, column.label, *column.names)]


def _exactly(names, words, taken):
    for name in names:  # the first name is the best one, wherever it stands in the row
        for at, word in enumerate(words):
            if at not in taken and word == name:
                return at
    return None


def _partly(names, words, taken):
    """零售价(元/盒) is a 零售价; short Latin words are left alone: "no" is in too many."""
    for name in names:
        if len(name) < (2 if not name.isascii() else 5):
            continue
        for at, word in enumerate(words):
            if at not in taken and word and (word.startswith(name) or word.endswith(name)):
                return at
    return None


def missing(kind: TableKind, mapping: dict[str, int]) -> list[Column]:
    """Columns without which no row can be imported."""
    return [column for column in kind.columns if column.required and column.key not in mapping]


def parse(kind: TableKind, mapping: dict[str, int], header: int, headings, row: Row) -> None:
    """Set the row's values from its cells; refuse or skip it where that can't be done."""
    row.status, row.words, row.values = "", [], {}
    plain = texts(row.cells)
    if row.number <= header or plain == headings or _is_total(kind, mapping, plain):
        row.status = Status.SKIPPED
        return
    for column in kind.columns:
        at = mapping.get(column.key)
        cell = Cell.of(row.cells[at]) if at is not None and at < len(row.cells) else Cell("")
        _parse_cell(column, cell, row)


def _parse_cell(column: Column, cell: Cell, row: Row) -> None:
    if not cell.text:
        if column.required:
            row.refuse(_("%(column)s is empty.") % {"column": column.label})
        return
    try:
        row.values[column.key] = column.parse(cell)
    except Doubtful as doubt:
        row.values[column.key] = doubt.value
        row.words.append(_said(column, cell, doubt.message))
    except ValidationError as error:
        words = _said(column, cell, error.messages[0])
        if column.required or column.strict:
            row.refuse(words)
        else:
            row.words.append(words + " " + _("It is left empty."))


def _said(column: Column, cell: Cell, message) -> str:
    shown = cell.text if len(cell.text) <= 40 else cell.text[:40] + "…"
    return _("%(column)s “%(cell)s”: %(message)s.") % {
        "column": column.label,
        "cell": shown,
        "message": message,
    }


def _is_total(kind: TableKind, mapping: dict[str, int], plain: list[str]) -> bool:
    """A last line such as 合计 is no row: it lacks what every row has."""
    first = next((text for text in plain if text), "")
    if not first.lower().startswith(TOTALS):
        return False
    needed = [
        mapping[column.key]
        for column in kind.columns
        if column.key in mapping and (column.required or column.key in kind.in_every_row)
    ]
    return any(at >= len(plain) or not plain[at] for at in needed) or sum(map(bool, plain)) <= 2
