"""Nobody can add a page that the budgets, axe and the Chinese crawl don't look at."""

from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from tests.browser.pages import PAGES, PARTS


def own_patterns(resolver=None):
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            if entry.app_name != "admin":
                yield from own_patterns(entry)
        elif isinstance(entry, URLPattern):
            yield entry


def is_looked_at(pattern) -> bool:
    """Whether the view answers GET; every view refuses OPTIONS by naming what it takes."""
    request = RequestFactory().options("/")
    request.user = AnonymousUser()
    answer = pattern.callback(request, **dict.fromkeys(pattern.pattern.converters, "1"))
    return "GET" in answer.headers.get("Allow", "GET")


def test_every_page_is_in_the_inventory():
    there_are = {pattern.name for pattern in own_patterns() if is_looked_at(pattern)}

    assert there_are - PARTS == {page.url_name for page in PAGES}
