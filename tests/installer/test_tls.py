"""The clinic's own authority: what it may vouch for, when it signs, who can open its key."""

import datetime as dt
import ipaddress
import stat

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from installer.setup import tls

NAMES = ["localhost", "127.0.0.1", "::1", "clinic-pc", "192.168.3.7"]
PASSPHRASES = ["new" * 20, "old" * 20]
NOW = dt.datetime(2026, 11, 22, 8, tzinfo=dt.timezone.utc)


@pytest.fixture
def folder(tmp_path):
    tls.ensure(tmp_path, NAMES, PASSPHRASES, NOW)
    return tmp_path


def certificate(folder, name="server.crt") -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / name).read_bytes())


def test_the_certificate_covers_every_name_and_lasts_397_days(folder):
    leaf = certificate(folder)

    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "clinic-pc"]
    assert ipaddress.ip_address("192.168.3.7") in names.get_values_for_type(x509.IPAddress)
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc == dt.timedelta(days=397)
    leaf.verify_directly_issued_by(certificate(folder, "ca.crt"))


def test_the_authority_can_vouch_for_this_machine_and_for_private_networks_only(folder):
    found = certificate(folder, "ca.crt").extensions.get_extension_for_class(x509.NameConstraints)

    assert found.critical
    assert found.value.excluded_subtrees is None
    assert [str(name.value) for name in found.value.permitted_subtrees] == [
        "localhost", "127.0.0.0/8", "::1/128", "clinic-pc",
        "192.168.0.0/16", "10.0.0.0/8", "172.16.0.0/12", "fc00::/7",
    ]  # fmt: skip


def test_a_good_certificate_is_left_alone_without_any_passphrase(folder):
    before = (folder / "server.crt").read_bytes()

    assert tls.ensure(folder, NAMES, [], NOW + dt.timedelta(days=365)) is False

    assert (folder / "server.crt").read_bytes() == before


@pytest.mark.parametrize("days", [367, 400])
def test_it_is_renewed_in_its_last_month_by_the_same_authority(folder, days):
    authority = (folder / "ca.crt").read_bytes()

    assert tls.ensure(folder, NAMES, PASSPHRASES, NOW + dt.timedelta(days=days)) is True

    assert (folder / "ca.crt").read_bytes() == authority
    assert certificate(folder).not_valid_after_utc > NOW + dt.timedelta(days=700)


@pytest.mark.parametrize("address", ["192.168.3.99", "10.1.2.3", "172.20.0.9", "fd00::7"])
def test_another_router_needs_no_new_authority(folder, address):
    authority = (folder / "ca.crt").read_bytes()

    assert tls.ensure(folder, [*NAMES[:-1], address], PASSPHRASES, NOW) is True

    assert (folder / "ca.crt").read_bytes() == authority
    found = certificate(folder).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert ipaddress.ip_address(address) in found.value.get_values_for_type(x509.IPAddress)


@pytest.mark.parametrize("name", ["bank.example", "203.0.113.9"])
def test_a_name_that_the_authority_may_not_vouch_for_stays_out_and_spoils_nothing(folder, name):
    assert tls.ensure(folder, [*NAMES, name], PASSPHRASES, NOW) is False

    found = certificate(folder).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert name not in str(found.value)


def test_a_damaged_certificate_is_replaced(folder):
    (folder / "server.crt").write_text("nonsense")

    assert tls.ensure(folder, NAMES, PASSPHRASES, NOW) is True


def test_the_authoritys_key_is_locked_with_the_first_passphrase(folder):
    locked = (folder / "ca.key").read_bytes()

    serialization.load_pem_private_key(locked, PASSPHRASES[0].encode())
    with pytest.raises(TypeError):
        serialization.load_pem_private_key(locked, None)
    assert stat.S_IMODE((folder / "ca.key").stat().st_mode) == 0o600


def test_after_a_rotation_the_key_is_locked_with_the_new_key(folder):
    rotated = ["newer" * 12, *PASSPHRASES]

    tls.ensure(folder, NAMES, rotated, NOW)

    serialization.load_pem_private_key((folder / "ca.key").read_bytes(), rotated[0].encode())


def test_a_foreign_key_ring_can_sign_nothing(folder):
    (folder / "server.crt").unlink()

    with pytest.raises(tls.Locked):
        tls.ensure(folder, NAMES, ["foreign" * 9], NOW)
