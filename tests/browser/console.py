"""One Python inside the installation that does what it is told, line by line.

`manage.py shell` takes a second of the processor to load the program; the tests ask thirty times.
"""

import json
import subprocess
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from tests.browser.installation import CHECKOUT, environment

START = "from tests.browser import console; console.listen()"
STOP_SECONDS = 10


class _Console:
    def __init__(self, root: Path):
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", START],
            env={**environment(), "CLINIC_DATA_DIR": str(root)},
            cwd=CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def tell(self, code: str) -> str:
        self.process.stdin.write(json.dumps(code) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, f"the console ended with {self.process.wait(STOP_SECONDS)}"
        said, fault = json.loads(answer)
        assert fault is None, f"{code}: {fault}"
        return said

    def close(self) -> None:
        self.process.communicate(timeout=STOP_SECONDS)  # no more lines: it ends by itself


_open: dict[Path, _Console] = {}  # by the installation's data directory


def tell(clinic, code: str) -> str:
    """Run this code in the installation; what it printed."""
    if clinic.root not in _open:
        _open[clinic.root] = _Console(clinic.root)
    return _open[clinic.root].tell(code)


def close(clinic) -> None:
    if clinic.root in _open:
        _open.pop(clinic.root).close()


def listen() -> None:
    """In the installation: a line of JSON is code to run, and so is what is said of it."""
    import traceback

    from django.db import connections

    for line in sys.stdin:
        said, fault = StringIO(), None
        try:
            with redirect_stdout(said):
                exec(json.loads(line), {})  # noqa: S102 # the tests' own lines
        except Exception:
            fault = traceback.format_exc()[-3000:]
        connections.close_all()  # as a command that ended would leave it
        print(json.dumps([said.getvalue(), fault]), flush=True)
