"""A process beside the test, on its database, that is told line by line what to do."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


def start_beside(function: str) -> subprocess.Popen:
    """Calls `function` ("module:name") once it gets a line of arguments; further lines are its."""
    connection.close()
    name = str(connection.settings_dict["NAME"])
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.concurrency.beside", name, function],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=os.environ.copy(),
        text=True,
        bufsize=1,
    )
    if process.stdout.readline() != "ready\n":
        process.kill()
        raise AssertionError("the process did not start")
    return process


def _work(database: str, function: str) -> None:
    import django
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = database
    django.setup()
    module, _colon, name = function.partition(":")
    call = getattr(importlib.import_module(module), name)
    connection.ensure_connection()
    print("ready", flush=True)
    call(**json.loads(sys.stdin.readline()))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    _work(sys.argv[1], sys.argv[2])
