"""Forty silent connections and sixteen that send a form, or read a page, byte by byte."""

import contextlib
import socket
import ssl
import threading
from pathlib import Path

from tests.faults.served import PASSWORD
from tests.faults.trial import Trial
from tests.installer.tools import trusting

SILENT, SLOW = 40, 16
SECONDS = 30
FORM = b"username=" + b"a" * 400
HEAD = (
    b"POST /login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\n" % len(FORM)
)
GET = b"GET /login/ HTTP/1.1\r\nHost: localhost\r\n\r\n"


def run(clinic, options, folder: Path) -> list[str]:
    trial = Trial(clinic, folder / "journal.jsonl", PASSWORD, options.seed)
    trial.begin()
    trial.wait_for_deeds(5)
    for number in range(1, options.times + 1):
        trial.during(f"{number}. nobody beside", SECONDS)
        served = trial.acknowledged()
        with Slow(clinic) as slow:
            trial.during(f"{number}. {SILENT} silent and {SLOW} slow ones beside", SECONDS)
        if trial.acknowledged() - served < 3:
            trial.wrong.append("people were not served beside slow connections")
        print(f"    slow ones thrown out: {slow.out} times")
        trial.must_go_on("slow clients")
    return trial.end()


class Slow:
    """They stay for as long as the block lasts, and come again when they are thrown out."""

    def __init__(self, clinic):
        self.port, self.context = clinic.port, trusting(clinic.data)
        self.over = threading.Event()
        self.out = 0
        jobs = [self._silent] * SILENT + [self._slow_form, self._slow_reader] * (SLOW // 2)
        self.threads = [threading.Thread(target=self._again, args=(job,)) for job in jobs]

    def __enter__(self) -> "Slow":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join()

    def _again(self, job) -> None:
        while not self.over.is_set():
            with contextlib.suppress(OSError):
                with socket.create_connection(("127.0.0.1", self.port), 10) as raw:
                    job(raw)
            self.out += not self.over.is_set()
            self.over.wait(0.5)

    def _silent(self, raw: socket.socket) -> None:
        raw.settimeout(1)
        while not self.over.is_set():
            with contextlib.suppress(TimeoutError):
                if not raw.recv(1):
                    return

    def _slow_form(self, raw: socket.socket) -> None:
        with self.context.wrap_socket(raw, server_hostname="localhost") as line:
            line.sendall(HEAD)
            for byte in FORM:
                line.sendall(bytes([byte]))
                if self.over.wait(0.5):
                    return

    def _slow_reader(self, raw: socket.socket) -> None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        with self.context.wrap_socket(raw, server_hostname="localhost") as line:
            for _ in range(20):
                line.sendall(GET)
            while not self.over.wait(0.5):
                if not _byte(line):
                    return


def _byte(line: ssl.SSLSocket) -> bytes:
    return line.recv(1)
