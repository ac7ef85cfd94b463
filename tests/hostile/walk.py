"""Every page a person comes to: the inventory's, then what they lead to, each kind a few times."""

import re
from collections import Counter, deque
from urllib.parse import parse_qsl, urlsplit

from django.urls import Resolver404, resolve

from security.access import mark_of
from security.permissions import P
from tests.hostile import forms, judge
from tests.hostile.lab import Request

NO_WALK = ("/logout/", "/security/logout")
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+")


def shape(address: str) -> str:
    """The kind of an address: its numbers and what is asked left out."""
    parts = urlsplit(address)
    names = sorted({name for name, _value in parse_qsl(parts.query, keep_blank_values=True)})
    try:
        path = resolve(parts.path).view_name
    except Resolver404:
        path = ID.sub("N", parts.path)
    if not names or str(path).startswith("admin:"):  # there each list has a hundred filters
        return str(path)
    return f"{path}?{'&'.join(names)}"


def is_shut(address: str, user) -> bool:
    """Whether the policy refuses this page to this person; a stranger only sees public ones."""
    try:
        match = resolve(urlsplit(address).path)
    except Resolver404:
        return False
    if match.app_names[:1] == ["admin"]:
        return user is None or not user.has_perm(P.ADMINISTER)
    mark = mark_of(match.func)
    return not mark.public and (user is None or not mark.allows(user))


def walked(lab, who: str, seeds: list[str], *, user=None, each: int = 2, most: int = 700):
    """(pages, forms) of everything `who` reaches."""
    waiting, seen, kinds = deque(dict.fromkeys(seeds)), set(), Counter()
    pages, found = [], {}
    while waiting and len(pages) < most:
        address = waiting.popleft()
        if address in seen or urlsplit(address).path.startswith(NO_WALK):
            continue
        if is_shut(address, user):
            continue
        kind = shape(address)
        if kinds[kind] >= each + (address in seeds):
            continue
        seen.add(address)
        kinds[kind] += 1
        answer = lab.send(who, Request("as it is", "GET", address, about=kind), "pages")
        if answer is None:
            continue
        if answer.status_code == 302 and answer["Location"].startswith("/"):
            waiting.append(answer["Location"].split("#")[0])
        if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
            if answer.status_code == 200:
                pages.append(address)
            continue
        pages.append(address)
        tree = forms.document(judge.body_of(answer))
        if tree is None:
            continue
        for form in forms.forms_of(tree, address):
            names = tuple(sorted(set(form.names)))
            key = (form.method, shape(form.action), names)
            found.setdefault(key, form)
        waiting.extend(forms.links_of(tree, address))
    return pages, list(found.values())
