"""The clinic's own certificate authority and the server certificate it signs.

Run by the virtual environment's Python (it needs the cryptography package):
    python installer/setup/tls.py TLS_DIR NAME... < PASSPHRASES
Prints `renewed`, `unchanged`, or `locked` when the authority's key is needed and no passphrase
was given. One passphrase a line, the one to lock with first.

The authority can only vouch for this machine's names and its own network (critical name
constraints), so a stolen authority can't forge a bank's site.
"""

import datetime as dt
import ipaddress
import os
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CA_DAYS = 3650
LEAF_DAYS = 397
RENEW_DAYS = 30
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
PEM = serialization.Encoding.PEM
PKCS8 = serialization.PrivateFormat.PKCS8


class Locked(Exception):
    """The authority's key is needed, and it can't be opened."""


def ensure(
    tls: Path, names: list[str], passphrases: list[str], now: dt.datetime | None = None
) -> bool:
    """Authority and server certificate for `names` in `tls`; True when a new one was signed.

    A name that the authority may not vouch for is left out: with it in the certificate browsers
    would refuse the other names as well."""
    now = now or dt.datetime.now(dt.timezone.utc)
    if not (tls / "ca.crt").exists():
        _make_authority(tls, _first(passphrases), names, now)
    if passphrases:
        _lock_with_first(tls, passphrases)
    names = [name for name in names if may_vouch(tls, name)]
    if _still_good(tls, names, now):
        return False
    _sign_leaf(tls, _open_authority(tls, passphrases), names, now)
    return True


def _first(passphrases: list[str]) -> bytes:
    if not passphrases:
        raise Locked
    return passphrases[0].encode()


def _open_authority(tls: Path, passphrases: list[str]):
    """The authority's private key, by whichever passphrase fits."""
    locked = (tls / "ca.key").read_bytes()
    for passphrase in passphrases:
        try:
            return serialization.load_pem_private_key(locked, passphrase.encode())
        except ValueError:
            continue
    raise Locked


def _lock_with_first(tls: Path, passphrases: list[str]) -> None:
    """After the data key was rotated, lock the authority's key with the new one."""
    locked = (tls / "ca.key").read_bytes()
    try:
        serialization.load_pem_private_key(locked, _first(passphrases))
    except ValueError:
        _write_locked(tls, _open_authority(tls, passphrases), _first(passphrases))


def _write_locked(tls: Path, key, passphrase: bytes) -> None:
    lock = serialization.BestAvailableEncryption(passphrase)
    _write(tls / "ca.key", key.private_bytes(PEM, PKCS8, lock), 0o600)


def _make_authority(tls: Path, passphrase: bytes, names: list[str], now: dt.datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    machine = next((name for name in names if name != "localhost" and _is_dns(name)), "localhost")
    label = f"Clinic CA {machine} {os.urandom(3).hex()}"  # tells two installations apart
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, label[:64])])
    certificate = (
        _builder(subject, subject, key.public_key(), now, CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .add_extension(x509.NameConstraints(permitted(names), None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write_locked(tls, key, passphrase)
    _write(tls / "ca.crt", certificate.public_bytes(PEM), 0o644)


def permitted(names: list[str]) -> list[x509.GeneralName]:
    """The names the authority may vouch for: these, and all private networks.

    All of them and not the one address, because a new router brings another network, and every
    workstation would have to trust a new authority. Nothing in the world outside has such an
    address."""
    allowed: list[x509.GeneralName] = []
    for name in names:
        try:
            allowed.append(x509.IPAddress(_network(ipaddress.ip_address(name))))
        except ValueError:
            allowed.append(x509.DNSName(name))
    allowed += [x509.IPAddress(ipaddress.ip_network(text)) for text in PRIVATE]
    return list(dict.fromkeys(allowed))


def may_vouch(tls: Path, name: str) -> bool:
    """Whether the authority's constraints allow it."""
    ca = x509.load_pem_x509_certificate((tls / "ca.crt").read_bytes())
    subtrees = ca.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees
    for allowed in subtrees or ():
        if _is_dns(name):
            if isinstance(allowed, x509.DNSName) and allowed.value == name:
                return True
        elif isinstance(allowed, x509.IPAddress) and ipaddress.ip_address(name) in allowed.value:
            return True
    return False


def _is_dns(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return True
    return False


def _network(address):
    if address.is_loopback:
        return ipaddress.ip_network("127.0.0.0/8" if address.version == 4 else "::1/128")
    for text in PRIVATE:
        if address in ipaddress.ip_network(text):
            return ipaddress.ip_network(text)
    return ipaddress.ip_network(address)


def _still_good(tls: Path, names: list[str], now: dt.datetime) -> bool:
    """Whether the server certificate is there, ours, covers `names` and lasts a while."""
    try:
        leaf = x509.load_pem_x509_certificate((tls / "server.crt").read_bytes())
        ca = x509.load_pem_x509_certificate((tls / "ca.crt").read_bytes())
        leaf.verify_directly_issued_by(ca)
        key = serialization.load_pem_private_key((tls / "server.key").read_bytes(), None)
    except Exception:  # noqa: BLE001 - missing, damaged or another authority's: all the same here
        return False
    covered = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    lasts = leaf.not_valid_after_utc - now > dt.timedelta(days=RENEW_DAYS)
    return (
        lasts
        and key.public_key() == leaf.public_key()
        and set(_alternatives(names)) <= set(covered)
    )


def _alternatives(names: list[str]) -> list[x509.GeneralName]:
    found: list[x509.GeneralName] = []
    for name in names:
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            found.append(x509.DNSName(name))
    return found


def _sign_leaf(tls: Path, ca_key, names: list[str], now: dt.datetime) -> None:
    ca = x509.load_pem_x509_certificate((tls / "ca.crt").read_bytes())
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    leaf = (
        _builder(subject, ca.subject, key.public_key(), now, LEAF_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_alternatives(names)), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False
        )
        .sign(ca_key, hashes.SHA256())
    )
    _write(tls / "server.key", key.private_bytes(PEM, PKCS8, serialization.NoEncryption()), 0o600)
    _write(tls / "server.crt", leaf.public_bytes(PEM), 0o644)


def _builder(subject, issuer, public_key, now: dt.datetime, days: int) -> x509.CertificateBuilder:
    start = now - dt.timedelta(days=1)  # clocks in clinics are not all right
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=days))
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write(path: Path, content: bytes, mode: int) -> None:
    part = path.with_name(path.name + ".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as stream:
        part.chmod(mode)
        stream.write(content)
    part.replace(path)


def main(arguments: list[str]) -> str:
    try:
        passphrases = sys.stdin.read().split()
        renewed = ensure(Path(arguments[0]), arguments[1:], passphrases)
    except Locked:
        return "locked"
    return "renewed" if renewed else "unchanged"


if __name__ == "__main__":
    print(main(sys.argv[1:]))
