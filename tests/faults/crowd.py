"""Two hundred connections at the same moment, from as many addresses and from a single one."""

import socket
import ssl
import threading
import time
from collections import Counter
from pathlib import Path

from tests.faults.served import PASSWORD
from tests.faults.trial import Trial
from tests.installer.tools import trusting

CROWD = 200
PATIENCE = 60.0
REQUEST = (
    b"GET /login/ HTTP/1.1\r\nHost: localhost\r\nAccept-Language: zh-CN\r\n"
    b"Connection: close\r\n\r\n"
)
TOLD = {b"200": b"password", b"429": "系统".encode(), b"503": "系统".encode()}


def run(clinic, options, folder: Path) -> list[str]:
    trial = Trial(clinic, folder / "journal.jsonl", PASSWORD, options.seed)
    trial.begin()
    for number in range(1, options.times + 1):
        for spread in (True, False):
            trial.wait_for_deeds(2)
            crowd = Crowd(clinic, spread=spread)
            crowd.come()
            where = f"{CROWD} addresses" if spread else "one address"
            print(f"{number}. from {where}: {dict(crowd.answers)}, {crowd.slowest:.1f} s at most")
            trial.wrong += crowd.wrong
            if spread and set(crowd.answers) != {"200"}:
                trial.wrong.append(f"not everybody was served: {crowd.answers}")
            trial.must_go_on("crowd")
    return trial.end()


class Crowd:
    """All connect, wait for one another, and ask at once."""

    def __init__(self, clinic, *, spread: bool):
        self.port, self.context, self.spread = clinic.port, trusting(clinic.data), spread
        self.together = threading.Barrier(CROWD)
        self.answers: Counter = Counter()
        self.wrong: list[str] = []
        self.slowest = 0.0

    def come(self) -> None:
        threads = [threading.Thread(target=self._ask, args=(n,)) for n in range(CROWD)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _ask(self, number: int) -> None:
        own = (f"127.1.{number // 100}.{number % 100 + 1}" if self.spread else "127.1.9.9", 0)
        try:
            self.together.wait(PATIENCE)
            began = time.monotonic()
            with (
                socket.create_connection(("127.0.0.1", self.port), PATIENCE, own) as raw,
                self.context.wrap_socket(raw, server_hostname="localhost") as line,
            ):
                line.sendall(REQUEST)
                answer = b"".join(iter(lambda: _more(line), b""))
            self.slowest = max(self.slowest, time.monotonic() - began)
        except OSError as error:
            self.answers[type(error).__name__] += 1
            return
        status = answer[9:12]
        self.answers[status.decode()] += 1
        if TOLD.get(status, b"\0") not in answer:
            self.wrong.append(f"{status} without a word for people")


def _more(line: ssl.SSLSocket) -> bytes:
    try:
        return line.recv(65536)
    except ssl.SSLEOFError:  # closed without a goodbye, after the answer
        return b""
