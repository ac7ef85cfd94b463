"""Works through an import in slices, each a short transaction with the job's row locked.

A slice is one chunk of rows. What it did and how far the import has come are committed together,
so a process that is killed in the middle leaves nothing half done and nothing is done twice.
"""

from collections import ChainMap
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from clinic.core import files, jobs
from clinic.core.errors import RuleBroken
from clinic.core.models import Job, TableChunk, TableImport
from clinic.core.paging import paged
from clinic.core.scheduler import still_here
from clinic.core.tables import matching, reading
from clinic.core.tables.kinds import Row, Status, kind_of
from clinic.core.transactions import atomic_retry, lock

JOB = "core.tables"
AT_ONCE = 50  # chunks of one transaction where they are only stored or dropped
# A statement to a server has an end (16 MB): characters after which a chunk is full, and how many
# of them travel together; of the rows among which the heading is looked for, only so much a cell.
FULL, TOGETHER, SHOWN = 1_000_000, 2, 200
SAMPLE = 6  # rows below the heading, shown beside the columns
State = TableImport.State
COUNTED = {
    Status.CREATED: "created",
    Status.CHANGED: "changed",
    Status.UNCHANGED: "unchanged",
    Status.REFUSED: "refused",
    Status.ASKED: "asked",
}


@dataclass(frozen=True)
class Plan:
    """How the rows of one import are understood."""

    mapping: dict[str, int]
    header: int
    headings: list[str]
    options: dict[str, str]

    @classmethod
    def of(cls, head: dict) -> "Plan":
        return cls(head["mapping"], head["header"], head["headings"], head.get("options", {}))


def work(job: Job, memory: dict) -> None:
    """One slice of the import that belongs to this job."""
    table = TableImport.objects.select_related("file", "created_by").get(job=job)
    if table.state == State.READING:
        _read(table)
        return
    if table.state == State.DISCARDED:
        with suppress(MovedOn):
            _drop_piece(table.pk)
        return
    if memory.get("next") != (table.state, job.position):
        memory.update(seen=_seen_before(table, job.position))
    fresh = _slice(table.pk, job.position, memory["seen"])
    # Only what is committed is remembered.
    memory["seen"].update(fresh)
    memory["next"] = (table.state, job.position + 1)


# --- reading ----------------------------------------------------------------------------------


class MovedOn(Exception):
    """Another process is at the same work and was faster."""


def _read(table: TableImport) -> None:
    """The whole file, its rows stored in pieces; begun anew by whoever finds it unfinished."""
    head = table.read_head()
    at = 0
    try:
        while _drop_piece(table.pk):  # another sheet or encoding was read before
            still_here()
        source, rows = reading.open_table(
            files.read(table.file), sheet=head["sheet"], encoding=head["encoding"]
        )
        first = list(islice(rows, matching.LOOK))
        pieces = _chunks(first, rows, kind_of(table.kind).rows)
        while piece := list(islice(pieces, AT_ONCE)):
            _store(table.pk, at, piece)
            still_here()
            at += len(piece)
    except RuleBroken as error:
        _end_reading(table.pk, head | {"error": str(error)}, 0)
        return
    except MovedOn:
        return
    kind = kind_of(table.kind)
    header = matching.header_among(kind, first)
    top = [[number, [_shown(cell) for cell in cells]] for number, cells in first]
    head |= {"source": source.__dict__, "error": "", "top": top, "header": header}
    _end_reading(table.pk, with_header(kind, head, header), at)


def with_header(kind, head: dict, header: int) -> dict:
    """`head` with the row `header` as the heading: its words, what they match, rows below."""
    cells = next((matching.texts(cells) for number, cells in head["top"] if number == header), [])
    width = max((len(row) for _number, row in head["top"]), default=0)
    below = [matching.texts(row) for number, row in head["top"] if number > header]
    return head | {
        "header": header,
        "headings": cells,
        "width": width,
        "sample": below[:SAMPLE],
        "mapping": matching.match(kind, cells),
    }


def _chunks(first, rows, size: int):
    piece, text = [], 0
    for number, cells in chain(first, rows):
        piece.append(Row(number, cells).pack())
        text += sum(len(cell) for cell in cells if isinstance(cell, str))
        if len(piece) == size or text >= FULL:
            yield piece
            piece, text = [], 0
    if piece:
        yield piece


def _shown(cell):
    return cell[:SHOWN] if isinstance(cell, str) else cell


def _locked(table_id: UUID) -> tuple[TableImport, Job]:
    """The import and its job, the job's row locked: every slice begins with it."""
    job_id = TableImport.objects.values_list("job", flat=True).get(pk=table_id)
    job = lock(Job.objects.filter(pk=job_id)).get()
    return TableImport.objects.select_related("created_by").get(pk=table_id), job


@atomic_retry
def _drop_piece(table_id: UUID) -> bool:
    """Some of the rows that nobody wants any more; True while there may be others.

    Whoever reads the file anew says so by the position: another reader stops there.
    """
    table, job = _locked(table_id)
    if table.state not in (State.READING, State.DISCARDED) or job.state != Job.State.WAITING:
        raise MovedOn
    pks = list(table.chunks.values_list("pk", flat=True)[:AT_ONCE])
    TableChunk.objects.filter(pk__in=pks).delete()
    job.position = 0
    if not pks and table.state == State.DISCARDED:
        job.state, job.finished_at = Job.State.DONE, timezone.now()
    job.save(update_fields=["position", "state", "finished_at"])
    return bool(pks)


@atomic_retry
def _store(table_id: UUID, at: int, pieces: list[list[dict]]) -> None:
    table, job = _locked(table_id)
    if at == 0:
        table.chunks.all().delete()
    elif job.position != at or job.state != Job.State.WAITING:
        raise MovedOn
    if table.state != State.READING:
        raise MovedOn
    chunks = []
    for number, rows in enumerate(pieces, at):
        chunk = TableChunk(table=table, number=number)
        chunk.write_rows(rows)
        chunks.append(chunk)
    TableChunk.objects.bulk_create(chunks, batch_size=TOGETHER)
    job.position = at + len(pieces)
    job.save(update_fields=["position"])


@atomic_retry
def _end_reading(table_id: UUID, head: dict, chunks: int) -> None:
    table, job = _locked(table_id)
    if table.state != State.READING or chunks and job.position != chunks:
        return
    table.write_head(head)
    table.state = State.MATCHING
    table.save(update_fields=["head", "state"])
    job.position, job.total, job.state = 0, chunks, Job.State.DONE
    job.save(update_fields=["position", "total", "state"])


# --- slices of checking, writing, taking back -------------------------------------------------


@atomic_retry
def _slice(table_id: UUID, position: int, seen: dict) -> dict:
    """The chunk at `position`, unless another process has done it; what it adds to `seen`."""
    table, job = _locked(table_id)
    fresh: dict = {}
    if job.state != Job.State.WAITING or job.position != position or not table.is_working:
        return fresh
    back = table.state == State.TAKING_BACK
    number = job.total - 1 - position if back else position  # the last row goes first
    chunk = table.chunks.filter(number=number).first()
    if chunk is not None:
        _work_at(table, job, chunk, ChainMap(fresh, seen))
    job.position += 1
    if job.position >= job.total:
        _finish(table, job)
    job.save(update_fields=["position", "state", "finished_at"])
    return fresh


def _work_at(table: TableImport, job: Job, chunk: TableChunk, seen) -> None:
    rows = [Row.unpack(kept) for kept in chunk.read_rows()]
    if table.state == State.TAKING_BACK:
        undone = [row for row in rows if row.status in (Status.CREATED, Status.CHANGED)]
        for row in rows:
            row.words = []
            if row.status == Status.REFUSED:  # it was never imported: nothing of it can stay
                row.status = Status.SKIPPED
        kind_of(table.kind).take_back(undone, by=job.created_by)
    else:
        kind = kind_of(table.kind)
        live = parsed(kind, Plan.of(table.read_head()), rows)
        if table.state == State.CHECKING:
            kind.check(live, seen)
        else:
            kind.write(live, seen, by=job.created_by)
    chunk.refused = sum(row.is_refused for row in rows)
    chunk.doubtful = sum(row.is_doubtful for row in rows)
    chunk.asked = sum(row.is_asked for row in rows)
    chunk.write_rows([row.pack() for row in rows])
    chunk.save(update_fields=["content", "refused", "doubtful", "asked"])
    _count(table, rows)


def parsed(kind, plan: Plan, rows: list[Row]) -> list[Row]:
    """The rows with their values, without those that are refused or none at all."""
    for row in rows:
        matching.parse(kind, plan.mapping, plan.header, plan.headings, row)
        row.options = plan.options
    return [row for row in rows if not row.status]


def _seen_before(table: TableImport, position: int) -> dict:
    """What the chunks before `position` left to remember, made anew after a stop."""
    seen: dict = {}
    if not position or table.state == State.TAKING_BACK:
        return seen
    kind, plan = kind_of(table.kind), Plan.of(table.read_head())
    for chunk in paged(table.chunks.filter(number__lt=position), "number", 50):
        still_here()
        rows = [Row.unpack(kept) for kept in chunk.read_rows()]
        if table.state == State.CHECKING:
            kind.check(parsed(kind, plan, rows), seen)
        else:
            kind.remember(rows, seen)
    return seen


def _count(table: TableImport, rows: list[Row]) -> None:
    if table.state == State.TAKING_BACK:
        return
    numbers = dict.fromkeys([*COUNTED.values(), "doubtful"], 0)
    for row in rows:
        if row.status in COUNTED:
            numbers[COUNTED[row.status]] += 1
        numbers["doubtful"] += row.is_doubtful
    TableImport.objects.filter(pk=table.pk).update(
        **{name: F(name) + number for name, number in numbers.items()}
    )


def _finish(table: TableImport, job: Job) -> None:
    table.state = {
        State.CHECKING: State.READY,
        State.WRITING: State.DONE,
        State.TAKING_BACK: State.TAKEN_BACK,
    }[table.state]
    job.state, job.finished_at = Job.State.DONE, timezone.now()
    table.finished_at = timezone.now() if table.state != State.READY else None
    table.refresh_from_db(fields=[*COUNTED.values(), "doubtful"])  # for the audit log
    table.save(update_fields=["state", "finished_at"])


def connect() -> None:
    """Imports are jobs like others."""
    jobs.register(JOB, work)
