"""The application seen through one of `listeners.py`, where no nginx stands before it.

Served by a granian of its own on the listener's port; CLINIC_LISTENER names which one it is.
"""

import os
import re
from importlib import import_module
from pathlib import Path

from installer.setup import envfile, listeners
from installer.setup.listeners import HERE, Listener

APPLICATION = "clinic.wsgi"

NOTHING = (HERE / "pages" / "nothing.html").read_bytes()
HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Length", str(len(NOTHING))),
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"),
    ("X-Content-Type-Options", "nosniff"),
]
CLAIMS = ["HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST"]


class Narrow:
    """A WSGI application that lets a few paths through to another one."""

    def __init__(self, inner, listener: Listener):
        self.inner, self.listener = inner, listener
        self.served = re.compile(listeners.pattern(listener))
        self.client = re.compile(listeners.client_pattern(listener)) if listener.proxies else None

    def __call__(self, environ, start_response):
        only_from = self.listener.only_from
        is_stranger = only_from and environ.get("REMOTE_ADDR") not in only_from
        if is_stranger or not self.served.fullmatch(environ.get("PATH_INFO", "")):
            start_response("404 Not Found", HEADERS)
            return [b"" if environ["REQUEST_METHOD"] == "HEAD" else NOTHING]
        if self.listener.cookies:
            return self.inner(self.told(environ), start_response)
        return self.inner(self.told(environ), without_cookies(start_response))

    def told(self, environ: dict) -> dict:
        """What the proxy in front says of the browser; what the browser claims is dropped."""
        chain = environ.get("HTTP_X_FORWARDED_FOR", "")
        found = self.client.search(chain) if self.client else None
        kept = {name: value for name, value in environ.items() if name not in CLAIMS}
        if not self.listener.cookies:
            kept.pop("HTTP_COOKIE", None)
        if found:
            kept["REMOTE_ADDR"] = found[1]
        kept["wsgi.url_scheme"] = self.listener.scheme
        if self.listener.host:
            kept["HTTP_HOST"] = self.listener.host
        return kept


def without_cookies(start_response):
    """The same answer, but nothing that a browser would keep."""

    def start(status, headers, *rest):
        kept = [(name, value) for name, value in headers if name.lower() != "set-cookie"]
        return start_response(status, kept, *rest)

    return start


def chosen() -> Listener:
    """The listener that this process is."""
    wanted = listeners.wanted(envfile.read(Path(os.environ["CLINIC_DATA_DIR"]) / ".env"))
    return next(one for one in wanted if one.name == os.environ["CLINIC_LISTENER"])


def __getattr__(name: str):
    """`application` is made when the server asks for it, so that the class can be tried alone."""
    if name == "application":
        return Narrow(import_module(APPLICATION).application, chosen())
    raise AttributeError(name)
