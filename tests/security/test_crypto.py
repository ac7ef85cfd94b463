"""Envelopes, MACs: what was sealed opens in its place; everything else raises."""

import uuid

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from security import crypto, keyring, keyring_file
from security.crypto import CryptoError

pytestmark = pytest.mark.usefixtures("fixed_ring")

ROW = uuid.UUID("11111111-2222-4333-8444-555555555555")
OTHER = uuid.UUID("11111111-2222-4333-8444-555555555556")


@pytest.mark.parametrize(
    "content", [b"", b"x", "王小明".encode(), bytes(251), bytes(252), b"\x00" * 1000]
)
def test_what_was_sealed_opens_again(content):
    envelope = crypto.seal("a.b", ROW, content)

    assert crypto.unseal("a.b", ROW, envelope) == content


def test_the_envelope_is_laid_out_as_written_down():
    envelope = crypto.seal("a.b", ROW, b"hello", crypto.DATE)

    assert envelope[:4] == bytes([1, 1, 1, 2])  # version 1, AES-256-GCM, key 258
    key = HKDF(hashes.SHA256(), 32, salt=None, info=b"clinic/v1/data/a.b").derive(bytes([2]) * 32)
    bound = b"".join(
        len(part).to_bytes(2, "big") + part
        for part in (b"clinic", b"\x01", b"\x01", b"\x01\x02", b"a.b", ROW.bytes)
    )
    inner = AESGCM(key).decrypt(envelope[4:16], envelope[16:], bound)
    assert inner == b"\x02\x00\x00\x00\x05hello" + bytes(22)


@pytest.mark.parametrize(
    ("length", "sealed"), [(0, 64), (27, 64), (28, 96), (251, 288), (252, 544), (507, 544)]
)
def test_lengths_are_hidden_in_steps(length, sealed):
    assert len(crypto.seal("a.b", ROW, bytes(length))) == sealed == crypto.sealed_length(length)


def test_a_value_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(crypto, "MAX_PLAINTEXT", 10)

    assert crypto.unseal("a.b", ROW, crypto.seal("a.b", ROW, bytes(10))) == bytes(10)
    with pytest.raises(CryptoError, match="too large"):
        crypto.seal("a.b", ROW, bytes(11))


def test_the_largest_value_fits_what_the_cipher_takes_in_one_call():
    largest = crypto.MAX_PLAINTEXT

    assert largest + crypto.INNER_HEADER + crypto.LONG_STEP + crypto.OVERHEAD == 2**31 - 1
    assert crypto.sealed_length(largest) <= 2**31 - 1


def test_the_same_value_never_looks_the_same_twice():
    assert crypto.seal("a.b", ROW, b"same") != crypto.seal("a.b", ROW, b"same")


def test_another_row_does_not_open_it():
    envelope = crypto.seal("a.b", ROW, b"secret")

    with pytest.raises(CryptoError, match="does not open"):
        crypto.unseal("a.b", OTHER, envelope)


def test_another_column_does_not_open_it():
    envelope = crypto.seal("a.b", ROW, b"secret")

    with pytest.raises(CryptoError, match="does not open"):
        crypto.unseal("a.c", ROW, envelope)


def test_another_kind_does_not_open_it():
    envelope = crypto.seal("a.b", ROW, b"2026-01-01", crypto.DATE)

    with pytest.raises(CryptoError, match="unexpected kind"):
        crypto.unseal("a.b", ROW, envelope, crypto.TEXT)


def test_every_changed_byte_is_noticed():
    envelope = crypto.seal("a.b", ROW, b"secret")

    for place in range(len(envelope)):
        damaged = bytearray(envelope)
        damaged[place] ^= 1
        with pytest.raises(CryptoError):
            crypto.unseal("a.b", ROW, bytes(damaged))


def test_every_cut_is_noticed():
    envelope = crypto.seal("a.b", ROW, b"secret")

    for length in range(len(envelope)):
        with pytest.raises(CryptoError):
            crypto.unseal("a.b", ROW, envelope[:length])
    with pytest.raises(CryptoError):
        crypto.unseal("a.b", ROW, envelope + b"\x00")


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"\x02\x01\x01\x02", "unknown version 2"),
        (b"\x00\x01\x01\x02", "unknown version 0"),
        (b"\x01\x02\x01\x02", "unknown algorithm 2"),
        (b"\x01\x00\x01\x02", "unknown algorithm 0"),
        (b"\x01\x01\x00\x09", "data key 9"),
    ],
)
def test_what_is_unknown_is_named(head, words):
    envelope = head + crypto.seal("a.b", ROW, b"secret")[4:]

    with pytest.raises(CryptoError, match=words):
        crypto.unseal("a.b", ROW, envelope)


def test_an_older_key_still_opens_but_no_longer_seals(new_ring):
    body = keyring_file.new_body()
    new_ring(body)
    old = crypto.seal("a.b", ROW, b"secret")
    second = {**keyring_file.new_entry(2, "now")}
    body["data"] = [{**body["data"][0], "state": "decrypt-only"}, second]
    new_ring(body)

    assert crypto.unseal("a.b", ROW, old) == b"secret"
    assert crypto.key_id_of(crypto.seal("a.b", ROW, b"new")) == 2


def test_what_one_ring_opened_another_ring_does_not(new_ring):
    """The cipher that was found for a header and a column belongs to its ring."""
    body = keyring_file.new_body()
    new_ring(body)
    envelope = crypto.seal("a.b", ROW, b"secret")
    assert crypto.unseal("a.b", ROW, envelope) == b"secret"
    body["data"] = [{**body["data"][0], "state": "retired"}, keyring_file.new_entry(2, "now")]

    new_ring(body)

    with pytest.raises(CryptoError, match="data key 1.*retired"):
        crypto.unseal("a.b", ROW, envelope)


def test_what_is_damaged_is_named_although_its_like_was_opened_before():
    envelope = crypto.seal("a.b", ROW, b"secret")
    crypto.unseal("a.b", ROW, envelope)

    with pytest.raises(CryptoError, match="a.b of row .* is too short"):
        crypto.unseal("a.b", ROW, envelope[:63])
    with pytest.raises(CryptoError, match="does not open with data key 258"):
        crypto.unseal("a.b", ROW, envelope[:-1] + bytes([envelope[-1] ^ 1]))


def test_a_retired_key_opens_nothing(new_ring):
    body = keyring_file.new_body()
    new_ring(body)
    old = crypto.seal("a.b", ROW, b"secret")
    body["data"] = [{**body["data"][0], "state": "retired"}, keyring_file.new_entry(2, "now")]
    new_ring(body)

    with pytest.raises(CryptoError, match="data key 1.*retired"):
        crypto.unseal("a.b", ROW, old)


def test_another_ring_with_the_same_ids_opens_nothing(new_ring):
    new_ring()
    envelope = crypto.seal("a.b", ROW, b"secret")
    new_ring()

    with pytest.raises(CryptoError, match="does not open with data key 1"):
        crypto.unseal("a.b", ROW, envelope)


def forged(inner):
    """An envelope made with the right key around an inside that seal() never writes."""
    ring = keyring.ring()
    header = b"\x01\x01\x01\x02"
    cipher = ring.cipher(ring.active("data"), "a.b")
    bound = crypto._bound_to(header, "a.b", ROW)
    return header + bytes(12) + cipher.encrypt(bytes(12), inner, bound)


@pytest.mark.parametrize(
    "inner",
    [
        b"\x01\x00\x00\x00\x05hello" + bytes(21) + b"\x01",  # padding that is not zero
        b"\x01\x00\x00\x00\x05hello" + bytes(54),  # one step too long
        b"\x01\xff\xff\xff\xffhello" + bytes(22),  # longer than it is
        b"\x01\x01\x00\x00\x05hello" + bytes(22),  # much longer than it is
        b"\x01\x00\x00\x00\x05hello\x01" + bytes(21),  # the first zero is none
        b"\x00\x00\x00\x00\x05hello" + bytes(22),  # a kind that does not exist
    ],
)
def test_a_strange_inside_is_refused_even_under_the_right_key(inner):
    with pytest.raises(CryptoError, match="unexpected kind or length"):
        crypto.unseal("a.b", ROW, forged(inner))


@pytest.mark.parametrize("row", [None, "", "7", 7, "not-a-uuid"])
def test_nothing_is_sealed_without_a_rows_uuid(row):
    with pytest.raises(CryptoError, match="needs the UUID"):
        crypto.seal("a.b", row, b"secret")


def test_a_uuid_as_text_names_the_same_row():
    envelope = crypto.seal("a.b", str(ROW), b"secret")

    assert crypto.unseal("a.b", ROW, envelope) == b"secret"


def test_no_message_holds_a_part_of_the_value():
    envelope = crypto.seal("a.b", ROW, b"canary-4711")

    with pytest.raises(CryptoError) as caught:
        crypto.unseal("a.b", OTHER, envelope)

    assert "canary" not in str(caught.value)
    assert envelope.hex()[:16] not in str(caught.value)
    assert str(OTHER) in str(caught.value)


def test_a_blob_is_no_text_and_the_other_way_round():
    blob = crypto.seal_blob("file.content", ROW, b"%PDF")
    text = crypto.seal("file.content", ROW, b"%PDF")

    assert crypto.open_blob("file.content", ROW, blob) == b"%PDF"
    with pytest.raises(CryptoError):
        crypto.open_blob("file.content", ROW, text)
    with pytest.raises(CryptoError):
        crypto.unseal("file.content", ROW, blob)


def test_a_large_blob_comes_back_whole():
    content = bytes(range(256)) * 8192

    assert crypto.open_blob("f.c", ROW, crypto.seal_blob("f.c", ROW, content)) == content


# --- audit MACs -----------------------------------------------------------------------------------


def test_an_audit_mac_names_its_key_and_verifies():
    mac = crypto.audit_mac(b"payload", ROW)

    assert mac[:2] == b"\x00\x07"
    assert len(mac) == 34
    assert crypto.verify_audit_mac(b"payload", ROW, mac)


def test_an_audit_mac_belongs_to_payload_row_and_label():
    mac = crypto.audit_mac(b"payload", ROW)

    assert not crypto.verify_audit_mac(b"payloae", ROW, mac)
    assert not crypto.verify_audit_mac(b"payload", OTHER, mac)
    assert not crypto.verify_audit_mac(b"payload", ROW, mac, label="seal")
    assert not crypto.verify_audit_mac(b"payload", ROW, mac[:-1])
    assert not crypto.verify_audit_mac(b"payload", ROW, mac + b"\x00")
    assert not crypto.verify_audit_mac(b"payload", ROW, mac[:-1] + bytes([mac[-1] ^ 1]))
    assert not crypto.verify_audit_mac(b"payload", ROW, b"")


def test_an_audit_mac_of_an_unknown_key_raises():
    mac = crypto.audit_mac(b"payload", ROW)

    with pytest.raises(CryptoError, match="audit key 8"):
        crypto.verify_audit_mac(b"payload", ROW, b"\x00\x08" + mac[2:])


def test_an_audit_mac_is_made_as_written_down():
    import hmac

    key = HKDF(hashes.SHA256(), 32, salt=None, info=b"clinic/v1/audit/row").derive(bytes([5]) * 32)

    mac = crypto.audit_mac(b"payload", ROW)

    assert mac[2:] == hmac.digest(key, ROW.bytes + b"payload", "sha256")
