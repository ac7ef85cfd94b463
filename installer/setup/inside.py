"""Runs management commands one after the other, in one process: each start of Django takes a
second and more, and set-up needs seven of them.

Run by the application's Python. One JSON object a line comes in (`argv`, `env`), one goes out
(`status`, `out`, `err`). Whoever started this ends it by closing its input; when that happens in
the middle of a command, the set-up was killed, and the command ends as in a power cut.
"""

import contextlib
import io
import json
import os
import queue
import sys
import threading
import traceback
from pathlib import Path

if not getattr(sys.flags, "safe_path", False):  # the Windows package's Python knows the way
    sys.path[0] = str(Path(__file__).resolve().parents[2])


def main() -> int:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever prints without being asked must not come between the answers
    asked: queue.Queue = queue.Queue()
    busy = threading.Event()
    threading.Thread(target=listen, args=(asked, busy), daemon=True).start()
    while (line := asked.get()) is not None:
        answers.write(json.dumps(carry_out(json.loads(line))) + "\n")
        busy.clear()
        answers.flush()
    return 0


def listen(asked: queue.Queue, busy: threading.Event) -> None:
    for line in sys.stdin:
        busy.set()
        asked.put(line)
    if busy.is_set():
        os._exit(1)
    asked.put(None)


def carry_out(request: dict) -> dict:
    os.environ.update(request["env"])
    out, err = io.StringIO(), io.StringIO()
    status = 1
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            run(request["argv"], out, err)
            status = 0
        except SystemExit as ending:
            status = ending.code if isinstance(ending.code, int) else 1
            if isinstance(ending.code, str):
                err.write(ending.code)
        except Exception as error:
            if type(error).__name__ == "CommandError":
                err.write(f"CommandError: {error}")
            else:
                traceback.print_exc(file=err)
    return {"status": status, "out": out.getvalue(), "err": err.getvalue()}


def run(argv: list[str], out, err) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    import django
    from django.core.management import call_command

    django.setup()  # does nothing the second time
    call_command(*argv, stdout=out, stderr=err)


if __name__ == "__main__":
    sys.exit(main())
