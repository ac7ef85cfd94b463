"""Exports asked for, made and opened again; used by the tests of what goes out."""

import io

import python_calamine
from django.utils.translation import gettext, override

from clinic.core import jobs
from patients.exchange import exporting, parts
from patients.models import Export
from security.entries import acting_as


def made(verb, by, **more) -> Export:
    """Asked for and worked at until the file is there."""
    with override("zh-hans"), acting_as(by):
        export = verb(purpose="quality", words="", by=by, **more)
    assert jobs.drive(export.job_id, seconds=60)
    return Export.objects.select_related("job", "file").get(pk=export.pk)


def a_list(by, **more) -> Export:
    usual = {"wanted": {}, "columns": ["record_no", "name", "phone"], "full": []}
    return made(
        exporting.make_list, by, **{**usual, "file_format": "xlsx", "encoding": "utf-8", **more}
    )


def content(export: Export) -> bytes:
    return exporting.fetch(export=export.pk, by=export.made_by)[0]


def sheets(content: bytes) -> dict[str, list[list]]:
    book = python_calamine.load_workbook(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def said(text: str) -> str:
    """As the files say it."""
    with override("zh-hans"):
        return gettext(text)


def of(key: str) -> str:
    """The name of a part's sheet."""
    with override("zh-hans"):
        return next(str(part.title) for part in parts.parts() if part.key == key)


def words(rows: list[list]) -> list[str]:
    return [str(cell) for row in rows for cell in row]
