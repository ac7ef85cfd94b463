"""Every address of the URLconf with foreign and broken identifiers, parameters and methods."""

import random
import re
from pathlib import Path
from urllib.parse import quote, urlencode

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.hostile import values
from tests.hostile.lab import Request
from tests.hostile.walk import is_shut

READS = re.compile(r"""GET(?:\.get|\.getlist)?[\[(]["'](\w+)["']""")
METHODS = ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "post", "X")
PLACE = "00000000-0000-4000-8000-0000000000fe"
NUMBER = 987654321


def everything(resolver=None, space=""):
    """(name, converters) of every address, Django's administration included."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from everything(entry, inner)
        elif isinstance(entry, URLPattern) and entry.name:
            yield space + entry.name, entry.pattern.converters


def parameters() -> list[str]:
    """Every name that any view reads from an address."""
    names = {"o", "p", "q", "all", "e", "_popup", "_to_field", "_facets", "_changelist_filters"}
    for part in ("clinic", "patients", "pharmacy", "prescriptions", "registration", "security"):
        for file in Path(settings.BASE_DIR, part).rglob("*.py"):
            names |= set(READS.findall(file.read_text(encoding="utf-8")))
    return sorted(names)


def quoted(value) -> str:
    return quote(value if isinstance(value, bytes) else value.encode("utf-8", "replace"), safe="")


def of(name: str, converters: dict, things: dict):
    """(title, address) of this address with numbers of everything there is, and with nonsense."""
    kinds = {key: type(converter).__name__ for key, converter in converters.items()}
    plain = {"UUIDConverter": PLACE, "IntConverter": NUMBER}
    sample = {key: plain.get(kind, "hxplace") for key, kind in kinds.items()}
    try:
        address = reverse(name, kwargs=sample)
    except Exception:
        return  # Django's own by position; the walk knows them
    if not kinds:
        yield "as it is", address
        yield "with more", f"{address}x/..//%2e%2e/{values.MARK}"
        return
    for key, value in things.items():
        for mark in (str(NUMBER) if str(value).isdigit() else PLACE, "hxplace"):
            if mark in address:  # what no converter takes is among the nonsense
                yield f"of {key}", address.replace(mark, quoted(str(value)))
    for title, value in values.SHORT.items():
        for mark in (PLACE, str(NUMBER), "hxplace"):
            if mark in address:
                yield title, address.replace(mark, quoted(value))


def with_parameters(page: str, names: list[str], chance: random.Random):
    """A page with each of its own parameters, and with every name there is, in every value."""
    path, _mark, query = page.partition("?")
    own = [part.partition("=")[0] for part in query.split("&") if part]
    for title, value in values.SHORT.items():
        raw = value if isinstance(value, bytes) else value.encode("utf-8", "replace")
        for name in own:
            yield f"{name}: {title}", f"{path}?{urlencode({name: raw[:4000]})}"
        pairs = [(name, raw[:300]) for name in names]
        yield f"all: {title}", f"{path}?{urlencode(pairs)}"
        one = chance.choice(names)
        yield f"{one}: {title}", f"{path}?{urlencode({one: raw[:4000]})}"
    yield "a query that is none", f"{path}?%&=&&a=%ff%&[]=1&{'x&' * 3000}"


def some(who: str, page: str, things: dict, names, chance, count: int):
    """So many addresses with numbers of other things, and as many odd questions to a page."""
    taking = [(name, converters) for name, converters in everything() if converters]
    for name, converters in chance.sample(taking, count):
        for title, address in chance.sample(list(of(name, converters, things)) or [("", "/")], 1):
            yield "addresses", who, Request(title, "GET", address, about=name)
    for title, address in chance.sample(list(with_parameters(page, names, chance)), count):
        yield "parameters", who, Request(title, "GET", address, about=page)


def requests(who: str, user, things: dict, chance):
    """Every address with the number of everything there is; with nonsense, if it is theirs."""
    for name, converters in everything():
        for title, address in of(name, converters, things):
            foreign = title.startswith("of ")
            if not foreign and is_shut(address, user):
                continue
            yield "addresses", who, Request(title, "GET", address, about=name)
            if foreign or chance.random() < 0.1:
                yield "addresses", who, Request(title, "POST", address, b"", about=name)


def asked(who: str, pages: list[str], names: list[str], chance):
    """Pages with parameters that nobody sends, and by methods that no page takes."""
    for page in pages:
        for title, address in with_parameters(page, names, chance):
            yield "parameters", who, Request(title, "GET", address, about=page.partition("?")[0])
        for method in METHODS:
            body = chance.choice((b"", b"a=1", b"\0\xff", b"{"))
            yield "methods", who, Request("method", method, page, body, about=page)
