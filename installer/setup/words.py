"""What people read, in Chinese and then in English.

The code says its sentences in English. `chinese/*.txt` holds the Chinese of each: a line of
English with `{}` for what is filled in, a line of Chinese (`{}` in the same order, or `{0}`,
`{1}`), an empty line. A sentence is recognised by its English, so no caller has to know.
"""

import atexit
import contextlib
import datetime as dt
import re
import sys
from functools import cache
from pathlib import Path

from installer.setup.run import Log

FOLDER = Path(__file__).resolve().parent / "chinese"
NOT_TRANSLATED = "程序用英文报告了下面的情况："


_quiet = False
_record: Log | None = None
_waiting: list[str] = []  # what was said before there was a folder for the record


def record(log: Log, otherwise: Path) -> None:
    """From now on keep what is said as well: a silent set-up has nobody who reads it.

    Where the log's folder was never made, `otherwise` gets it at the end.
    """
    global _record
    _record = log
    atexit.register(_leave_waiting, otherwise)


def _keep(text: str) -> None:
    if not _record:
        return
    _waiting.append(f"{dt.datetime.now():%Y-%m-%d %H:%M:%S} {text}")
    if _record.path.parent.is_dir():
        _write_down(_record)


def _write_down(log: Log) -> None:
    with contextlib.suppress(OSError):  # a full disk is told of elsewhere
        log.write("\n".join(_waiting))
        _waiting.clear()


def _leave_waiting(otherwise: Path) -> None:
    if _waiting:
        _write_down(Log(otherwise))


def be_quiet(quiet: bool) -> None:
    """From now on nothing is said but trouble."""
    global _quiet
    _quiet = quiet


@cache
def table() -> dict[str, str]:
    """The Chinese of every English sentence."""
    found: dict[str, str] = {}
    for path in sorted(FOLDER.glob("*.txt")):
        for entry in path.read_text(encoding="utf-8").split("\n\n"):
            if entry.strip():
                english, translation = entry.strip().split("\n")
                found[english.strip()] = translation
    return found


@cache
def _patterns() -> list[tuple[re.Pattern, str]]:
    """The most definite first: the one with the most words of its own."""
    by_length = sorted(table().items(), key=lambda pair: -len(pair[0].replace("{}", "")))
    return [
        (re.compile("(.*?)".join(map(re.escape, english.split("{}"))), re.DOTALL), chinese)
        for english, chinese in by_length
    ]


def chinese(sentence: str) -> str | None:
    """The sentence in Chinese, what it quotes included; None when there is none."""
    for pattern, translation in _patterns():
        match = pattern.fullmatch(sentence.strip())
        if match:
            return translation.format(*(chinese(value) or value for value in match.groups()))
    return None


def both(sentence: str, between: str = "\n") -> str:
    """The sentence in both languages, as far as there are both."""
    found = chinese(sentence)
    return f"{found}{between}{sentence}" if found else sentence


def say(sentence: str, *, end: str = "\n", secret: bool = False) -> None:
    """Tell the person at the terminal, in both languages; `end` follows the English."""
    if not secret:
        _keep(sentence)
    if _quiet:
        return
    found = chinese(sentence)
    if found and found != sentence and _shows_chinese(sys.stdout):
        print(_indent(sentence) + found, flush=True)
    print(sentence, end=end, flush=True)


def finish(sentence: str) -> None:
    """The end of a line that `say` began: one line, for a step's result."""
    _keep(sentence)
    if _quiet:
        return
    found = chinese(sentence) if _shows_chinese(sys.stdout) else None
    print(f"{found} {sentence}" if found else sentence, flush=True)


def complain(sentence: str) -> None:
    """Tell of trouble, on the error channel; each line is a sentence of its own."""
    for line in sentence.split("\n"):
        _keep(f"clinic: {line}")
        if _shows_chinese(sys.stderr):
            print(f"诊所系统：{chinese(line) or NOT_TRANSLATED}", file=sys.stderr)
        print(f"clinic: {line}", file=sys.stderr, flush=True)


def _indent(sentence: str) -> str:
    return sentence[: len(sentence) - len(sentence.lstrip())]


def _shows_chinese(stream) -> bool:
    """A terminal with an old code page would show question marks, or end us."""
    try:
        "中".encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def never_fail_on_letters() -> None:
    """A name with a letter that the terminal doesn't know must not end the set-up."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
