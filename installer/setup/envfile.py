"""The `.env` file of a data directory: read, changed and written back in one piece."""

import os
import re
import secrets
from pathlib import Path

from installer.setup.errors import SetupError
from installer.setup.system import keep_private

HEADER = "# Settings of this installation, read by clinic/settings.py. Keep this file private.\n"
_LINE = re.compile(r"^(?:export )?([A-Za-z_][A-Za-z_0-9]*)=(.*)$")
_PLAIN = re.compile(r"[A-Za-z0-9_./:,@%+=?&\[\]-]*")


def read(path: Path) -> dict[str, str]:
    """The names and values in `path`; empty when there is no such file."""
    try:
        if path.exists() and not path.is_file():  # a pipe that never ends would hold root up
            raise SetupError(f"{path} can't be read: it is no file.")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SetupError(f"{path} can't be read: {error.strerror}.") from error
    found = (_LINE.match(line.strip()) for line in text.splitlines())
    return {match[1]: _unquote(match[2].strip()) for match in found if match}


def _unquote(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return value


def _line(name: str, value: str) -> str:
    if "\n" in value or "'" in value:
        raise SetupError(f"{name} holds a line break or a quote, which its file can't keep.")
    quoted = value if _PLAIN.fullmatch(value) else f"'{value}'"
    return f"{name}={quoted}\n"


def write(path: Path, changes: dict[str, str]) -> bool:
    """Set `changes` in `path` (mode 0600), keeping every other line; False when nothing changed."""
    old = path.read_text(encoding="utf-8") if path.exists() else HEADER
    pending = dict(changes)
    lines = []
    for line in old.splitlines(keepends=True):
        match = _LINE.match(line.strip())
        if match and match[1] in pending:
            line = _line(match[1], pending.pop(match[1]))
        lines.append(line if line.endswith("\n") else line + "\n")
    new = "".join(lines) + "".join(_line(name, value) for name, value in pending.items())
    if path.exists() and new == old:
        return False
    replace_file(path, new.encode())
    return True


def replace_file(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write `content` beside `path`, then rename: nobody ever sees half a file."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)  # of a run that was broken off, or a link to something else
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as stream:
        keep_private(part, mode)
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)


def new_secret() -> str:
    return secrets.token_urlsafe(50)
