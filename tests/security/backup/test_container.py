"""The sealed file: what was written comes out, and anything else is one error."""

import io
import random

import pytest

from security import keyring
from security.backup.container import TAG, Reader, Writer, read_header
from security.backup.errors import BackupError

CHUNK = 64
TEXT = bytes(range(256)) * 2  # eight chunks exactly
FACTS = {"created": "2026-11-24T12:00:00+00:00", "engine": "sqlite"}


def sealed(text=TEXT) -> bytes:
    out = io.BytesIO()
    writer = Writer(out, FACTS, chunk=CHUNK)
    for start in range(0, len(text), 50):
        writer.write(text[start : start + 50])
    writer.finish()
    return out.getvalue()


def opened(content: bytes) -> bytes:
    return io.BufferedReader(Reader(io.BytesIO(content), "x")).read()


def head_length(content: bytes) -> int:
    return len(read_header(io.BytesIO(content))[1])


@pytest.mark.parametrize("length", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 512])
def test_what_was_written_comes_out(length):
    assert opened(sealed(TEXT[:length])) == TEXT[:length]


def test_the_text_is_not_in_the_file():
    assert b"marker-of-a-patient" not in sealed(b"marker-of-a-patient" * 20)


def test_cut_off_anywhere_it_does_not_open():
    content = sealed()
    start = head_length(content)
    edges = {start + n * (CHUNK + TAG) + shift for n in range(8) for shift in (-1, 0, 1)}

    for length in sorted(edges):
        with pytest.raises(BackupError) as refused:
            opened(content[:length])
        assert refused.value.code == "damaged", length


def test_any_changed_byte_is_found():
    content = sealed()
    chosen = random.Random(2).sample(range(13, len(content)), 150)

    for place in [*range(13), *chosen]:
        changed = bytearray(content)
        changed[place] ^= 1
        with pytest.raises(BackupError) as refused:
            opened(bytes(changed))
        assert refused.value.code in ("damaged", "not_ours", "no_key"), place


def test_chunks_can_not_change_places():
    content = sealed()
    start, step = head_length(content), CHUNK + TAG
    first, second = content[start : start + step], content[start + step : start + 2 * step]

    with pytest.raises(BackupError):
        opened(content[:start] + second + first + content[start + 2 * step :])


def test_nothing_can_be_appended():
    content = sealed()

    for more in (b"x", content[-(CHUNK + TAG) :]):
        with pytest.raises(BackupError):
            opened(content + more)


def test_another_ring_with_the_same_key_number_opens_nothing(new_ring):
    new_ring()
    content = sealed()
    new_ring()

    with pytest.raises(BackupError) as refused:
        opened(content)

    assert refused.value.code == "damaged"


def test_a_key_that_the_ring_lacks_is_named(fixed_ring, new_ring):
    content = sealed().replace(b'"key": 1,', b'"key": 9,')

    with pytest.raises(BackupError) as refused:
        opened(content)

    assert (refused.value.code, refused.value.detail) == ("no_key", "9")


def test_two_files_of_the_same_text_share_no_chunk():
    one, two = sealed(), sealed()

    assert one[head_length(one) :] != two[head_length(two) :]
    assert keyring.ring().active("backup").id == read_header(io.BytesIO(one))[0]["key"]
