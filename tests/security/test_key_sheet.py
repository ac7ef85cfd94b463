"""The key sheet: what is typed off it makes the same keys, and a slip is named by its line."""

import io
import json
import re

import pytest
from django.core.management import CommandError, call_command

from security import crypto, key_sheet, keyring, keyring_file
from security.models import AuditEntry
from tests.factories.patients import PatientFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ring(own_ring):
    call_command("rotate_keys", purpose="all", stdout=io.StringIO())
    return keyring.ring()


def sheet():
    out = io.StringIO()
    call_command("key_sheet", stdout=out)
    return out.getvalue()


def read(text, tmp_path, **options):
    typed = tmp_path / "typed.txt"
    typed.write_text(text, encoding="utf-8")
    told = io.StringIO()
    call_command("key_sheet", read=str(typed), stdout=told, **options)
    return told.getvalue()


def line(text, number):
    return next(found for found in text.splitlines() if found.startswith(f"{number:02d}  "))


@pytest.mark.parametrize("wrapped", [False, True])
def test_the_keys_come_back_from_paper_and_open_the_data(ring, doctor, tmp_path, wrapped):
    phone = PatientFactory(created_by=doctor).phone
    before, printed = keyring_file.body_of(ring), sheet()
    ring.path.unlink()
    keyring.reset()
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("open sesame")
    passphrase.chmod(0o400)

    read(printed, tmp_path, passphrase_file=str(passphrase) if wrapped else None)

    assert keyring_file.body_of(keyring.ring()) == before
    assert json.loads(ring.path.read_text())["wrap"] == ("scrypt" if wrapped else "none")
    assert ring.path.stat().st_mode & 0o777 == 0o400
    assert type(doctor).objects.get(pk=doctor.pk)
    assert PatientFactory._meta.model.objects.find(phone=phone).get().phone == phone


def test_a_wrapped_ring_is_printed_with_its_keys(own_ring, new_ring):
    body = keyring_file.body_of(keyring.ring())
    path = new_ring(body, b"open sesame")
    keyring.use(keyring.load(path, b"open sesame"))

    assert key_sheet.body_from(sheet()) == body


def test_small_letters_lookalikes_and_other_spacing_are_understood(ring):
    lines = "\n".join(found for found in sheet().splitlines() if re.match(r"\d\d  ", found))
    typed = lines.lower().replace("0", "o").replace("1", "l").replace("ol  ", "01. ", 1)
    typed = re.sub(r"(?m)^([ol\d])([ol\d])(?=[. ])", lambda m: _digits(m[0]), typed)

    assert key_sheet.body_from(typed) == keyring_file.body_of(ring)


def _digits(text):
    return text.replace("o", "0").replace("l", "1")


@pytest.mark.parametrize("number", [1, 2, 9, 17])
@pytest.mark.parametrize("place", [4, 17, 41, 46])
def test_a_wrong_character_is_named_by_its_line(ring, number, place):
    printed = sheet()
    right = line(printed, number)
    other = "B" if right[place] != "B" else "C"
    wrong = right[:place] + other + right[place + 1 :]

    with pytest.raises(keyring.KeyringError, match=f"Line {number:02d} has a wrong character"):
        key_sheet.body_from(printed.replace(right, wrong))


def test_the_group_of_a_wrong_character_is_named(ring):
    printed = sheet()
    right = line(printed, 3)
    groups = right[4:].split()
    groups[4] = groups[4][:2] + ("B" if groups[4][2] != "B" else "C") + groups[4][3:]

    with pytest.raises(keyring.KeyringError, match=r"group (\d or )*5"):
        key_sheet.body_from(printed.replace(right, "03  " + " ".join(groups)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.replace(line(t, 4), ""), "Line 04 is missing"),
        (lambda t: t.replace(line(t, 1), ""), "Line 01 is missing"),
        (lambda t: t.replace(line(t, 5), line(t, 5)[:-1]), "Line 05 has 35 characters"),
        (lambda t: t.replace(line(t, 5), line(t, 5)[:-1] + "U"), "Line 05: 'U'"),
        (lambda t: t + line(t, 6), "Line 06 was typed twice"),
        (lambda t: t + "\n18" + line(t, 6)[2:], "Line 18 has a wrong character"),
        (lambda t: "", "Line 01 is missing"),
    ],
)
def test_what_was_typed_wrongly_is_told_in_one_sentence(ring, change, words):
    with pytest.raises(keyring.KeyringError, match=words):
        key_sheet.body_from(change(sheet()))


def test_two_lines_in_each_others_place_are_noticed(ring):
    printed = sheet()
    four, six = line(printed, 4), line(printed, 6)
    swapped = printed.replace(four, "04" + six[2:]).replace(six, "06" + four[2:])

    with pytest.raises(keyring.KeyringError, match="Line 0[46] has a wrong character"):
        key_sheet.body_from(swapped)


def test_lines_of_two_sheets_are_noticed(ring, new_ring):
    one = sheet()
    new_ring(keyring_file.body_of(ring) | {"backup": keyring_file.new_body()["backup"]})
    other = [found for _head, lines in key_sheet.lines_of(keyring.ring()) for found in lines]
    new_ring(keyring_file.body_of(ring) | {"backup": keyring_file.new_body()["backup"]})
    third = [found for _head, lines in key_sheet.lines_of(keyring.ring()) for found in lines]

    with pytest.raises(keyring.KeyringError, match="different sheets"):
        key_sheet.body_from("\n".join([*other[:-1], third[-1]]))
    assert key_sheet.body_from(one) == keyring_file.body_of(ring)


def test_printing_is_audited_and_an_existing_ring_is_left_alone(ring, tmp_path):
    printed = sheet()
    before = ring.path.read_bytes()

    with pytest.raises(CommandError, match="there already"):
        read(printed, tmp_path)

    assert ring.path.read_bytes() == before
    entry = AuditEntry.objects.get(event="key_sheet")
    assert entry.additional_data["keys"][:2] == ["data 1", "data 2"]
    assert keyring_file.body_of(ring)["data"][0]["key"] not in entry.payload


def test_a_sheet_of_another_installation_is_told_so(ring, tmp_path, new_ring):
    foreign = new_ring()
    other = "\n".join(
        found for _head, lines in key_sheet.lines_of(keyring.ring()) for found in lines
    )
    foreign.unlink()

    told = read(other, tmp_path)

    assert "lacks" in told or "holds another" in told
    assert "restore" in told
    assert crypto.active_key_id() == 1
