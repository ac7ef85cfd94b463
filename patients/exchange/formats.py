"""One whole file in the formats that it is handed over in; FHIR registers itself here."""

from collections.abc import Callable, Iterator

from clinic.core.tables.writing import csv_lines
from patients.exchange import book, marks, parts
from patients.exchange.parts import Asked
from patients.models import Export, Patient

# Name of the format -> (suffix of its files, what writes one file).
_formats: dict[str, tuple[str, Callable[[Export, Asked], bytes]]] = {}


def register(name: str, suffix: str, write: Callable[[Export, Asked], bytes]) -> None:
    """`write(export, asked)` gives the content of the file of `export.patient`."""
    _formats[name] = suffix, write


def names() -> list[str]:
    return sorted(_formats)


def write(name: str, export: Export, asked: Asked) -> tuple[str, bytes]:
    """(suffix, content) of this patient's file."""
    suffix, make = _formats[name]
    return suffix, make(export, asked)


def _xlsx(export: Export, asked: Asked) -> bytes:
    tables = [(part, part.rows(export.patient, asked)) for part in parts.parts()]
    return book.write(tables, marks.line(export), export)


def _csv(export: Export, asked: Asked) -> bytes:
    """All parts below one another, each with its name and its heading."""
    return "".join(csv_lines(_lines(export, asked))).encode()


def _lines(export: Export, asked: Asked) -> Iterator[list]:
    patient: Patient = export.patient
    yield [marks.line(export)]
    for part in parts.parts():
        yield []
        yield [part.title]
        yield part.columns
        yield from part.rows(patient, asked)
    yield [marks.line(export)]


register("xlsx", "xlsx", _xlsx)
register("csv", "csv", _csv)
