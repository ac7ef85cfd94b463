"""What the administrator is told about the machine: certificate, disk, seals."""

import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from django.urls import reverse
from django.utils import timezone

from security import home_notes, machine_notes, seals

pytestmark = pytest.mark.django_db


def test_a_certificate_that_ends_soon_is_told(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    assert machine_notes.certificate() is None  # a front of the clinic's own
    (tmp_path / "tls").mkdir()
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now, said = timezone.now(), []

    for days in (60, 10):
        made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        made = made.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=days))
        pem = made.sign(key, SHA256()).public_bytes(Encoding.PEM)
        (tmp_path / "tls" / "server.crt").write_bytes(pem)
        said.append(machine_notes.certificate())

    assert said[0] is None and str((now + datetime.timedelta(days=10)).year) in said[1]


def test_a_full_disk_and_a_log_that_nobody_seals_are_told(
    as_, administrator, monkeypatch, frontdesk
):
    client = as_(administrator)
    client.get(reverse("security_home"))
    assert machine_notes.log() is not None  # entries, and no seal
    monkeypatch.setattr(machine_notes, "LEAST_FREE", 1 << 60)

    page = client.get(reverse("security_home")).content.decode()
    seals.seal_all()

    assert " GB" in page and reverse("security_daily") in page
    assert machine_notes.log() is None


def test_what_was_begun_stands_above_everything_with_the_way_back(as_, administrator, monkeypatch):
    monkeypatch.setattr(home_notes, "_lines", [])
    note = home_notes.Note("开局向导还有 3 步", "/security/", "继续")
    home_notes.register_line(lambda user: note if user == administrator else None)

    page = as_(administrator).get(reverse("security_home")).content.decode()

    assert page.index("开局向导还有 3 步") < page.index('id="state"')
