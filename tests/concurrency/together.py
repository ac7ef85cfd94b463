"""Runs a function in several processes at the same moment, each with its own database connection.

Threads would share too much and SQLite's in-memory database would share nothing, so races are run
as people make them: as separate processes on the test database's file or server.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


def run_together(function: str, calls: list[dict], *, seconds: int = 60) -> list[dict]:
    """Call `function` ("module:name") once per dict of arguments, all at once.

    Returns, in the order of the calls, {"result": ...} or {"error": name of the exception, "text"}.
    """
    connection.close()
    workers = [_process(function) for _call in calls]
    try:
        for worker in workers:
            assert worker.stdout.readline() == "ready\n", "a worker did not start"
        for worker, call in zip(workers, calls, strict=True):
            tell(worker, call)
        return [json.loads(worker.communicate(timeout=seconds)[0]) for worker in workers]
    finally:
        for worker in workers:
            end(worker)


def start(function: str, **more) -> subprocess.Popen:
    """A process that has loaded everything and calls `function` once `tell` gives it arguments."""
    worker = _process(function, **more)
    if worker.stdout.readline() != "ready\n":
        end(worker)  # left alone it would hold the database that the next test needs
        raise AssertionError("a worker did not start")
    return worker


def tell(worker: subprocess.Popen, call: dict) -> None:
    worker.stdin.write(json.dumps(call) + "\n")
    worker.stdin.flush()


def end(worker: subprocess.Popen) -> None:
    """SIGKILL, whatever it is doing."""
    worker.kill()
    worker.wait()
    worker.stdin.close()
    worker.stdout.close()


def _process(function: str, **more) -> subprocess.Popen:
    name = str(connection.settings_dict["NAME"])
    return subprocess.Popen(
        [sys.executable, "-m", "tests.concurrency.together", name, function],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=os.environ.copy(),
        text=True,
        **more,
    )


def _work(database: str, function: str) -> None:
    import importlib

    import django
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = database
    django.setup()
    module, _colon, name = function.partition(":")
    call = getattr(importlib.import_module(module), name)
    connection.ensure_connection()
    print("ready", flush=True)
    arguments = json.loads(sys.stdin.readline())
    try:
        answer = {"result": call(**arguments)}
    except Exception as error:
        answer = {"error": type(error).__name__, "text": str(error)}
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    _work(sys.argv[1], sys.argv[2])
