"""A clinic on three MariaDB Galera nodes and two application servers.

    python -m tests.faults.cluster [--visits 24] [--minutes 5] [--root DIR]

The second call takes up what the first one made. Needs Debian's `galera-4`, `mariadb-server` and
`rsync`. A command of its own, not in the suite. Exit status 0 only when everything held.
"""

import argparse
import contextlib
import signal
import sys
import time
from pathlib import Path

from tests.faults import cluster_trials, servers
from tests.faults.galera import Cluster, free_ports

PASSWORD = "demo-clinic-2026"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--root", type=Path, default=Path("/tmp/clinic-cluster"), help="where it all lies")
    add("--visits", type=int, default=24, help="patients of the simulated day")
    add("--minutes", type=float, default=5, help="real minutes that the day takes")
    add("--seed", type=int, default=int(time.time()) % 10_000, help="of the day; another each time")
    add("--only", action="append", choices=cluster_trials.NAMES, help="these trials alone")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # ends what was started
    faults = 0
    with running(options.root) as (cluster, served):
        stage = cluster_trials.Stage(
            cluster, served, PASSWORD, options.visits, options.minutes, options.seed
        )
        for trial in cluster_trials.TRIALS:
            if not options.only or trial.__name__ in options.only:
                faults += carried_out(trial, stage)
    print("everything held" if not faults else f"{faults} FAULTS", flush=True)
    return int(bool(faults))


def carried_out(trial, stage) -> int:
    """What it says line by line; the number of its faults."""
    print(f"\n{trial.__doc__}", flush=True)
    began, count = time.monotonic(), 0
    try:
        for fine, line in trial(stage):
            count += not fine
            print(f"  {'' if fine else 'WRONG: '}{line}", flush=True)
    except Exception as error:  # noqa: BLE001 - one that breaks down is a fault, the others go on
        count += 1
        print(f"  WRONG: broke down: {type(error).__name__}: {error}", flush=True)
    say(f"  {trial.__name__}", time.monotonic() - began)
    return count


@contextlib.contextmanager
def running(root: Path):
    """(cluster, [server A, server B]), all serving; ended and kept for the next time."""
    cluster, served = Cluster(root / "nodes"), []
    try:
        fresh = not (cluster.is_made and (root / "b").is_dir())
        cluster.make() if fresh else cluster.write_settings()
        say("three nodes synced", cluster.start_all())
        served += _set_up(cluster, root) if fresh else _again(cluster, root)
        for server in served:
            say(f"server {server.name} serves", server.start())
        yield cluster, served
    finally:
        for server in served:
            server.stop()
        cluster.stop_all()


def _set_up(cluster: Cluster, root: Path) -> list[servers.Server]:
    began = time.monotonic()
    first, second = free_ports(2)
    a = servers.install(root / "a", first, cluster.make_database(), PASSWORD)
    b = servers.join(a, root / "b", root / "shared", second)
    say("set up", time.monotonic() - began)
    return [a, b]


def _again(cluster: Cluster, root: Path) -> list[servers.Server]:
    ports, url = free_ports(2), cluster.url()
    return [
        servers.again(name.upper(), root / name, port, url)
        for name, port in zip("ab", ports, strict=True)
    ]


def say(what: str, seconds: float) -> None:
    print(f"{what:<60} {seconds:8.1f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
