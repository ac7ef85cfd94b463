"""Listeners beside the clinic's own: each serves a few pages alone and answers 404 to the rest.

What patients open from outside goes through one of them, so that no sign-in page, no chart and no
administration is there to be tried at. nginx holds them where it is the front (listener.conf.in);
without nginx each is a granian of its own behind `narrow.py`. Both ask `pattern`.
"""

import argparse
import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from installer.setup.machine import allowed_hosts, lan_addresses

NO_COOKIES = 'proxy_set_header Cookie ""; proxy_hide_header Set-Cookie;'
HERE = Path(__file__).resolve().parent
LOCAL = "127.0.0.1"
PUBLIC_PORT = 8444
MOST_PROXIES = 5

# What `--public-url` shows to the world: the beginnings of the addresses, and the static files
# that those pages link to. Every page below them is marked public (a test holds both together).
PUBLIC_PREFIXES = ("/booking/",)
PUBLIC_STATIC = (
    "vendor/bootstrap/bootstrap.min.css",
    "css/base.css",
    "css/public.css",
    "js/page.js",
    "js/keep.js",
)
# The patient's own place in the queue, which the slip's code leads to.
PLACE_PREFIXES = ("/display/place/",)
# What `--screen-port` shows in the house: a television can't be taught our certificate. Numbers
# and masked names, no cookies; nobody can sign in there.
SCREEN_PREFIXES = ("/display/",)
SCREEN_STATIC = ("css/display.css", "js/screen.js", "js/voice.js", "sound/chime.wav")


@dataclass(frozen=True)
class Listener:
    """A port that serves these prefixes and static files and nothing else, over plain HTTP.

    `proxies` reverse proxies or tunnels stand before it and end TLS; then `host` is the name in
    the browser, and the last but so many of X-Forwarded-For is the client. With none the clients
    come themselves, and the name is whichever they asked for. `only_from` shuts others out.
    """

    name: str  # small letters; part of nginx's variables
    port: int
    prefixes: tuple[str, ...]
    static: tuple[str, ...]
    host: str = ""
    proxies: int = 0
    address: str = LOCAL
    only_from: tuple[str, ...] = ()
    cookies: bool = True  # False: none comes in, none goes out

    @property
    def scheme(self) -> str:
        """What the browser speaks."""
        return "https" if self.proxies else "http"


def public(settings: dict[str, str]) -> list[Listener]:
    """The one that `--public-url` asks for, if it does."""
    url = settings.get("CLINIC_PUBLIC_URL", "")
    if not url:
        return []
    proxy = settings.get("CLINIC_PUBLIC_PROXY", "")
    return [
        Listener(
            name="public",
            port=int(settings.get("CLINIC_PUBLIC_PORT") or PUBLIC_PORT),
            prefixes=PUBLIC_PREFIXES + PLACE_PREFIXES,
            static=PUBLIC_STATIC + SCREEN_STATIC,
            host=urlsplit(url).netloc,
            proxies=int(settings.get("CLINIC_PUBLIC_PROXIES") or 1),
            address="0.0.0.0" if proxy else LOCAL,  # noqa: S104  # nosec B104 # one may come in
            only_from=(proxy,) if proxy else (),
        )
    ]


def screen(settings: dict[str, str]) -> list[Listener]:
    """The one that `--screen-port` asks for, if it does."""
    port = settings.get("CLINIC_SCREEN_PORT", "")
    if not port:
        return []
    return [
        Listener(
            name="screen",
            port=int(port),
            prefixes=SCREEN_PREFIXES,
            static=SCREEN_STATIC,
            address="0.0.0.0",  # noqa: S104  # nosec B104 # the televisions and phones of the house
            cookies=False,
        )
    ]


def wanted(settings: dict[str, str]) -> list[Listener]:
    """Every listener that this installation's settings ask for."""
    return public(settings) + screen(settings)


def screen_addresses(settings: dict[str, str]) -> list[str]:
    """Where televisions and phones in the house find the screens' listener."""
    hosts = allowed_hosts(lan_addresses())
    return [f"http://{host}:{one.port}" for one in screen(settings) for host in hosts]


def told(settings: dict[str, str]) -> dict[str, str]:
    """What the application is told at every start; an address of the clinic's own choice stays."""
    where = screen_addresses(settings)
    if not where or "CLINIC_SCREEN_ADDRESS" in settings:
        return {}
    return {"CLINIC_SCREEN_ADDRESS": where[0]}


def pattern(listener: Listener) -> str:
    """A regular expression of the paths that are served; nginx and Python read it alike.

    Of the path as it was sent: dots, per cent signs and the like are in no address of these pages,
    so nobody gets out of a prefix by spelling it differently.
    """
    pages = "|".join(re.escape(prefix) for prefix in listener.prefixes)
    files = "|".join(_hashed(name) for name in listener.static)
    return rf"^((?:{pages})[A-Za-z0-9_/-]*|/static/(?:{files}))$"


def _hashed(name: str) -> str:
    """A static file under the name that its content gives it."""
    stem, _, suffix = name.rpartition(".")
    return rf"{re.escape(stem)}\.[0-9a-f]{{12}}\.{re.escape(suffix)}"


def client_pattern(listener: Listener) -> str:
    """Finds the client in X-Forwarded-For: the nearest proxy wrote the last address, and so on."""
    return rf"(?:^|,)\s*([0-9A-Fa-f.:]+)(?:\s*,[^,]*){{{listener.proxies - 1}}}\s*$"


def nginx_blocks(listeners: Iterable[Listener], logs: Path) -> str:
    """The part of nginx's settings that opens them."""
    return "".join(_nginx_block(listener, logs) for listener in listeners)


def _nginx_block(listener: Listener, logs: Path) -> str:
    # A quoted expression of nginx: a backslash stays one, braces need the quotes.
    served = pattern(listener)
    client = f'"~{client_pattern(listener)}" $1;' if listener.proxies else ""
    allowed = [f"allow {address};" for address in listener.only_from]
    values = {
        "NAME": listener.name,
        "ADDRESS": listener.address,
        "PORT": str(listener.port),
        "SERVED": f"~{served[:-1]}(?:\\?.*)?$",
        "CLIENT": client,
        "ALLOW": " ".join([*allowed, "deny all;"]) if allowed else "",
        "HOST": listener.host or "$http_host",
        "SCHEME": listener.scheme,
        "COOKIES": "" if listener.cookies else NO_COOKIES,
        "PAGES": str(HERE / "pages"),
        "LOGS": str(logs),
    }
    text = (HERE / "listener.conf.in").read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def public_url(text: str) -> str:
    """`https://name` as patients will type it; 'none' takes it back."""
    if text == "none":
        return ""
    parts = urlsplit(text.rstrip("/"))
    name = re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?", parts.netloc)
    if parts.scheme != "https" or not name or parts.path or parts.query or parts.fragment:
        raise argparse.ArgumentTypeError(
            f"{text} is no public address; give https:// and a name, or none to take it back"
        )
    return f"https://{parts.netloc.lower()}"


def proxy_address(text: str) -> str:
    """The one address that may come in; 'none' means a proxy or tunnel on this machine."""
    if text == "none":
        return ""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text} is no address as 192.168.1.20; leave it out when the proxy runs here"
        ) from error


def hosts(settings: dict[str, str]) -> list[str]:
    """The public name, as ALLOWED_HOSTS wants it."""
    return list(filter(None, [urlsplit(settings.get("CLINIC_PUBLIC_URL", "")).hostname]))
