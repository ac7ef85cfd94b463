"""The last part of our own logs, for somebody who must learn nothing about patients.

Logs hold no patient data in the first place (clinic.core.logs). Here a white list says it once
more: a word stays when the program's own source holds it; whatever else stands in a line, above
all everything in Chinese and every number, is blanked out. The time in front and a traceback's
line numbers stay.
"""

import re
from functools import cache
from pathlib import Path

from django.conf import settings

LAST_BYTES = 200_000
BLANK, DIGITS = "…", "#"
TOP = ("clinic", "installer", "patients", "pharmacy", "prescriptions", "registration", "security")
NOT_OURS = ("demo", "data", "locale", "migrations")  # people's and drugs' names, among others
# Words of the programs that write into our logs; ours come from our source.
THEIRS = """
    gunicorn nginx granian django sqlite mysql mariadb worker workers booting starting listening
    shutting down handling signal master arbiter timeout critical info warning error notice alert
    emerg upstream connect connection refused reset peer closed while reading writing sending
    response request client server ssl handshake failed no such file directory permission denied
    disk full operational integrity database locked is traceback most recent call last in line
    file module not found errno broken pipe bad gateway too large internal
"""
_TIME = re.compile(r"\[?\d{4}[-/]\d\d[-/]\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d{1,6})?(?: ?[+-]\d{4})?\]?")
_PIECE = re.compile(r"(?<=line )\d{1,5}\b|[A-Za-z0-9_]+|[^\x20-\x7e]+")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@cache
def known() -> frozenset[str]:
    """Every word of the program's source."""
    found = set(THEIRS.split())
    for top in TOP:
        for path in (Path(settings.BASE_DIR) / top).rglob("*.py"):
            if not set(path.parts) & set(NOT_OURS):
                found.update(_WORD.findall(path.read_text(encoding="utf-8")))
    return frozenset(found)


def line(text: str) -> str:
    """One line of a log with everything blanked out that isn't ours."""
    time = _TIME.match(text)
    begin = time.end() if time else 0
    return text[:begin] + _PIECE.sub(_one, text[begin:])


def _one(found: re.Match) -> str:
    piece = found[0]
    if piece.isdigit():
        return piece if found.string[: found.start()].endswith("line ") else DIGITS
    return piece if piece in known() or piece.lower() in known() else BLANK


def tail(path: Path) -> str:
    """The end of a log, scrubbed; a first line that was cut is left out."""
    with path.open("rb") as stream:
        begin = max(0, path.stat().st_size - LAST_BYTES)
        stream.seek(begin)
        lines = stream.read(LAST_BYTES).decode(errors="replace").splitlines()
    return "\n".join(line(text) for text in lines[1 if begin else 0 :]) + "\n"
