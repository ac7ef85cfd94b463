"""Addresses of databases, as a person types them."""

import re
from urllib.parse import urlsplit


def without_password(url: str) -> str:
    """Also of what is no address at all: whoever mistyped it typed the password, too."""
    head, at, place = url.rpartition("@")
    return (
        re.sub(r"^((?:\w+:/+|(?!\w+:/))[^:/@]*):.*$", r"\1:...", head, flags=re.DOTALL) + at + place
    )


def is_whole(url: str) -> bool:
    """Whether it can be taken apart: a sign in the password that isn't written as %XX hides the
    rest, and what is then said of it would show parts of the password."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 # raises
    except ValueError:
        return False
    return bool(parts.hostname and not parts.fragment and parts.path.lstrip("/"))
