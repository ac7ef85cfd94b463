"""Bytes that no client library would send, to the served clinic, past nginx and past granian.

python -m tests.hostile.wire [--front nginx|granian|both]
"""

import argparse
import contextlib
import re
import shutil
import socket
import ssl
import sys
import tempfile
import time
from pathlib import Path

import requests

from tests.browser import installation
from tests.hostile import forms, values
from tests.installer.tools import Served, trusting

SECONDS = 12
# A front says so of what is no HTTP of its version; all other 5xx are faults.
NO_HTTP = {501, 505}
PAGES = ("/", "/login/", "/patients/", "/patients/new/", "/healthz", "/static/x.css", "/display/")
ODD_PATHS = (
    *(b"/\xff\xfe", b"/%ff%fe/", b"/%00", b"/%", b"/%zz", b"//", b"///login/", b"/..%2f..%2fetc/"),
    *(
        b"/./../../etc/passwd",
        b"/static/../../../etc/passwd",
        b"/static/%2e%2e/%2e%2e/keyring.json",
    ),
    *(
        b"/static/..%5c..%5c.env",
        b"/static/%00.css",
        b"/\\evil/",
        b"*",
        b"http://evil.invalid/login/",
    ),
    *(b"evil.invalid:443", b"/" + b"a" * 7000, b"/" + b"a" * 70_000, b"/?" + b"a=1&" * 1500),
    *(b"/login/;jsessionid=1", b"/login/#x", b"/login/ x", b"/login/\tx", b"/login/\xe4\xbd\xa0"),
    *("/login/?next=\u202e".encode(), b"/login/?next=//evil.invalid", b"/login/?next=http://["),
    *(b"/display/%d0%80/", b"/booking/?%ff=%fe", b"/admin/%2e%2e/", b"/pharmacy/stock/\xc0\xaf/"),
)
ODD_HEADERS = (
    *(
        b"Host: ",
        b"Host: \xff\xfe",
        b"Host: a b",
        b"Host: evil.invalid",
        b"Host: localhost:99999999",
    ),
    *(b"Host: [::1", b"Host: localhost\r\nHost: evil.invalid", b"Host: " + b"a" * 5000),
    *(b"Accept-Language: \xff\xfe;q=\xff", b"Accept-Language: " + b"zh," * 1500),
    *(b"Accept-Language: zh-CN;q=1e999", b"Accept-Language: ../../x", b"Accept-Language: \x7f"),
    *(
        b"Cookie: \xff\xfe=\xff",
        b"Cookie: =;;=",
        b'Cookie: a="\\400\\777"',
        b"Cookie: " + b"a=b;" * 1500,
    ),
    *(b"Cookie: sessionid=\x01\x02", b"Cookie: __Host-x-session=" + b"a" * 6000),
    *(b"Referer: http://[", b"Referer: \xff\xfe", b"Referer: javascript:hxcanary()"),
    *(b"User-Agent: \xff\xfe" + b"x" * 3000, b"User-Agent: ", b"User-Agent: <script>hxcanary()"),
    *(b"X-Forwarded-For: \xff", b"X-Forwarded-For: " + b"1.1.1.1," * 800, b"X-Forwarded-For: ::::"),
    *(b"X-Forwarded-Proto: http", b"X-Forwarded-Host: evil.invalid", b"X-Real-IP: \x80"),
    *(b"Origin: http://[", b"Origin: null", b"Origin: \xff\xfe", b"Origin: https://[::1"),
    *(b'If-None-Match: \xff"', b"If-None-Match: " + b'"a",' * 1500, b"If-Modified-Since: \xff"),
    *(b"If-Modified-Since: Mon, 01 Jan 0000 00:00:00 GMT", b"Range: bytes=99999999999999999999-"),
    *(b"Range: bytes=" + b"0-1," * 1500, b"Accept-Encoding: \xff", b"Accept-Encoding: gzip;q=x"),
    *(b"Content-Length: -1", b"Content-Length: 99999999999999999999", b"Content-Length: +5"),
    *(
        b"Content-Length: 5\r\nContent-Length: 6",
        b"Content-Length: \xd9\xa3",
        b"Content-Length: 0x5",
    ),
    *(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked\r\nContent-Length: 3"),
    *(b"Transfer-Encoding: xchunked", b"Transfer-Encoding : chunked", b"Expect: 100-continue"),
    *(b"Expect: \xff", b"Connection: upgrade\r\nUpgrade: websocket", b"Upgrade: h2c"),
    *(b"X-CSRFToken: \xff\xfe", b"X-\xff: 1", b": 1", b"NoColon", b" folded: 1", b"A: b\r\n c"),
    *(
        b"A: \x00",
        b"\x00: a",
        b"A: " + b"b" * 40_000,
        b"X_FORWARDED_FOR: 6.6.6.6",
        b"Proxy: http://x",
    ),
    *(b"\r\n".join(b"X-%d: 1" % n for n in range(3000)), b"Content-Type: \xff\xfe; charset=\xff"),
    *(b"Sec-Fetch-Mode: \xff", b"Authorization: Basic \xff", b"Content-Encoding: gzip"),
)
FIRST_LINES = (
    *(b"GET", b"GET /", b"\r\n\r\n", b"GET / HTTP/9.9", b"GET / HTTP/1.1x", b"GET / HTTP/0.9"),
    *(b"get / HTTP/1.1", b"G\xffT / HTTP/1.1", b"\x16\x03\x01\x02\x00", b"PRI * HTTP/2.0"),
    *(b"POST / HTTP/1.1", b"PUT /login/ HTTP/1.1", b"TRACE / HTTP/1.1", b"CONNECT a:1 HTTP/1.1"),
    *(
        b"OPTIONS * HTTP/1.1",
        b"X" * 9000 + b" / HTTP/1.1",
        b"GET  /  HTTP/1.1",
        b"GET\t/\tHTTP/1.1",
    ),
    *(b"DELETE /patients/ HTTP/1.1", b"HEAD / HTTP/1.0", b"PROPFIND / HTTP/1.1", b"\xff" * 500),
)


def bodies(token: str):
    """(title, headers, body) of forms that are none; the token is the page's own."""
    csrf = b"csrfmiddlewaretoken=" + token.encode() + b"&"
    parts = forms.multipart([("csrfmiddlewaretoken", token), ("username", "x")])
    kind = forms.MULTIPART.encode()
    form = b"application/x-www-form-urlencoded"
    yield "no bytes of text", form, csrf + b"username=%ff%fe\xff\xfe&password=\x00"
    yield "half a pair", form, csrf + b"username=\xed\xa0\x80&password=%ed%a0%80"
    yield "charset utf-7", form + b"; charset=utf-7", csrf + b"username=+ADw-script"
    yield "charset none", form + b"; charset=\xff", csrf + b"username=a"
    yield "charset base64", form + b"; charset=base64", csrf + b"username=a"
    yield "charset idna", form + b"; charset=idna", csrf
    yield "charset hex", kind + b"; charset=hex", parts
    yield "many fields", form, csrf + b"a=1&" * 2500
    yield "many semicolons", form, csrf + b"a=1;" * 20_000
    yield "long", form, csrf + b"username=" + b"x" * 3_000_000
    yield "parts", kind, parts
    yield "parts cut off", kind, parts[:-30]
    yield "parts of nothing", kind, b""
    yield "parts without an end", kind, parts.replace(b"--\r\n", b"")
    yield "border too long", b"multipart/form-data; boundary=" + b"b" * 3000, parts
    yield "border of bytes", b"multipart/form-data; boundary=\xff\xfe", parts
    yield "border in words", b"multipart/form-data; boundary*=utf-8''%ff", parts
    yield (
        "parts many",
        kind,
        b"".join(
            b"--" + forms.BOUNDARY.encode() + b'\r\nContent-Disposition: form-data; name="f"; '
            b'filename="x"\r\n\r\nx\r\n'
            for _ in range(3000)
        ),
    )
    yield "part names", kind, parts.replace(b'name="username"', b'name="\xff\xfe\x00"; filename*=x')
    yield (
        "part headers",
        kind,
        parts.replace(b'name="username"', b'name="u"; filename="' + b"../" * 3000 + b'x"'),
    )
    yield "JSON", b"application/json", b"[" * 100_000
    yield "nothing said", b"", csrf + b"username=a"
    yield "XML", b"text/xml", b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><x>&e;</x>"


class Wire:
    """One served clinic and what it answered."""

    def __init__(self, root: Path, port: int):
        self.root, self.port, self.context = root, port, trusting(root)
        self.faults: list[str] = []
        self.count = 0
        self.answers: dict[str, int] = {}
        self.session = requests.Session()
        self.session.trust_env = False  # an authority of the machine's would take ours away
        self.session.verify = str(root / "tls" / "ca.crt")
        self.base = f"https://localhost:{port}"

    def sign_in(self, name: str) -> bytes:
        """A Cookie header of somebody who works here."""
        page = self.session.get(f"{self.base}/login/", timeout=30)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)[1]
        typed = {"username": name, "password": installation.PASSWORD, "csrfmiddlewaretoken": token}
        head = {"Referer": f"{self.base}/login/"}
        done = self.session.post(f"{self.base}/login/", data=typed, headers=head, timeout=60)
        assert "/login/" not in done.url, "the doctor can't sign in"
        page = self.session.get(f"{self.base}/password/", timeout=30)
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
        self.token = found[1] if found else ""
        jar = "; ".join(f"{c.name}={c.value}" for c in self.session.cookies)
        return f"Cookie: {jar}\r\n".encode()

    def send(self, title: str, raw: bytes) -> None:
        began, answer = time.monotonic(), b""
        try:
            with (
                socket.create_connection(("localhost", self.port), SECONDS) as plain,
                self.context.wrap_socket(plain, server_hostname="localhost") as line,
            ):
                with contextlib.suppress(OSError):  # thrown out while still speaking
                    line.sendall(raw)
                line.settimeout(SECONDS)
                while len(answer) < 300_000 and (piece := line.recv(65536)):
                    answer += piece
        except (OSError, ssl.SSLError):
            pass
        self._judge(title, answer, time.monotonic() - began)

    def _judge(self, title: str, answer: bytes, took: float) -> None:
        self.count += 1
        found = re.match(rb"HTTP/1\.[01] (\d{3})", answer)
        status = int(found[1]) if found else 0
        self.answers[str(status)] = self.answers.get(str(status), 0) + 1
        head, _mark, body = answer.partition(b"\r\n\r\n")
        if status >= 500 and status not in NO_HTTP:
            self.faults.append(f"{status}: {title}")
        if b"root:x:0" in body or b"clinic-keyring" in body:
            self.faults.append(f"a file of the machine: {title}")
        if b"<script>hxcanary" in body or b"evil.invalid" in head:
            self.faults.append(f"carried out: {title}")
        if took > SECONDS + 8:
            self.faults.append(f"{took:.0f} s: {title}")

    def everything(self, cookie: bytes) -> None:
        end = b"Connection: close\r\n\r\n"
        host = b"Host: localhost\r\n"
        for path in ODD_PATHS:
            for jar in (b"", cookie):
                self.send(
                    f"path {path[:40]!r}", b"GET " + path + b" HTTP/1.1\r\n" + host + jar + end
                )
        for line in FIRST_LINES:
            self.send(f"first line {line[:40]!r}", line + b"\r\n" + host + cookie + end)
        for page in PAGES:
            for header in ODD_HEADERS:
                named = header.split(b":")[0].lower()
                begin = f"GET {page} HTTP/1.1\r\n".encode() + (b"" if named == b"host" else host)
                jar = b"" if named == b"cookie" else cookie
                self.send(f"{page} {header[:50]!r}", begin + jar + header + b"\r\n" + end)
        origin = f"Origin: {self.base}\r\n".encode()
        for page in ("/login/", "/patients/new/", "/drafts/", "/password/", "/booking/mine/"):
            for header in ODD_HEADERS:
                begin = f"POST {page} HTTP/1.1\r\n".encode() + host + cookie
                self.send(
                    f"POST {page} {header[:50]!r}",
                    begin + header + b"\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                    b"Content-Length: 3\r\n" + end + b"a=1",
                )
            for title, kind, body in bodies(self.token):
                head = f"POST {page} HTTP/1.1\r\nContent-Length: {len(body)}\r\n".encode()
                head += host + cookie + origin + b"Content-Type: " + kind + b"\r\n"
                self.send(f"POST {page} {title}", head + end + body)


def main() -> int:
    words = argparse.ArgumentParser(prog="python -m tests.hostile.wire", description=__doc__)
    words.add_argument("--front", default="both", choices=["nginx", "granian", "both"])
    asked = words.parse_args()
    root = Path(tempfile.mkdtemp(prefix="clinic-hostile-"))
    faults = 0
    try:
        clinic = installation.install(root)
        fronts = ["nginx", "granian"] if asked.front == "both" else [asked.front]
        for front in fronts:
            with Served(installation.CHECKOUT, root, clinic.port, CLINIC_FRONT=front):
                faults += attack(root, clinic.port, front)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return bool(faults)


def attack(root: Path, port: int, front: str) -> int:
    log = root / "logs" / "serve.log"
    wire = Wire(root, port)
    wire.everything(wire.sign_in("doctor"))
    alive = wire.session.get(f"{wire.base}/healthz", timeout=30).status_code
    if alive != 200:
        wire.faults.append(f"afterwards /healthz says {alive}")
    told = "".join(p.read_text(errors="replace") for p in log.parent.glob("*.log"))
    if values.MARK + ".invalid" in told or "Traceback" in told:
        wire.faults.append("a traceback in the log")
        print(told[-3000:])
    print(f"{front}: {wire.count} requests, answers {dict(sorted(wire.answers.items()))}")
    print(*[f"  FAULT {fault}" for fault in wire.faults], sep="\n")
    return len(wire.faults)


if __name__ == "__main__":
    sys.exit(main())
