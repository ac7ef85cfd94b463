"""A database of its own for a benchmark, and ratios that a loaded machine does not spoil.

Not collected by the suite. By itself it uses SQLite in a temporary folder; with DATABASE_URL set
(MariaDB) a scratch database beside it, which is dropped at the end.
"""

import contextlib
import os
import statistics
import time
from pathlib import Path

from tests import environment  # settings for a throw-away installation, before Django reads them

if "DATABASE_URL" not in os.environ:
    os.environ["DATABASE_URL"] = f"sqlite:///{environment.ROOT / 'bench.sqlite3'}"
os.environ["DJANGO_SETTINGS_MODULE"] = "clinic.settings"


@contextlib.contextmanager
def scratch_database():
    """Django with keys and an empty database; nothing of it is left afterwards."""
    import django
    from django.conf import settings

    django.setup()
    from django.db import connection

    from security.keyring_file import create_file

    create_file(Path(os.environ["CLINIC_KEYRING"]))
    Path(settings.STATIC_ROOT).mkdir(exist_ok=True)
    options = connection.settings_dict.setdefault("TEST", {})
    options |= {"MIGRATE": False, "NAME": _name(connection)}
    old = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield connection
    finally:
        connection.creation.destroy_test_db(old, verbosity=0)
        environment.pytest_unconfigure(None)


def _name(connection) -> str:
    if connection.vendor == "sqlite":
        return str(environment.ROOT / "bench-scratch.sqlite3")
    return f"bench_{os.getpid()}"


def ratios(
    works: dict, rounds: int, clock=time.perf_counter
) -> dict[str, tuple[float, float, float]]:
    """name -> (ratio, ms of the first, ms of the second) of each pair of works.

    Both take turns, in changing order; the ratio is the median of the rounds' own ratios, so
    that whatever slows the machine down meets both. With time.process_time as `clock` only what
    this process itself computes counts, not what a server or a disk takes.
    """
    times = {name: [] for name in works}
    for number in range(rounds + 1):
        for name, pair in works.items():
            order = (0, 1) if number % 2 else (1, 0)
            took = [0.0, 0.0]
            for which in order:
                took[which] = _seconds(pair[which], clock)
            if number:  # the first round only warms up
                times[name].append(took)
    return {
        name: (
            statistics.median(second / first for first, second in pairs),
            1000 * statistics.median(first for first, _ in pairs),
            1000 * statistics.median(second for _, second in pairs),
        )
        for name, pairs in times.items()
    }


def _seconds(work, clock) -> float:
    began = clock()
    work()
    return clock() - began
