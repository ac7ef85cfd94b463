"""The page that teaches another PC to trust the certificate, before anybody can sign in there."""

import hashlib
import ssl

import pytest
from django.test import Client
from django.urls import reverse

from clinic.core.models import Institution
from installer.setup import tls

pytestmark = pytest.mark.django_db


@pytest.fixture
def authority(settings, tmp_path) -> bytes:
    """The authority's certificate of an installation, in DER."""
    settings.DATA_DIR = tmp_path
    (tmp_path / "tls").mkdir()
    tls.ensure(tmp_path / "tls", ["localhost", "192.168.3.7"], ["x" * 40])
    return ssl.PEM_cert_to_DER_cert((tmp_path / "tls" / "ca.crt").read_text())


def stranger(name: str, **headers):
    return Client(headers=headers).get(reverse(name), secure=True)


def test_the_file_is_the_authority_alone_with_the_clinics_name(authority):
    Institution.objects.create(name="青溪社区卫生服务站", short_name="青溪")

    answer = stranger("other_pcs_file")

    assert answer["Content-Type"] == "application/x-x509-ca-cert"
    assert "filename*=UTF-8''%E9%9D%92%E6%BA%AA-ca.crt" in answer["Content-Disposition"]
    assert ssl.PEM_cert_to_DER_cert(answer.content.decode()) == authority
    assert b"PRIVATE" not in answer.content


def test_the_page_shows_both_fingerprints_as_systems_show_them(authority):
    page = stranger("other_pcs").content.decode()

    short = hashlib.sha1(authority).hexdigest().upper()  # noqa: S324 - as Windows does
    long = hashlib.sha256(authority).hexdigest().upper()
    assert " ".join(short[at : at + 8] for at in range(0, 40, 8)) in page
    assert ":".join(long[at : at + 2] for at in range(0, 32, 2)) in page


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_three_pictures_say_that_they_are_drawings_and_stay_small(authority, language):
    page = stranger("other_pcs", accept_language=language).content

    assert page.count(b'role="img"') >= 3
    assert ("示意图" in page.decode()) or (b"drawings of the Windows dialogs" in page)
    assert len(page) < 60_000


def test_an_address_with_a_public_certificate_needs_no_file(settings, tmp_path):
    settings.DATA_DIR = tmp_path

    for name in ("other_pcs", "other_pcs_file"):
        answer = stranger(name)
        assert answer["Content-Type"].startswith("text/html") and answer.status_code == 200
        assert f'href="{reverse("other_pcs_file")}"' not in answer.content.decode()


def test_the_code_for_phones_leads_to_the_public_address(authority, settings):
    inside = stranger("other_pcs").context["booking"]
    settings.CLINIC_PUBLIC_URL = "https://book.example.cn"

    outside = stranger("other_pcs")

    assert inside == "https://testserver/booking/"
    assert outside.context["booking"] == "https://book.example.cn/booking/"
    assert outside.context["is_public"]


@pytest.mark.parametrize("name", ["login", "help"])
def test_who_can_not_sign_in_without_fear_finds_it(name):
    assert reverse("other_pcs").encode() in stranger(name).content
