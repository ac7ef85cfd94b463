"""Running other programs: everything they say goes to a log, failures become sentences."""

import os
import subprocess
from pathlib import Path

from installer.setup.errors import SetupError

NO_LINK = getattr(os, "O_NOFOLLOW", 0)
COMMAND_ERROR = "CommandError: "


class Log:
    """Appends to `<data>/logs/install.log`; holds no secrets (callers say what is printed)."""

    def __init__(self, path: Path):
        self.path = path

    def write(self, text: str) -> None:
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | NO_LINK, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8", errors="replace") as stream:
            stream.write(text if text.endswith("\n") else text + "\n")


def run(
    argv: list,
    *,
    log: Log,
    env: dict | None = None,
    cwd: Path | None = None,
    secret=False,
    **account,
) -> subprocess.CompletedProcess:
    """Run `argv` to its end and log what it said; with `secret`, what it printed is not logged."""
    log.write(f"$ {' '.join(str(part) for part in argv)}")
    done = subprocess.run(
        [str(part) for part in argv],
        env=env,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        **account,
    )
    log.write(("(output kept back)" if secret else done.stdout) + done.stderr)
    return done


def must_run(argv: list, *, failure: str, log: Log, **kwargs) -> str:
    """Run `argv`; when it fails, raise its disk trouble or `failure` as a sentence."""
    done = run(argv, log=log, **kwargs)
    if done.returncode == 0:
        return done.stdout
    raise SetupError(reason_for(done.stdout + done.stderr, failure, log))


def reason_for(output: str, failure: str, log: Log) -> str:
    """The sentence for a failed program: what it was about, and where the details stand."""
    if "No space left on device" in output or "database or disk is full" in output:
        return "The disk is full; make room and run this again."
    said = [line for line in output.splitlines() if line.startswith(COMMAND_ERROR)]
    if said:  # a management command's own sentence says it better
        return said[-1].removeprefix(COMMAND_ERROR)
    return f"{failure} The details are in {log.path}."
