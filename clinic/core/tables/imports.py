"""The steps of an import that a person takes: bring a file, match, start, discard, take back."""

from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core import files
from clinic.core.errors import RuleBroken
from clinic.core.models import Job, TableChunk, TableImport
from clinic.core.paging import paged
from clinic.core.tables import engine, matching
from clinic.core.tables.kinds import Row, kind_of
from clinic.core.transactions import atomic_retry, lock

State = TableImport.State
BEFORE = (State.MATCHING, State.READY)
FORGOTTEN_DAYS = 7  # a file that nobody went on with
KEPT_DAYS = 90  # the rows of an import, for looking and taking back


@atomic_retry
def bring(*, kind: str, content: bytes, file_name: str, by, sheet: int = 0, encoding: str = ""):
    """Keep the file sealed and have it read; the import goes on as a job."""
    kind_of(kind)
    file = files.store(
        content=content, purpose="table", media_type="application/octet-stream", by=by
    )
    job = Job.objects.create(kind=engine.JOB, due_at=timezone.now(), created_by=by)
    table = TableImport(kind=kind, state=State.READING, job=job, file=file, created_by=by)
    table.write_head({"file_name": file_name[:200], "sheet": sheet, "encoding": encoding})
    table.save()
    return table


def _claim(table_id: UUID, states, said) -> TableImport:
    """The import with its job locked and in one of these states, else RuleBroken."""
    job_id = TableImport.objects.values_list("job", flat=True).get(pk=table_id)
    job = lock(Job.objects.filter(pk=job_id)).get()
    table = TableImport.objects.select_related("file").get(pk=table_id)
    table.job = job
    if table.state not in states:
        raise RuleBroken(said)
    return table


def _too_late() -> str:
    return _("This import has gone on meanwhile. Please look at the page again.")


def _set_off(table: TableImport, state, *, total: int, by) -> None:
    job = table.job
    job.state, job.position, job.total, job.error = Job.State.WAITING, 0, total, ""
    job.due_at, job.finished_at, job.created_by = timezone.now(), None, by
    job.save()
    table.state = state
    table.save()


@atomic_retry
def read_again(*, table_id: UUID, sheet: int, encoding: str, by) -> TableImport:
    """Another sheet of the same file, or the same with another encoding."""
    table = _claim(table_id, BEFORE, _too_late())
    table.write_head(table.read_head() | {"sheet": sheet, "encoding": encoding})
    _set_off(table, State.READING, total=0, by=by)
    return table


@atomic_retry
def set_header(*, table_id: UUID, header: int, by) -> TableImport:
    """Another row is the heading; the columns are matched anew."""
    table = _claim(table_id, BEFORE, _too_late())
    head = table.read_head()
    if header and header not in [number for number, _cells in head["top"]]:
        raise RuleBroken(_("There is no such row among the first of the table."), field="header")
    table.write_head(engine.with_header(kind_of(table.kind), head, header))
    table.state = State.MATCHING
    table.save()
    return table


@atomic_retry
def match(
    *, table_id: UUID, mapping: dict[str, int], by, options: dict[str, str] | None = None
) -> TableImport:
    """These columns it is; every row is checked now, nothing is written yet."""
    table = _claim(table_id, BEFORE, _too_late())
    kind, head = kind_of(table.kind), table.read_head()
    if head.get("error"):
        raise RuleBroken(_too_late())
    if len(set(mapping.values())) < len(mapping):
        raise RuleBroken(
            _("One column of the file was chosen twice. Please choose each one only once.")
        )
    if lacking := matching.missing(kind, mapping):
        raise RuleBroken(
            _("Please choose the column for: %(columns)s.")
            % {"columns": "、".join(str(column.label) for column in lacking)}
        )
    table.write_head(head | {"mapping": mapping, "options": _options(kind, options or {})})
    _forget_counts(table)
    _set_off(table, State.CHECKING, total=table.chunks.count(), by=by)
    return table


def _options(kind, chosen: dict[str, str]) -> dict[str, str]:
    """One answer to each of the kind's options: the chosen one, else the first."""
    return {
        option.key: chosen[option.key]
        if chosen.get(option.key) in dict(option.answers)
        else option.answers[0][0]
        for option in kind.options
    }


@atomic_retry
def answer(
    *, table_id: UUID, answers: dict[tuple[int, int], str], rest: str | None, by
) -> TableImport:
    """What shall become of rows that ask, by (chunk, row); `rest` is for all that have no answer.

    None leaves what was said of the rest.
    """
    table = _claim(table_id, [State.READY], _too_late())
    kind = kind_of(table.kind)
    wanted = {chunk for chunk, _row in answers}
    for chunk in table.chunks.filter(number__in=wanted, asked__gt=0):
        rows = [Row.unpack(kept) for kept in chunk.read_rows()]
        for row in rows:
            said = answers.get((chunk.number, row.number))
            if row.is_asked and said in ("", *dict(kind.answers_of(row))):
                row.answer = said
        chunk.write_rows([row.pack() for row in rows])
        chunk.save(update_fields=["content"])
    if rest in ("", *dict(kind.answers)):
        head = table.read_head()
        table.write_head(head | {"options": head["options"] | {"rest": rest}})
        table.save(update_fields=["head"])
    return table


@atomic_retry
def back_to_columns(*, table_id: UUID, by) -> TableImport:
    """The preview shows that a column is something else: match again."""
    table = _claim(table_id, [State.READY], _too_late())
    table.state = State.MATCHING
    table.save()
    return table


def _forget_counts(table: TableImport) -> None:
    table.created = table.changed = table.unchanged = table.refused = table.doubtful = 0
    table.asked = 0


@atomic_retry
def start(
    *, table_id: UUID, by, answers: dict | None = None, rest: str | None = None
) -> TableImport:
    """Write what was checked. The file itself is no longer needed and goes."""
    if answers or rest is not None:
        answer(table_id=table_id, answers=answers or {}, rest=rest, by=by)
    table = _claim(table_id, [State.READY], _too_late())
    file, table.file = table.file, None
    _forget_counts(table)
    _set_off(table, State.WRITING, total=table.job.total, by=by)
    if file:
        files.remove(file)
    return table


@atomic_retry
def take_back(*, table_id: UUID, by) -> TableImport:
    """Undo the whole import where nothing has used it since."""
    table = _claim(
        table_id,
        [State.DONE],
        _("This import can't be taken back: it is not finished, or it was taken back already."),
    )
    total = table.chunks.count()
    if not total:
        raise RuleBroken(
            _("This import can't be taken back any more: its rows were kept for %(days)s days.")
            % {"days": KEPT_DAYS}
        )
    _set_off(table, State.TAKING_BACK, total=total, by=by)
    return table


@atomic_retry
def discard(*, table_id: UUID, by=None) -> TableImport:
    """Nothing was written yet, and nothing shall be: the file goes now, its rows as a job.

    They may be thousands, and this may be a part of a longer transaction.
    """
    table = _claim(table_id, [*BEFORE, State.READING, State.CHECKING], _too_late())
    file, table.file = table.file, None
    table.finished_at = timezone.now()
    _set_off(table, State.DISCARDED, total=0, by=by or table.created_by)
    if file:
        files.remove(file)
    return table


@atomic_retry
def go_on(*, table_id: UUID, by) -> TableImport:
    """Try again after a fault of the program; what is done is done and not done twice."""
    table = _claim(table_id, [s for s in State if TableImport(state=s).is_working], _too_late())
    if table.job.state == Job.State.FAILED:
        Job.objects.filter(pk=table.job_id).update(state=Job.State.WAITING, error="")
    return table


def rows_shown(
    table: TableImport, show: str, *, page: int, size: int = 50
) -> tuple[list[Row], int, int]:
    """(rows of this page, how many in all, this page); `show`: refused, doubtful, asked or all.

    A few queries, and only the chunks that hold a row of the page are opened.
    """
    counts = _all_of(table) if show == "all" else _counted(table, show)
    total = sum(count for _number, count in counts)
    page = max(1, min(page, -(-total // size) or 1))
    skip, before, starts = (page - 1) * size, 0, {}
    for number, count in counts:
        if before + count > skip and before < skip + size:
            starts[number] = before
        before += count
    rows: list[Row] = []
    for chunk in table.chunks.filter(number__in=starts).order_by("number"):
        found = [row for row in map(Row.unpack, chunk.read_rows()) if _is(row, show)]
        for row in found:
            row.chunk = chunk.number
        rows += [r for at, r in enumerate(found, starts[chunk.number]) if skip <= at < skip + size]
    return rows, total, page


def _is(row: Row, show: str) -> bool:
    return show == "all" or getattr(row, f"is_{show}")


def _counted(table: TableImport, show: str) -> list[tuple[int, int]]:
    """(chunk, how many such rows)"""
    return list(table.chunks.filter(**{f"{show}__gt": 0}).values_list("number", show))


def _all_of(table: TableImport) -> list[tuple[int, int]]:
    """The same of all rows: every chunk holds as many as the first, the last what is left."""
    numbers = list(table.chunks.values_list("number", flat=True))
    ends = {c.number: len(c.read_rows()) for c in table.chunks.filter(number__in=numbers[:1])}
    ends |= {c.number: len(c.read_rows()) for c in table.chunks.filter(number__in=numbers[-1:])}
    return [(number, ends.get(number, ends[numbers[0]])) for number in numbers]


def rows_of(table: TableImport, *statuses: str):
    """Every row with one of these results, from chunk to chunk."""
    for chunk in paged(table.chunks.all(), "number", 50):
        for row in map(Row.unpack, chunk.read_rows()):
            if row.status in statuses:
                yield row


def tidy() -> None:
    """Drop forgotten files and the rows of old imports; called by the scheduler."""
    now = timezone.now()
    late = now - timezone.timedelta(days=FORGOTTEN_DAYS)
    for pk in list(
        TableImport.objects.filter(
            state__in=[*BEFORE, State.READING, State.CHECKING], created_at__lt=late
        ).values_list("pk", flat=True)
    ):
        discard(table_id=pk)
    old = now - timezone.timedelta(days=KEPT_DAYS)
    ended = Q(table__state__in=[State.DONE, State.TAKEN_BACK], table__finished_at__lt=old)
    failed = Q(table__job__state=Job.State.FAILED, table__created_at__lt=old)
    chunks = TableChunk.objects.filter(ended | failed)
    while pks := list(chunks.values_list("pk", flat=True)[:50]):
        TableChunk.objects.filter(pk__in=pks).delete()
