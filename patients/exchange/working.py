"""The job behind an export: rows in pieces, then the file (clinic.core.jobs)."""

import io
import json
from collections.abc import Iterator
from contextlib import nullcontext
from decimal import Decimal

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from clinic.core import files
from clinic.core.models import Job
from clinic.core.tables.writing import CSV_TYPE, XLSX_TYPE, Sheet, csv_bytes, write_book
from clinic.core.transactions import atomic_retry, lock
from patients.exchange import book, datasets, fhir_out, lists, marks
from patients.exchange.exporting import SCREENS
from patients.exchange.sources import Page, Source
from patients.models import Export, ExportPiece
from security import audit
from security.entries import acting_as, current

SIZE = 500  # rows of a piece
PURPOSE = "patients.export"


def work(job: Job, memory: dict) -> None:
    """One slice: a piece of a table, or the file itself."""
    export = Export.objects.select_related("patient", "made_by").get(job=job)
    language = export.details.get("language") or translation.get_language()
    with _acting(export), translation.override(language):
        if export.kind == Export.Kind.BOOK:
            content, rows = book.content(export)
            _finish(job.pk, export, content, XLSX_TYPE, rows)
        elif export.kind == Export.Kind.FHIR:
            content, rows = fhir_out.content(export)
            _finish(job.pk, export, content, fhir_out.MEDIA_TYPE, rows)
        else:
            _work_at_table(job, export)


def _acting(export: Export):
    """Of the page that began it, or of the scheduler in the name of whoever asked."""
    if current() is not None:
        return nullcontext()
    return acting_as(export.made_by, screen=SCREENS[export.kind])


def _work_at_table(job: Job, export: Export) -> None:
    sources, at = sources_of(export), _where(job)
    if at["sheet"] == len(sources):
        content, kind = _file(export, sources)
        _finish(job.pk, export, content, kind, job.position)
        return
    if not job.total:
        at["total"] = sum(source.count() for source in sources)
    page = sources[at["sheet"]].page(at["after"], SIZE)
    _keep(job.pk, job.position, export, at, page)


def sources_of(export: Export) -> list[Source]:
    """The sheets of a table that is made in pieces."""
    if export.kind == Export.Kind.LIST:
        return [lists.source(export)]
    return datasets.sources(export)


def _where(job: Job) -> dict:
    return json.loads(bytes(job.payload)) if job.payload else {"sheet": 0, "after": None, "n": 0}


@atomic_retry
def _keep(job_id, position: int, export: Export, at: dict, page: Page) -> None:
    """The piece and how far it is; whoever comes second finds the position moved."""
    job = lock(Job.objects.filter(pk=job_id)).get()
    if job.state != Job.State.WAITING or _where(job)["n"] != at["n"]:
        return
    ExportPiece.objects.create(
        export=export, number=at["n"], sheet=at["sheet"], rows=[_packed(r) for r in page.rows]
    )
    if page.patients:
        audit.record(
            "export",
            subjects=sorted(set(page.patients)),
            screen=SCREENS[export.kind],
            target=export,
            data={"reason": export.purpose, "rows": len(page.rows)},
        )
    job.total = at.pop("total", job.total)
    job.position = position + len(page.rows)
    after = {"after": page.last, "n": at["n"] + 1}
    after["sheet"] = at["sheet"] + (page.last is None)
    job.payload = json.dumps(after).encode()
    job.save()


def _packed(row: list) -> list:
    """JSON has no decimals."""
    return [["n", str(cell)] if isinstance(cell, Decimal) else cell for cell in row]


def _unpacked(row: list) -> list:
    return [Decimal(cell[1]) if isinstance(cell, list) else cell for cell in row]


def _file(export: Export, sources: list[Source]) -> tuple[bytes, str]:
    if export.details.get("format") == "csv":
        rows = _marked(export, 0, sources[0])
        return b"".join(csv_bytes(rows, encoding=export.details["encoding"])), CSV_TYPE
    mark = marks.line(export)
    sheets = [
        Sheet(source.title, _marked(export, at, source), source.title, mark, heads=(0, 1))
        for at, source in enumerate(sources)
    ]
    if export.kind == Export.Kind.DATA_SETS:
        described = datasets.dictionary(export.details["sets"])
        title = _("Description of columns")
        sheets.append(Sheet(title, described, title, mark, heads=(0,)))
    file = io.BytesIO()
    write_book(file, sheets)
    return file.getvalue(), XLSX_TYPE


def _marked(export: Export, sheet: int, source: Source) -> Iterator[list]:
    """The rows between two marks: a piece at a time in memory."""
    yield [marks.line(export)]
    yield source.heading
    rows = 0
    pieces = export.pieces.filter(sheet=sheet).order_by("number")
    for key in list(pieces.values_list("pk", flat=True)):
        for row in ExportPiece.objects.get(pk=key).rows:
            rows += 1
            yield _unpacked(row)
    yield [marks.last(export, rows)]


@atomic_retry
def _finish(job_id, export: Export, content: bytes, media_type: str, rows: int) -> None:
    job = lock(Job.objects.filter(pk=job_id)).get()
    if job.state != Job.State.WAITING:
        return
    export.file = files.store(
        content=content, purpose=PURPOSE, media_type=media_type, by=export.made_by
    )
    export.rows = rows
    export.save()
    export.pieces.all().delete()
    job.state, job.finished_at, job.payload = Job.State.DONE, timezone.now(), None
    job.save()
