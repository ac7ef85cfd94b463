"""Ports that servers of the tests may listen on."""

import socket
import threading
from random import SystemRandom

from installer.setup.machine import listen_addresses

# Below those that the system gives to connections: one of these may be held by a connection that
# was just closed, which only a server that listens on all addresses finds out. And above 10080,
# the last one that a browser refuses to open.
FIRST, AFTER = 10_100, 32_768
_given: set[int] = set()  # by this process; each only once
_giving = threading.Lock()


def free_port() -> int:
    """Nobody listens there, on any address, and nobody here was given it."""
    with _giving:
        while True:
            port = SystemRandom().randrange(FIRST, AFTER)
            if port not in _given and _is_free(port):
                _given.add(port)
                return port


def _is_free(port: int) -> bool:
    for family, address in listen_addresses():
        with socket.socket(family) as probe:
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                probe.bind((address, port))
            except OSError:
                return False
    return True
