"""One connection to a cluster: to the first of its nodes that serves, so that writes go to one.

All processes go through the nodes in the same order. When the first dies, everybody's next
connection is to the second; once it is back, new connections are to it again. For the minute in
which both are written to, `clinic.core.transactions.lock` makes row locks count on all nodes.
"""

import logging
import threading
import time

from django.db.backends.mysql.base import Database

from clinic.databases.cluster import nodes
from clinic.databases.mysql import base

log = logging.getLogger("clinic.cluster")
CONNECT_SECONDS = 3
AVOIDED_SECONDS = 20  # a machine that does not answer costs its time-out once, not at each request
STATE = (
    "SHOW GLOBAL STATUS WHERE variable_name IN "
    "('wsrep_ready', 'wsrep_cluster_status', 'wsrep_local_state_comment')"
)

_avoided: dict[str, float] = {}  # address -> until when others are asked first
_guard = threading.Lock()


class DatabaseWrapper(base.DatabaseWrapper):
    """What is different from one server: which one, and when a connection is still good."""

    is_cluster = True

    def get_connection_params(self):
        params = super().get_connection_params()
        params.setdefault("connect_timeout", CONNECT_SECONDS)
        usual = (params["host"], params.get("port", nodes.PORT))
        self._nodes = [usual, *nodes.parse(params.pop("others", ""))]
        return params

    def get_new_connection(self, conn_params):
        failure = None
        for needs_synced in (True, False):  # one that others copy from is slow, not wrong
            for host, port in in_order(self._nodes):
                try:
                    return self._open({**conn_params, "host": host, "port": port}, needs_synced)
                except Database.Error as error:
                    failure = error
                    avoid(host, port)
        raise failure

    def _open(self, params: dict, needs_synced: bool):
        connection = super().get_new_connection(params)
        try:
            require_serving(connection, needs_synced)
        except BaseException:
            connection.close()
            raise
        self.node = f"{params['host']}:{params['port']}"
        return connection

    def is_usable(self):
        """Asked once a request, which then sees everything that was committed before it."""
        try:
            ask(self.connection, nodes.CAUGHT_UP)
        except Database.Error:
            return False
        return True


def in_order(known: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """As they are named, those that just failed last."""
    now = time.monotonic()
    return sorted(known, key=lambda node: _avoided.get("{}:{}".format(*node), 0) > now)


def avoid(host: str, port: int) -> None:
    address = f"{host}:{port}"
    with _guard:
        if _avoided.get(address, 0) < time.monotonic():
            log.warning("database node %s does not serve; the next one is asked", address)
        _avoided[address] = time.monotonic() + AVOIDED_SECONDS


def require_serving(connection, needs_synced: bool) -> None:
    """A server that is no part of a cluster is refused: what it was told would be nowhere else."""
    rows = ask(connection, STATE)
    found = {str(name).lower(): str(value) for name, value in rows}
    if found.get("wsrep_ready") != "ON" or found.get("wsrep_cluster_status") != "Primary":
        raise Database.OperationalError(nodes.NOT_READY, "the node does not serve (wsrep_ready)")
    if needs_synced and found.get("wsrep_local_state_comment") != "Synced":
        raise Database.OperationalError(nodes.NOT_READY, "the node is not synced yet")
    ask(connection, nodes.CAUGHT_UP)


def ask(connection, sql: str) -> list[tuple]:
    cursor = connection.cursor()
    try:
        cursor.execute(sql)
        return list(cursor.fetchall() or ())
    finally:
        cursor.close()
