"""Hands a file over to the worker and its rows back; says in plain words why it can't be read."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.errors import RuleBroken

MAX_BYTES = 10 * 1024 * 1024
SECONDS = 90
MODULE = "clinic.core.tables.worker"
KEPT = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH")  # of the environment; the worker gets no secret

WHY = {
    "empty": gettext_lazy("The file is empty. Please choose the file with the table."),
    "kind": gettext_lazy("This is not a table. Please choose an Excel file (xls, xlsx) or CSV."),
    "html": gettext_lazy(
        "This is a web page that is only called an Excel file. Please open it in a spreadsheet "
        "program, save it as xlsx and choose that file."
    ),
    "password": gettext_lazy(
        "The file is protected with a password. Please save it without one and choose it again."
    ),
    "damaged": gettext_lazy(
        "The file is damaged. Please open it in a spreadsheet program, save it again as xlsx "
        "and choose that file."
    ),
    "size": gettext_lazy(
        "The file is too big once it is unpacked. Please divide it into several files."
    ),
    "rows": gettext_lazy("The table has more than 50,000 rows. Please divide it into several."),
    "columns": gettext_lazy(
        "The table has more than 200 columns. Please delete the ones that are not needed."
    ),
    "sheet": gettext_lazy("The file has no such sheet. Please choose one of the list."),
    "encoding": gettext_lazy(
        "The characters can't be read with this encoding. Please choose another one, or save "
        "the table as xlsx and choose that file."
    ),
    "quotes": gettext_lazy(
        "The quotation marks in the file do not fit together. Please save the table as xlsx and "
        "choose that file."
    ),
    "time": gettext_lazy(
        "Reading the file took too long. Please divide it into several files, or save it as CSV."
    ),
}


@dataclass(frozen=True)
class Source:
    """What the file is: kind, encoding and whether it is certain, names of the sheets."""

    kind: str
    encoding: str
    sure: bool
    sheets: list[str]
    sheet: int


def open_table(
    content: bytes, *, sheet: int = 0, encoding: str = "", seconds: int = SECONDS
) -> tuple[Source, Iterator[list]]:
    """The source and an iterator over [row number, cells]; RuleBroken when it can't be read.

    The iterator may raise as well: a limit is noticed where it is passed. Where a page waits for
    the rows, fewer `seconds` are given.
    """
    if len(content) > MAX_BYTES:
        raise RuleBroken(_("The file is bigger than 10 MB. Please divide it into several files."))
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", MODULE, str(sheet), encoding],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=settings.BASE_DIR,
        env=environment(),
    )
    lines = _lines(process, content, seconds)
    first = next(lines, None)
    if not isinstance(first, dict):
        raise unreadable("damaged")
    return Source(**first), lines


def environment() -> dict[str, str]:
    """Of ours only what a Python needs to start."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return kept | {"PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1"}


def _lines(process, content: bytes, seconds: int) -> Iterator:
    """Each line as JSON. The worker is ended when its time is over or nobody wants more rows."""
    over = threading.Event()
    clock = threading.Timer(seconds, lambda: (over.set(), process.kill()))
    clock.start()
    seen = False
    try:
        _feed(process, content)
        for line in process.stdout:
            answer = json.loads(line)
            if isinstance(answer, dict) and "error" in answer:
                raise unreadable(answer["error"])
            seen = True
            yield answer
        if process.wait() != 0 or not seen:
            raise unreadable("time" if over.is_set() else "damaged")
    finally:
        clock.cancel()
        process.kill()
        process.stdout.close()
        process.wait()


def _feed(process, content: bytes) -> None:
    """The worker reads all before it writes, so neither waits for the other."""
    try:
        process.stdin.write(content)
        process.stdin.close()
    except BrokenPipeError:  # it ended early; what it said tells why
        pass


def unreadable(code: str) -> RuleBroken:
    return RuleBroken(WHY.get(code, WHY["damaged"]))
