"""Whoever ends TLS must keep serving others while some clients are silent or slow."""

import contextlib
import http.client
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time

import pytest
from cryptography import x509

from tests.installer.tools import VENV, Served, environment, get, trusting

pytestmark = pytest.mark.installer
SILENT = 40
SLOW = 16
PROBES = 8
PATIENCE = 3.0


@contextlib.contextmanager
def silent_connections(port: int):
    """Connections that never say a word."""
    with contextlib.ExitStack() as stack:
        for _ in range(SILENT):
            stack.enter_context(socket.create_connection(("127.0.0.1", port), 5))
        yield


@contextlib.contextmanager
def slow_requests(context: ssl.SSLContext, port: int):
    """Requests that arrive byte by byte, for as long as the block lasts."""
    stop = threading.Event()
    threads = [
        threading.Thread(target=_drip, args=(context, port, stop), daemon=True) for _ in range(SLOW)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(10)


def _drip(context: ssl.SSLContext, port: int, stop: threading.Event) -> None:
    with contextlib.suppress(OSError):  # being thrown out is what they deserve
        with (
            socket.create_connection(("127.0.0.1", port), 10) as raw,
            context.wrap_socket(raw, server_hostname="localhost") as client,
        ):
            for byte in b"GET /login/ HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + b"a" * 200:
                client.sendall(bytes([byte]))
                if stop.wait(0.5):
                    return


@pytest.mark.parametrize("front", ["nginx", "granian"])
def test_silent_and_slow_clients_do_not_keep_others_waiting(installed, front):
    data, port = installed.data, installed.port
    with Served(installed.checkout, data, port, CLINIC_FRONT=front):
        with silent_connections(port), slow_requests(trusting(data), port):
            time.sleep(1)

            times = [time_of_a_page(data, port) for _ in range(PROBES)]

    assert max(times) < PATIENCE, times


def time_of_a_page(data, port) -> float:
    began = time.monotonic()
    status, _ = get(data, port, "/healthz", timeout=PATIENCE)
    assert status == 200
    time.sleep(0.3)
    return time.monotonic() - began - 0.3


@pytest.mark.parametrize("front", ["nginx", "granian"])
def test_a_request_in_flight_is_finished_when_the_clinic_stops(installed, front):
    """The front has asked for its body (so it has taken it); then SIGTERM comes."""
    data, port = installed.data, installed.port
    with (
        Served(installed.checkout, data, port, CLINIC_FRONT=front) as served,
        socket.create_connection(("127.0.0.1", port), 20) as raw,
        trusting(data).wrap_socket(raw, server_hostname="localhost") as client,
    ):
        client.sendall(half_a_sign_in(data, port))
        assert client.recv(4096).startswith(b"HTTP/1.1 100")
        served.process.terminate()
        time.sleep(0.5)
        client.sendall(b"username=a")
        answer = http.client.HTTPResponse(client)
        answer.begin()
        page = answer.read()  # IncompleteRead, had it been cut

        assert served.process.wait(30) == 0
    assert answer.status == 403  # a wrong token: the clinic itself has answered
    assert page.rstrip().endswith(b"</html>")


def half_a_sign_in(data, port) -> bytes:
    """Without its body. Cookie and referer are right, so the clinic looks for a token in there."""
    connection = http.client.HTTPSConnection("localhost", port, context=trusting(data))
    with contextlib.closing(connection):
        connection.request("GET", "/login/")
        cookie = connection.getresponse().headers["Set-Cookie"].partition(";")[0]
    return (
        "POST /login/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Cookie: {cookie}\r\nReferer: https://localhost/\r\nContent-Length: 10\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nExpect: 100-continue\r\n\r\n"
    ).encode()


@pytest.mark.parametrize("front", ["nginx", "granian"])
def test_a_new_certificate_is_taken_without_a_restart_of_the_clinic(installed, front):
    data, port = installed.data, installed.port
    with Served(installed.checkout, data, port, CLINIC_FRONT=front) as served:
        old = serial_number(port)
        (data / "tls" / "server.crt").unlink()

        done = subprocess.run(
            [sys.executable, installed.checkout / "installer" / "setup", "housekeeping", data],
            env=environment(CLINIC_VENV=VENV),
        )

        assert done.returncode == 10
        served.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 20
        while serial_number(port) in (old, None) and time.monotonic() < deadline:
            time.sleep(0.2)
        assert serial_number(port) not in (old, None)


def serial_number(port: int) -> int | None:
    """Of the certificate that is shown; None while nobody listens."""
    try:
        pem = ssl.get_server_certificate(("localhost", port), timeout=5)
    except OSError:
        return None
    return x509.load_pem_x509_certificate(pem.encode()).serial_number


def test_plain_http_on_the_port_is_sent_to_https(installed):
    with Served(installed.checkout, installed.data, installed.port, CLINIC_FRONT="nginx"):
        with socket.create_connection(("127.0.0.1", installed.port), 5) as client:
            client.sendall(b"GET /login/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")

            answer = client.recv(4096)

    assert answer.startswith(b"HTTP/1.1 301")


def test_the_log_of_requests_holds_no_query(installed):
    with Served(installed.checkout, installed.data, installed.port, CLINIC_FRONT="nginx"):
        get(installed.data, installed.port, "/login/?next=/patients/&q=canary-7788")

    logs = "".join(p.read_text() for p in (installed.data / "logs").glob("*.log"))
    assert "/login/" in logs
    assert "canary-7788" not in logs
