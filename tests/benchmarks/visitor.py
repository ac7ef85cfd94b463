"""A person's browser of the benchmark: one open connection, cookies sent by hand, forms filled in.

The cookies are Secure and the listener is plain, so no cookie jar of a library would send them.
"""

import gzip
import http.client
import time
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import urlencode

import brotli
from lxml import html

from tests.browser.installation import PASSWORD

UNPACKED = {"gzip": gzip.decompress, "br": brotli.decompress, None: bytes}


@dataclass
class Answer:
    status: int
    body: bytes  # as it was sent
    headers: http.client.HTTPMessage
    ms: float  # waited
    cpu: float  # milliseconds that the server computed

    @property
    def text(self) -> str:
        unpack = UNPACKED[self.headers.get("Content-Encoding")]
        return unpack(self.body).decode()

    @property
    def page(self) -> html.HtmlElement:
        return html.fromstring(self.text)


class Visitor:
    """`get` and `post` measure from the first byte sent to the last one read, and what the
    server computed meanwhile."""

    def __init__(self, served, name: str = ""):
        self.served, self.link, self.jar = served, served.connection(), SimpleCookie()
        self.host = f"localhost:{served.port}"
        if name:
            self.sign_in(name)

    def get(self, path: str) -> Answer:
        return self._ask("GET", path)

    def post(self, path: str, fields: dict) -> Answer:
        return self._ask("POST", path, urlencode(fields, doseq=True))

    def _ask(self, method: str, path: str, body: str | None = None) -> Answer:
        headers = {
            "Host": self.host,
            "Cookie": "; ".join(f"{key}={one.value}" for key, one in self.jar.items()),
            "Referer": f"https://{self.host}/",
            "Accept-Encoding": "gzip, deflate, br",  # as a browser over HTTPS says
            "X-Forwarded-For": "127.0.0.1",
            "X-Forwarded-Proto": "https",
        }
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        computed, began = self.served.computed(), time.perf_counter()
        self.link.request(method, path, body, headers)
        answer = self.link.getresponse()
        content = answer.read()
        took = 1000 * (time.perf_counter() - began)
        cpu = 1000 * (self.served.computed() - computed)
        for value in answer.headers.get_all("Set-Cookie", []):
            self.jar.load(value)
        return Answer(answer.status, content, answer.headers, took, cpu)

    def sign_in(self, name: str) -> None:
        form = form_of(self.get("/login/"), "password")
        answer = self.post("/login/", {**form, "username": name, "password": PASSWORD})
        assert answer.status == 302, f"{name} can't sign in: {answer.status}"


def form_of(answer: Answer, field: str) -> dict[str, str]:
    """What the page's form with this field would send if nothing were typed."""
    assert answer.status == 200, f"{answer.status}: {answer.text[-2000:]}"
    for form in answer.page.forms:
        if field in form.inputs.keys():
            return _values(form)
    raise AssertionError(f"no form with {field}: {answer.text[-3000:]}")


def _values(form) -> dict[str, str]:
    chosen = form.xpath(".//input[@type='radio' and @checked]")  # lxml says "on" of an empty value
    said = {name: value for name, value in form.form_values() if value is not None}
    return said | {one.get("name"): one.get("value", "on") for one in chosen}


def complaints(answer: Answer) -> list[str]:
    """What the page says is wrong."""
    marked = answer.page.xpath("//*[@role='alert' or contains(@class, 'error')]")
    return [" ".join(one.text_content().split()) for one in marked]
