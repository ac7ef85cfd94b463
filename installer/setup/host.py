"""Loads the application once and forks from it: the web server and the scheduler's rounds.

Run by the virtual environment's Python behind nginx. What is loaded before the fork is shared
memory for all of them; a scheduler that loads everything for itself costs 55 MB more, and one
that stays in memory 40 MB, which its tasks took and never gave back.
"""

import gc
import os
import signal
import socket
import sys
import time
import traceback
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[0] = str(HERE.parents[1])

from installer.setup.supervisor import FAILURES, WATCHED, Child, Supervisor, say  # noqa: E402

APPLICATION = "clinic.wsgi"
ROUND_SECONDS = int(os.environ.get("CLINIC_PACE_SECONDS", "20"))


def web_server():
    """gunicorn, ready to run. Reading its settings writes all over the memory that a child shares
    with us (5 MB): so it is done before the fork."""
    from gunicorn.app.wsgiapp import WSGIApplication

    sys.argv = ["gunicorn", "-c", str(HERE / "gunicorn_conf.py"), f"{APPLICATION}:application"]
    return WSGIApplication("%(prog)s")


def run_what_is_due() -> None:
    """One round; a stop waits for its end, as the tasks commit in pieces."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    scheduler = import_module("clinic.core.scheduler")
    scheduler.run_round(holder=f"{socket.gethostname()}:{os.getppid()}")


class Forked(Child):
    """A child that goes on in this program's memory, and in its process group: when this
    program is killed, whoever started it can end them all at once."""

    def launch(self) -> int:
        pid = os.fork()
        if pid:
            return pid
        status = 1
        try:
            for number in WATCHED:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)
            self.plan["run"]()
            status = 0
        except SystemExit as ending:
            status = ending.code if isinstance(ending.code, int) else 1
        except BaseException:
            traceback.print_exc()
        finally:
            try:
                sys.stdout.flush()
                sys.stderr.flush()
            finally:  # a full disk included
                os._exit(status)  # never back into the loop of the parent

    def kill_group(self) -> None:
        self.send("KILL")


class Round(Forked):
    """A child that ends by itself, and comes again after a pause."""

    def ended(self) -> None:
        super().ended()
        self.due = time.monotonic() + ROUND_SECONDS
        self.failures = 0  # what a round could not do, the next one tries again


class Host(Supervisor):
    """Restarts the web server and the scheduler without loading anything again."""

    hopeless_words = "The application can't be kept running."

    def ended(self, pid: int, code: int) -> None:
        rounds = [child for child in self.children if isinstance(child, Round)]
        for child in rounds:
            if child.pid == pid and code == 0:
                child.ended()
                return
        super().ended(pid, code)


def load():
    """Everything that may be shared, with the web server, which finds it loaded already; no
    database connection may cross the fork."""
    import_module(APPLICATION)
    for part in ("gunicorn.arbiter", "gunicorn.glogging", "installer.setup.worker"):
        import_module(part)
    from django.db import connections
    from django.urls import get_resolver

    get_resolver().url_patterns  # noqa: B018 - loads every view
    import_module("clinic.core.shared").load()
    server = web_server()
    connections.close_all()
    gc.collect()
    gc.freeze()  # the collector must not touch, and thereby copy, what is shared
    return server


def refuse(error: BaseException) -> None:
    """Say why, once: the supervisor tries again a few times, mostly with the same end."""
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    note = Path(os.environ["CLINIC_VOLATILE_DIR"]) / "refused"
    again = os.environ.get(FAILURES, "0") != "0" and note.is_file() and note.read_text() == reason
    if again:
        return
    note.write_text(reason)
    if not isinstance(error, SystemExit):  # which brings its own sentence
        traceback.print_exc()
    say(f"The application can't be loaded: {reason}")


def main() -> int:
    os.environ.pop("NOTIFY_SOCKET", None)  # gunicorn would tell systemd that it is ready too early
    try:
        server = load()
    except (Exception, SystemExit) as error:
        refuse(error)
        return 1
    signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
    plan = {"stop": "TERM", "wave": 1}
    children = [
        Forked({"name": "web server", "run": server.run, **plan}),
        Round({"name": "scheduler", "run": run_what_is_due, **plan}),
    ]
    return Host(children).run()


if __name__ == "__main__":
    sys.exit(main())
