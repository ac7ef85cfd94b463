"""The process that opens an unknown file: `python -m clinic.core.tables.worker SHEET ENCODING`.

A file from outside may be a bomb, or crash the library that reads it. It is therefore read by a
process of its own, which holds no key, no database and no more than a gigabyte, and ends soon.
The file comes on standard input and never touches the disk; rows go out as lines of JSON, first
what kind of file it is. Formulas are never computed: the value that was saved with them counts.
"""

import datetime
import io
import json
import math
import re
import sys
import unicodedata
import zipfile
from itertools import chain

import python_calamine

from clinic.core.tables import plain
from clinic.core.tables.plain import Unreadable

try:
    import resource
except ImportError:  # Windows has no such limits; the time limit of the caller holds there too
    resource = None

MEMORY = 1024**3
SECONDS = 60
MAX_UNPACKED = 200 * 1024 * 1024
MAX_ROWS = 50_000
MAX_COLUMNS = 200
MAX_CELL = 2_000
# Of all cells together: a workbook says a long text once and shows it in a million cells.
MAX_TEXT = 40_000_000
EXACT = 10**15  # spreadsheet programs keep fifteen digits

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
# PDF, photographs of a list, RTF, other archives.
OTHERS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"{\\rtf", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")
BOOKS = ("workbook.xml", "workbook.bin", "content.xml")
_SPACES = {0xA0: " ", 0x3000: " ", 0x09: " ", 0x0A: " ", 0x0D: " "}
_NOTHING = dict.fromkeys([0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF])
_CLEAN = _SPACES | _NOTHING | dict.fromkeys(c for c in range(0x20) if c not in _SPACES)
_CLEAN |= dict.fromkeys(range(0x7F, 0xA0))
_ESCAPED = re.compile(r"_x00(?:0D|0A|09)_")


def main(arguments: list[str]) -> None:
    """Read standard input, write the rows; or one line that says why not."""
    sheet, encoding = (arguments + ["", ""])[:2]
    if resource:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        for line in table(sys.stdin.buffer.read(), sheet=int(sheet or 0), encoding=encoding):
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    except Unreadable as error:
        sys.stdout.write(json.dumps({"error": error.code, "detail": error.detail}) + "\n")
    except MemoryError:
        sys.stdout.write(json.dumps({"error": "size", "detail": ""}) + "\n")


def table(content: bytes, *, sheet: int = 0, encoding: str = ""):
    """First what the file is, then [row number, cells] of every row that is not empty."""
    if not content.strip(b"\0 \r\n\t"):
        raise Unreadable("empty")
    if content.startswith((OLE, ZIP)):
        head, rows = _workbook(content, sheet)
    elif content.lstrip()[:200].lower().startswith((b"<html", b"<table", b"<!doctype", b"<?xml")):
        raise Unreadable("html")
    elif content.startswith(OTHERS):
        raise Unreadable("kind")
    else:
        if sheet:
            raise Unreadable("sheet", str(sheet + 1))
        text, name, sure = plain.decode(content, encoding)
        head = {"kind": "csv", "encoding": name, "sure": sure, "sheets": [], "sheet": 0}
        rows = plain.rows(text)
    yield head
    yield from _bounded(rows)


def _bounded(rows):
    count, text = 0, 0
    for number, row in rows:
        if len(row) > MAX_COLUMNS and any(_cell(cell) for cell in row[MAX_COLUMNS:]):
            raise Unreadable("columns", str(number))
        cells = [_cell(cell) for cell in row[:MAX_COLUMNS]]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        count += 1
        if count > MAX_ROWS:
            raise Unreadable("rows")
        text += sum(len(cell) for cell in cells)
        if text > MAX_TEXT:
            raise Unreadable("size")
        yield [number, cells]


def _workbook(content: bytes, index: int):
    if content.startswith(ZIP):
        _refuse_bomb(content)
    try:
        book = python_calamine.load_workbook(io.BytesIO(content))
        names = book.sheet_names
        if not 0 <= index < len(names):
            raise Unreadable("sheet", str(index + 1))
        sheet = book.get_sheet_by_index(index)
        merged = _merged_down(sheet)
        rows = _filled(sheet, merged)
        first = next(rows, None)
    except python_calamine.PasswordError:
        raise Unreadable("password") from None
    except (python_calamine.CalamineError, OSError, ValueError):
        # An encrypted xlsx is an OLE file without a workbook in it.
        protected = b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e" in content
        raise Unreadable("password" if protected else "damaged") from None
    kind = "xlsx" if content.startswith(ZIP) else "xls"
    head = {"kind": kind, "encoding": "", "sure": True, "sheets": names, "sheet": index}
    return head, chain([first] if first else [], rows)


def _refuse_bomb(content: bytes) -> None:
    """Unpack everything once without keeping it: what the archive says of its sizes may be lies."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = {info.filename for info in archive.infolist()}
            if len(names) > 2_000:
                raise Unreadable("size")
            if not any(name.endswith(BOOKS) for name in names):
                raise Unreadable("kind")
            left = MAX_UNPACKED
            for info in archive.infolist():
                with archive.open(info) as member:
                    while piece := member.read(1 << 20):
                        left -= len(piece)
                        if left < 0:
                            raise Unreadable("size")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        raise Unreadable("damaged") from None


def _merged_down(sheet) -> dict[int, list[tuple[int, int]]]:
    """For each column the (first, last) rows of the cells that are merged downwards."""
    found: dict[int, list[tuple[int, int]]] = {}
    # Rows are counted from the sheet's first one, columns from the first that holds anything.
    before = sheet.start[1] if sheet.start else 0
    for (top, left), (bottom, _right) in sheet.merged_cell_ranges or []:
        if bottom > top and before <= left < MAX_COLUMNS:
            found.setdefault(left - before, []).append((top, bottom))
    return found


def _filled(sheet, merged):
    """The rows with their numbers as the program shows them; merged cells hold all the way down."""
    start = sheet.start
    if start is None:
        return
    # iter_rows begins with the sheet's first row, whatever is in it.
    held: dict[int, tuple[int, object]] = {}
    for at, row in enumerate(sheet.iter_rows()):
        row = list(row)
        for column, ranges in merged.items():
            for top, bottom in ranges:
                if top == at and column < len(row):
                    held[column] = (bottom, row[column])
            until, value = held.get(column, (-1, ""))
            if at <= until and column < len(row) and row[column] in ("", None):
                row[column] = value
        yield at + 1, row


def _cell(value) -> str | list[str]:
    """Text as it is but clean; of other kinds [kind, text]: n number, x number of lost digits,
    d date, b yes or no, e error."""
    if isinstance(value, str):
        return _text(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return ["b", "1" if value else "0"]
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, datetime.datetime):
        whole = value.time() == datetime.time()
        return ["d", value.date().isoformat() if whole else value.isoformat(" ", "seconds")]
    if isinstance(value, datetime.date):
        return ["d", value.isoformat()]
    return _text(str(value))


def _text(value: str) -> str:
    clean = _ESCAPED.sub(" ", value).translate(_CLEAN).strip()
    if any(unicodedata.category(c) == "Cs" for c in clean):
        clean = clean.encode("utf-8", "replace").decode()
    if len(clean) > MAX_CELL:
        return clean[: MAX_CELL + 1]  # too long for every column: it is refused, not cut
    return clean


def _number(value: int | float) -> list[str]:
    if isinstance(value, float) and not math.isfinite(value):
        return ["e", str(value)]
    kind = "x" if abs(value) >= EXACT else "n"
    if value == int(value):
        return [kind, str(int(value))]
    text = repr(value)
    return [kind, f"{value:.15f}".rstrip("0") if "e" in text else text]


if __name__ == "__main__":
    main(sys.argv[1:])
