"""HEAD is answered like GET, without the body; it never does what a POST does."""

import pytest

from clinic.core.models import OnceToken
from tests.helpers import SecureClient


@pytest.fixture
def anybody(db) -> SecureClient:
    return SecureClient()


@pytest.mark.parametrize("url", ["/booking/", "/display/", "/login/", "/booking/mine/"])
def test_public_pages_answer_head_like_get_without_a_body(url, anybody):
    page = anybody.get(url)

    answer = anybody.head(url)

    assert page.status_code == 200 and page.content
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["Content-Type"] == page["Content-Type"]


def test_head_opens_nothing_that_get_refuses(anybody, doctor, as_):
    assert anybody.head("/registration/queue/").status_code == 302
    assert as_(doctor).head("/registration/queue/next/").status_code == 405
    assert not OnceToken.objects.exists()
