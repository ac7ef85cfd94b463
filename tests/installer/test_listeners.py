"""A listener beside the clinic's own port serves its few pages, and nothing else gets through."""

import contextlib
import http.client
import io
import json
import re
import socketserver
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler

import pytest

from installer.setup import envfile, fronts, listeners
from installer.setup.errors import SetupError
from installer.setup.listeners import Listener
from installer.setup.narrow import Narrow
from installer.setup.options import install_parser
from installer.setup.paths import DataDir
from tests.installer.tools import Served, get, one_sentence
from tests.ports import free_port

HASH = "0123456789ab"
SERVED = [
    "/booking/",
    "/booking/d/3/",
    "/booking/?day=2",
    f"/static/css/base.{HASH}.css",
    f"/static/vendor/bootstrap/bootstrap.min.{HASH}.css",
]
NOT_SERVED = [
    "/",
    "/login/",
    "/admin/",
    "/healthz",
    "/booking",
    "/bookings/",
    "/booking/../login/",
    "/booking/%2e%2e/login/",
    "/login/..%2fbooking/",
    "//booking/",
    "/login/?next=/booking/",
    "/static/css/base.css",
    f"/static/css/base.{HASH}.css.map",
    f"/static/js/kept.{HASH}.js",
    f"/static/css/baseX{HASH}.css",
]
SAID = {
    "X-Forwarded-For": "6.6.6.6, 203.0.113.9",
    "X-Forwarded-Host": "evil",
    "X-Real-IP": "6.6.6.6",
}


def public(port: int = 18444, proxies: int = 1, **fields) -> Listener:
    return Listener(
        name="public",
        port=port,
        prefixes=listeners.PUBLIC_PREFIXES,
        static=listeners.PUBLIC_STATIC,
        host="yuyue.example.cn",
        proxies=proxies,
        **fields,
    )


class Echo(BaseHTTPRequestHandler):
    """Stands for the application: tells what it was asked."""

    def do_GET(self):
        body = json.dumps({"path": self.path, **dict(self.headers)}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@contextlib.contextmanager
def nginx_before_an_echo(folder, settings: dict):
    data = DataDir(folder / "data")
    data.create()
    envfile.write(data.env, settings)
    conf = fronts.nginx_conf(data, folder, free_port())
    head, _, rest = conf.partition("    server {\n        listen")  # TLS has tests of its own
    (folder / "nginx.conf").write_text(head + rest[rest.index('    # The listener "') :])
    with contextlib.ExitStack() as stack:
        app = socketserver.ThreadingUnixStreamServer(str(folder / "app.sock"), Echo)
        app.daemon_threads = True
        threading.Thread(target=app.serve_forever, daemon=True).start()
        stack.callback(app.server_close)
        stack.callback(app.shutdown)
        nginx = subprocess.Popen(
            [fronts.find_nginx(), "-p", folder, "-e", "stderr", "-c", folder / "nginx.conf"]
        )
        stack.callback(nginx.wait, 20)
        stack.callback(nginx.terminate)
        yield


def ask(port: int, path: str, **headers) -> tuple[int, bytes]:
    deadline = time.monotonic() + 20
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        with contextlib.closing(connection):
            try:
                connection.request("GET", path, headers={**SAID, **headers})
                answer = connection.getresponse()
                return answer.status, answer.read()
            except ConnectionRefusedError:
                assert time.monotonic() < deadline
                time.sleep(0.05)


@pytest.mark.parametrize(("proxies", "client"), [("1", "203.0.113.9"), ("2", "6.6.6.6")])
def test_nginx_serves_the_prefixes_alone_and_tells_the_client_by_the_count_of_proxies(
    tmp_path, proxies, client
):
    port = free_port()
    settings = {
        "CLINIC_PUBLIC_URL": "https://yuyue.example.cn",
        "CLINIC_PUBLIC_PORT": str(port),
        "CLINIC_PUBLIC_PROXIES": proxies,
    }
    with nginx_before_an_echo(tmp_path, settings):
        served = {path: ask(port, path) for path in SERVED}
        refused = {path: ask(port, path)[0] for path in NOT_SERVED}

    assert {status for status, _ in served.values()} == {200}
    assert refused == dict.fromkeys(NOT_SERVED, 404)
    told = json.loads(served["/booking/?day=2"][1])
    assert told["path"] == "/booking/?day=2"
    assert told["Host"] == "yuyue.example.cn"
    assert told["X-Forwarded-For"] == client
    assert told["X-Forwarded-Proto"] == "https"
    assert not {"X-Forwarded-Host", "X-Real-Ip", "X-Real-IP"} & set(told)


def test_nginx_shuts_everybody_but_the_proxy_out(tmp_path):
    port = free_port()
    settings = {
        "CLINIC_PUBLIC_URL": "https://yuyue.example.cn",
        "CLINIC_PUBLIC_PORT": str(port),
        "CLINIC_PUBLIC_PROXY": "192.0.2.20",
    }
    with nginx_before_an_echo(tmp_path, settings):
        status, _ = ask(port, "/booking/")

    assert status == 403


def through(listener: Listener, path: str, address: str = "127.0.0.1", **said):
    """One request through the wrapper that stands for nginx: its status and what came through."""
    seen: list = []

    def application(environ, start_response):
        seen.append(environ)
        start_response("200 OK", [])
        return [b""]

    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path.partition("?")[0].replace("%2e", ".").replace("%2f", "/"),
        "REMOTE_ADDR": address,
        "HTTP_HOST": "evil",
        "HTTP_X_FORWARDED_FOR": SAID["X-Forwarded-For"],
        "HTTP_X_FORWARDED_PROTO": "http",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
    }
    status: list = []
    Narrow(application, listener)(environ, lambda line, headers: status.append(int(line[:3])))
    return status[0], seen[0] if seen else None


@pytest.mark.parametrize(("proxies", "client"), [(1, "203.0.113.9"), (2, "6.6.6.6")])
def test_without_nginx_the_wrapper_does_the_same(proxies, client):
    listener = public(proxies=proxies)

    served = {path: through(listener, path) for path in SERVED}

    assert {status for status, _ in served.values()} == {200}
    told = served["/booking/"][1]
    assert told["REMOTE_ADDR"] == client
    assert told["HTTP_HOST"] == "yuyue.example.cn"
    assert told["wsgi.url_scheme"] == "https"
    assert not {"HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO"} & set(told)
    # What decodes to a served path is served as that path; no other comes through.
    decoded = [path for path in NOT_SERVED if "%2f" not in path]
    assert {path: through(listener, path)[0] for path in decoded} == dict.fromkeys(decoded, 404)
    assert through(public(only_from=("192.0.2.20",)), "/booking/")[0] == 404


def test_a_listener_without_a_proxy_believes_nobody():
    listener = public(proxies=0)

    _, told = through(listener, "/booking/", address="192.168.1.7")

    assert told["REMOTE_ADDR"] == "192.168.1.7"
    assert told["wsgi.url_scheme"] == "http"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--public-url", "http://yuyue.example.cn"],
        ["--public-url", "https://yuyue.example.cn/booking/"],
        ["--public-url", 'https://a" ; return 200'],
        ["--public-proxy", "anywhere"],
        ["--public-proxies", "0"],
    ],
)
def test_an_address_that_can_not_be_is_refused_with_a_sentence(arguments):
    with pytest.raises(SetupError, match=arguments[0]):
        install_parser().parse_args(arguments)


def ask_as_a_proxy(port: int, path: str, **headers) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path, headers={"X-Forwarded-For": "203.0.113.9", **headers})
    answer = connection.getresponse()
    answer.text = answer.read().decode()
    connection.close()
    return answer


@pytest.mark.installer
def test_booking_alone_is_served_beside_the_clinic_by_both_fronts(installed):
    port = free_port()
    told = installed.install(
        *("--no-start", "--public-url", "https://yuyue.example.cn", "--public-port", str(port))
    )
    assert told.returncode == 0, told.stderr
    try:
        for front in ("nginx", "granian"):
            with Served(installed.checkout, installed.data, installed.port, CLINIC_FRONT=front):
                check_both_listeners(installed, port)
    finally:
        envfile.write(installed.data / ".env", {"CLINIC_PUBLIC_URL": ""})


def check_both_listeners(installed, port: int) -> None:
    wait_for(port)

    page = ask_as_a_proxy(port, "/booking/mine/", Host="something.else")
    linked = re.findall(r'"(/static/[^"]+)"', page.text)
    files = {name: ask_as_a_proxy(port, name).status for name in linked}
    others = {path: ask_as_a_proxy(port, path).status for path in NOT_SERVED}
    whole = [get(installed.data, installed.port, p)[0] for p in ("/login/", "/booking/")]

    assert page.status == 200
    cookies = page.headers.get_all("Set-Cookie")
    assert [c for c in cookies if "__Host-" in c and "Secure" in c] == cookies
    assert len(files) == len(listeners.PUBLIC_STATIC) and set(files.values()) == {200}
    assert others.pop("/login/..%2fbooking/") in (404, 200)  # 200: the booking page itself
    assert set(others.values()) == {404}
    assert whole == [200, 200]


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            return ask_as_a_proxy(port, "/booking/") and None
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


@pytest.mark.installer
def test_the_clinics_own_port_is_not_given_away(installed):
    before = envfile.read(installed.data / ".env")

    told = installed.install(
        *("--no-start", "--public-url", "https://yuyue.example.cn"),
        *("--port", str(installed.port), "--public-port", str(installed.port)),
    )

    assert one_sentence(told), told.stderr
    assert "--public-port" in told.stderr
    assert envfile.read(installed.data / ".env") == before
