"""One patient's whole file as a workbook: a sheet for each part that an app registered (R-73)."""

import io
from collections.abc import Iterator

from clinic.core.tables.writing import Sheet, write_book
from patients.exchange import marks, parts
from patients.exchange.parts import Asked, Look, Part
from patients.models import Export


def content(export: Export) -> tuple[bytes, int]:
    """The workbook, and how many rows are in it."""
    asked = Asked(export.made_by)
    tables = [(part, part.rows(export.patient, asked)) for part in parts.parts()]
    return write(tables, marks.line(export), export), sum(len(rows) for _part, rows in tables)


def write(tables: list[tuple[Part, list]], mark: str, export: Export) -> bytes:
    file = io.BytesIO()
    write_book(file, [_sheet(part, rows, mark, export) for part, rows in tables])
    return file.getvalue()


def _sheet(part: Part, rows: list, mark: str, export: Export) -> Sheet:
    header = f"{export.patient.record_no} {part.title}"
    return Sheet(str(part.title), _rows(part, rows, mark), header, mark, heads=(0, 1))


def _rows(part: Part, rows: list, mark: str) -> Iterator[list]:
    yield [mark]
    labels = [str(label) for label in part.columns]
    if part.look is Look.FACTS:
        yield ["", ""]
        for row in rows:
            yield from ([label, value] for label, value in zip(labels, row, strict=True))
    else:
        yield labels
        yield from rows
    yield [mark]
