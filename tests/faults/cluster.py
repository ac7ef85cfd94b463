"""A clinic on three MariaDB Galera nodes and two application servers.

    python -m tests.faults.cluster

Needs Debian's `galera-4`, `mariadb-server` and `rsync`. A command of its own, not in the suite.
"""

import argparse
import contextlib
import sys
import time
from pathlib import Path

from tests.faults import servers
from tests.faults.galera import Cluster, free_ports

PASSWORD = "demo-clinic-2026"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, default=Path("/tmp/clinic-cluster"),
                        help="where it all lies; taken up again when it was made")  # fmt: skip
    options = parser.parse_args(arguments)
    with running(options.root) as (cluster, _served):
        print(f"{len(cluster.nodes)} nodes, 2 application servers", flush=True)
    return 0


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
    return [servers.again(name.upper(), root / name, port, url)
            for name, port in zip("ab", ports, strict=True)]  # fmt: skip


def say(what: str, seconds: float) -> None:
    print(f"{what:<60} {seconds:8.1f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
