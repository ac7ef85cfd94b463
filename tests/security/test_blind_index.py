"""Blind indexes and the one spelling they are computed from."""

import hmac

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from security import crypto
from security.normalise import (
    normalise_id_number,
    normalise_last4_query,
    normalise_phone,
    normalise_phone_last4,
)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("11010519491231002x", "11010519491231002X"),
        (" 110105 19491231 002X ", "11010519491231002X"),
        ("１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X"),  # full-width
        ("110105-19491231-002X", "11010519491231002X"),
        ("110105\u200b19491231002X\ufeff", "11010519491231002X"),
        ("110105491231002", "110105491231002"),  # fifteen digits stay
        ("e1234567", "E1234567"),
        ("A123456(7)", "A1234567"),
        ("军字第2001988号", "军字第2001988号"),
        ("1" * 40, "1" * 40),
    ],
)
def test_document_numbers_have_one_spelling_R76_R173(typed, stored):
    assert normalise_id_number(typed) == stored


@pytest.mark.parametrize(
    "junk",
    ["", "   ", "-", "12;34", "<b>", "1" * 41, "12\x00", "１２，３", "😀", None, 110105, b"1"],
)
def test_junk_is_no_document_number(junk):
    with pytest.raises(ValueError):
        normalise_id_number(junk)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("13800138000", "13800138000"),
        ("138 0013 8000", "13800138000"),
        ("138-0013-8000", "13800138000"),
        ("+86 138 0013 8000", "13800138000"),
        ("+8613800138000", "13800138000"),
        ("0086-138-0013-8000", "13800138000"),
        ("8613800138000", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("＋８６１３８００１３８０００", "13800138000"),
        ("(010) 8888-6666", "01088886666"),
        ("0571‑88886666", "057188886666"),
        ("+852 2345 6789", "85223456789"),
        ("86666666", "86666666"),  # a local number that begins with 86
        ("120", "120"),
    ],
)
def test_phone_numbers_have_one_spelling_R82(typed, stored):
    assert normalise_phone(typed) == stored


@pytest.mark.parametrize(
    "junk", ["", "12", "abc", "138001380oo", "1" * 21, "+86", "+", "138+0013", "٣٤٥٦", None, 138]
)
def test_junk_is_no_phone_number(junk):
    with pytest.raises(ValueError):
        normalise_phone(junk)


def test_the_last_four_digits_are_those_of_the_normalised_number():
    assert normalise_phone_last4("+86 138-0013-8765") == "8765"
    assert normalise_phone_last4("1212") == "1212"
    with pytest.raises(ValueError):
        normalise_phone_last4("120")


@pytest.mark.parametrize(("typed", "asked"), [("8765", "8765"), (" ８７６５ ", "8765")])
def test_four_digits_are_asked_as_they_are(typed, asked):
    assert normalise_last4_query(typed) == asked


@pytest.mark.parametrize("junk", ["876", "87655", "876a", "", None])
def test_anything_but_four_digits_asks_nothing(junk):
    with pytest.raises(ValueError):
        normalise_last4_query(junk)


def test_an_index_is_made_as_written_down(fixed_ring):
    info = b"clinic/v1/index/p.phone"
    key = HKDF(hashes.SHA256(), 32, salt=None, info=info).derive(bytes([4]) * 32)

    index = crypto.blind_index("p.phone", "13800138000", 128)

    assert index == b"\x02" + hmac.digest(key, b"13800138000", "sha256")[:16]


@pytest.mark.parametrize(
    ("bits", "length"), [(8, 2), (9, 3), (12, 3), (16, 3), (17, 4), (128, 17), (256, 33)]
)
def test_an_index_has_its_width(fixed_ring, bits, length):
    assert len(crypto.blind_index("a.b", "x", bits)) == length == crypto.index_length(bits)


def test_without_a_word_an_index_has_128_bits(fixed_ring):
    for value in ("1", "2", "3", "4", "5", "6", "7", "8"):
        whole = crypto.blind_index("a.b", value, 128)

        assert crypto.blind_index("a.b", value) == whole
        assert crypto.index_candidates("a.b", value)[0] == whole


@pytest.mark.parametrize("bits", [9, 13, 17, 31, 121])
def test_exactly_so_many_bits_are_kept(fixed_ring, bits):
    values = [str(n) for n in range(64)]
    spare = 8 * -(-bits // 8) - bits

    for value in values:
        whole = int.from_bytes(crypto.blind_index("a.b", value, bits + spare)[1:], "big")
        kept = int.from_bytes(crypto.blind_index("a.b", value, bits)[1:], "big")
        assert kept == whole >> spare << spare


def test_twelve_bits_leave_the_last_half_byte_empty(fixed_ring):
    found = {crypto.blind_index("a.b", str(n), 12) for n in range(3000)}

    assert all(value[2] & 0x0F == 0 for value in found)
    assert 2000 < len(found) <= 4096


def test_equal_values_in_two_columns_have_different_indexes(fixed_ring):
    assert crypto.blind_index("a.b", "x") != crypto.blind_index("a.c", "x")


def test_a_question_asks_for_every_key_in_use_the_active_first(fixed_ring):
    first, second = crypto.index_candidates("a.b", "x")

    assert first == crypto.blind_index("a.b", "x")
    assert (first[0], second[0]) == (2, 1)
    assert first[1:] != second[1:]
