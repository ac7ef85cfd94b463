"""The first page anybody sees, and the pages that say no."""

import html5lib
import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string

from clinic.core.models import Institution


def valid(html: str) -> str:
    html5lib.HTMLParser(strict=True).parse(html)
    return html


@pytest.mark.django_db
def test_the_sign_in_page_names_the_clinic(client):
    Institution.objects.create(name="青溪社区卫生服务站", short_name="青溪")

    html = valid(client.get("/login/", secure=True).content.decode())

    assert "<h1>青溪社区卫生服务站</h1>" in html


@pytest.mark.django_db
def test_a_wrong_password_keeps_the_name_and_never_the_password(client, frontdesk):
    data = {"username": "frontdesk", "password": "not-the-right-one"}

    html = valid(client.post("/login/", data, secure=True).content.decode())

    assert 'value="frontdesk"' in html
    assert 'role="alert"' in html
    assert "not-the-right-one" not in html


@pytest.mark.django_db
def test_large_type_before_sign_in_is_kept_by_the_browser(client):
    client.post("/type-large/", {"next": "/login/"}, secure=True)

    html = valid(client.get("/login/", secure=True).content.decode())

    assert 'class="type-large"' in html


@pytest.mark.django_db
def test_a_missing_page_keeps_the_menu_and_says_what_was_not_done(as_, frontdesk):
    response = as_(frontdesk).get("/nothing-here/")

    html = valid(response.content.decode())
    assert response.status_code == 404
    assert 'class="rail"' in html
    assert 'class="empty"' in html


@pytest.mark.django_db
def test_the_busy_page_keeps_what_was_sent_but_no_password(rf):
    typed = {"name": '王"秀英', "drug": ["1", "2"], "signature_password": "secret-word"}
    request = rf.post("/patients/new/", {**typed, "csrfmiddlewaretoken": "old-token"})
    request.user = AnonymousUser()

    html = valid(render_to_string("503.html", request=request))

    assert 'name="name" value="王&quot;秀英"' in html
    assert html.count('name="drug"') == 2
    assert 'action="/patients/new/"' in html
    assert "secret-word" not in html
    assert "old-token" not in html


@pytest.mark.parametrize(
    "page", ["400.html", "403.html", "404.html", "405.html", "503.html", "500.html", "no_room.html"]
)
def test_every_page_that_says_no_can_be_drawn_without_a_request(page):
    html = valid(render_to_string(page))

    assert html.count("btn-primary") == 1
