"""A small workbook in the old binary format (BIFF8 in a compound file), which nothing else of ours
writes: text, numbers and dates."""

import datetime
import struct
from decimal import Decimal

SECTOR = 512
END, FREE, FAT_SECTOR, NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF
SMALLEST = 4096  # a shorter stream would lie elsewhere
DATE_FORMAT = 14


def write(*sheets: list[list]) -> bytes:
    """Each sheet as its rows of cells."""
    return _compound(_workbook(sheets))


def _record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _bof(kind: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))


def _text(text: str, length: str) -> bytes:
    return struct.pack(length + "B", len(text), 1) + text.encode("utf-16-le")


def _workbook(sheets) -> bytes:
    formats = b"".join(
        _record(0x00E0, struct.pack("<HHHBBBBIIH", 0, number, 0, 0, 0, 0, 0, 0, 0, 0))
        for number in (0, DATE_FORMAT)
    )
    before, end = _bof(0x0005) + formats, _record(0x000A)
    bodies = [_sheet(rows) for rows in sheets]
    names = [_text(f"Sheet{n}", "<B") for n in range(1, len(bodies) + 1)]
    at = len(before) + sum(4 + 6 + len(name) for name in names) + len(end)
    places = b""
    for name, body in zip(names, bodies, strict=True):
        places += _record(0x0085, struct.pack("<IH", at, 0) + name)
        at += len(body)
    return before + places + end + b"".join(bodies)


def _sheet(rows: list[list]) -> bytes:
    cells = (
        _cell(y, x, cell) for y, row in enumerate(rows) for x, cell in enumerate(row) if cell != ""
    )
    return _bof(0x0010) + b"".join(cells) + _record(0x000A)


def _cell(y: int, x: int, cell) -> bytes:
    if isinstance(cell, datetime.date):
        serial = (cell - datetime.date(1899, 12, 30)).days
        return _record(0x0203, struct.pack("<HHHd", y, x, 1, serial))
    if isinstance(cell, int | Decimal):
        return _record(0x0203, struct.pack("<HHHd", y, x, 0, float(cell)))
    return _record(0x0204, struct.pack("<HHH", y, x, 0) + _text(cell, "<H"))


def _compound(stream: bytes) -> bytes:
    stream = stream.ljust(SMALLEST, b"\0")
    count = -(-len(stream) // SECTOR)
    assert count + 2 <= SECTOR // 4, "one sector of addresses is enough for our tests"
    chain = [FAT_SECTOR, END, *range(3, count + 2), END]
    addresses = struct.pack(f"<{len(chain)}I", *chain).ljust(SECTOR, b"\xff")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<10I", 0, 1, 1, 0, SMALLEST, END, 0, END, 0, 0) + b"\xff" * (4 * 108)
    entries = _entry("Root Entry", 5, child=1, start=END, size=0)
    entries += _entry("Workbook", 2, child=NONE, start=2, size=len(stream))
    entries = entries.ljust(SECTOR, b"\0")
    return head + addresses + entries + stream.ljust(count * SECTOR, b"\0")


def _entry(name: str, kind: int, *, child: int, start: int, size: int) -> bytes:
    words = (name + "\0").encode("utf-16-le")
    links = struct.pack("<HBBIII", len(words), kind, 1, NONE, NONE, child)
    return words.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", start, size)
