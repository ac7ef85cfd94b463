"""The strict headers stand on every answer: refusals, faults and files as well."""

from pathlib import Path

import pytest

from tests.helpers import SecureClient
from tests.security.test_own_sessions import STRICT, assert_strict

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("url", "status"), [("/fault/", 500), ("/busy/", 503), ("/full/", 503)])
def test_a_fault_carries_the_strict_headers(settings, url, status):
    settings.ROOT_URLCONF = "tests.security.failing_urls"
    client = SecureClient(raise_request_exception=False)

    response = client.get(url)

    assert response.status_code == status
    assert_strict(response, url)


def test_a_page_that_the_role_does_not_open_carries_them(nurse, as_):
    response = as_(nurse).get("/security/")

    assert response.status_code == 403
    assert_strict(response, "/security/")


def test_a_form_without_its_token_carries_them(db):
    response = SecureClient(enforce_csrf_checks=True).post("/login/", {})

    assert response.status_code == 403
    assert_strict(response, "/login/")


def test_the_page_of_somebody_locked_out_carries_them(db):
    client = SecureClient()
    for _try in range(5):
        response = client.post("/login/", {"username": "nobody", "password": "wrong"})

    assert response.status_code == 429
    assert_strict(response, "/login/")


def test_a_static_file_carries_them_and_may_be_kept(settings):
    Path(settings.STATIC_ROOT, "headers-trial.css").write_text("b{}")

    response = SecureClient().get("/static/headers-trial.css")
    response.close()

    assert response.status_code == 200
    for name in STRICT.keys() - {"Cache-Control"}:
        assert STRICT[name] in response.headers.get(name, ""), name
    assert "no-store" not in response.headers["Cache-Control"]
