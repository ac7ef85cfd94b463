"""What stands before two application servers: each new connection goes to the other one.

Passes bytes; the servers hold the same certificate. One that does not take a connection is left
out, as by a balancer that looks after its servers.
"""

import asyncio
import contextlib
import threading
from collections import Counter


class Balancer:
    """Listens from `start` to `stop`; `taken` counts the connections of each server."""

    def __init__(self, ports: list[int]):
        self.ports, self.taken, self.port = ports, Counter(), 0
        self._turn = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def start(self) -> None:
        self._thread.start()
        listening = asyncio.start_server(self._serve, "127.0.0.1", self.port)
        server = asyncio.run_coroutine_threadsafe(listening, self._loop).result(10)
        self.port = server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    async def _serve(self, reader, writer) -> None:
        with contextlib.suppress(OSError):
            theirs = await self._connect()
            await asyncio.gather(_pump(reader, theirs[1]), _pump(theirs[0], writer))
        writer.close()

    async def _connect(self):
        for _port in self.ports:
            self._turn += 1
            port = self.ports[self._turn % len(self.ports)]
            with contextlib.suppress(OSError):
                found = await asyncio.open_connection("127.0.0.1", port)
                self.taken[port] += 1
                return found
        raise OSError("no server takes the connection")


async def _pump(reader, writer) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    with contextlib.suppress(OSError):
        writer.close()
