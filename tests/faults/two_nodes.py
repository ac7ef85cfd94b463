"""Asked inside one application server: do row locks count between two nodes?

    CLINIC_DATA_DIR=... python -m tests.faults.two_nodes with|without PAIRS

Two connections to two nodes lock the same row and each writes a row of its own, as verbs do that
lock a batch and write movements. Prints how many of the pairs were both committed.
"""

import os
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
django.setup()

from django.db import OperationalError, connections  # noqa: E402 - Django comes first

from clinic.core import fences  # noqa: E402
from clinic.core.models import Counter  # noqa: E402
from clinic.databases.cluster import nodes  # noqa: E402


def main(how: str, pairs: str) -> int:
    began = time.time_ns()  # an earlier run may have been broken off
    both = sum(_both_commit(f"two nodes {began} {n}", how == "with") for n in range(int(pairs)))
    connections["default"].close()  # a new one sees what the other node committed
    Counter.objects.filter(name__startswith="two nodes").delete()
    print(both)
    return 0


def _both_commit(name: str, is_fenced: bool) -> bool:
    """Whether two who lock the same row at the same time are both served."""
    row = Counter.objects.create(name=name)
    sides = [_connection(turn) for turn in (0, 1)]
    for side in sides:
        side.ensure_connection()  # which sees what was committed before
        side.set_autocommit(False)
    try:
        for turn, side in enumerate(sides):
            _lock_and_write(side.alias, row.pk, f"{name} {turn}", is_fenced)
        return [_commits(side) for side in sides] == [True, True]
    finally:
        for side in sides:
            side.close()


def _connection(turn: int):
    """One whose first node is the first, or the second, of the cluster."""
    config = connections.settings["default"]
    known = [(config["HOST"], config["PORT"]), *nodes.parse(config["OPTIONS"]["others"])]
    (host, port), *rest = known[turn:] + known[:turn]
    others = ",".join(f"{name}:{number}" for name, number in rest)
    connections.settings[f"side{turn}"] = {
        **config, "HOST": host, "PORT": port, "OPTIONS": {**config["OPTIONS"], "others": others},
    }  # fmt: skip
    return connections[f"side{turn}"]


def _lock_and_write(alias: str, key: int, name: str, is_fenced: bool) -> None:
    locked = Counter.objects.using(alias).select_for_update().filter(pk=key)
    (fences.fenced(locked) if is_fenced else locked).get()
    Counter.objects.using(alias).create(name=name)


def _commits(side) -> bool:
    try:
        side.commit()
    except OperationalError as error:
        if error.args[0] != 1213:
            raise
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
