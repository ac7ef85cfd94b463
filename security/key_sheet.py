"""The key ring on paper: lines that can be typed back, each with a check group of its own.

Line 01 says how many keys follow and holds a digest of all of them; then each key takes two lines.
A line is 20 bytes in Crockford's base32 (no I, L, O, U), in groups of four, and its check group
covers its number too, so that exchanged lines are noticed.
"""

import base64
import hashlib
import re
import unicodedata
from datetime import datetime, timezone

from security.keys import KEY_BYTES, PURPOSES, STATES, KeyringError, parse

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
MAGIC = b"CKS1"
LINE_BYTES, LINE_CHARS, CHECK_CHARS, GROUP = 20, 32, 4, 4
LINES_PER_KEY = 2
_NUMBERED = re.compile(r"\s*(\d{1,3})[\s.:)]+(\S.*)")


class SheetError(KeyringError):
    """What was typed is not what the sheet says; the message names the line."""


# --- writing ------------------------------------------------------------------------------------


def lines_of(ring) -> list[tuple[str, list[str]]]:
    """[(heading, numbered lines)] of every key; the first heading is empty."""
    keys = [key for purpose in PURPOSES for key in ring.keys(purpose)]
    records = [_record(key) for key in keys]
    digest = hashlib.sha256(b"".join(records)).digest()
    header = MAGIC + len(keys).to_bytes(2, "big") + digest[: LINE_BYTES - len(MAGIC) - 2]
    found = [("", [_line(1, header)])]
    for place, (key, record) in enumerate(zip(keys, records, strict=True)):
        number = 2 + LINES_PER_KEY * place
        pieces = (record[:LINE_BYTES], record[LINE_BYTES:])
        written = [_line(number + i, piece) for i, piece in enumerate(pieces)]
        found.append((f"{key.purpose} {key.id}  {key.state}  {key.created}", written))
    return found


def _record(key) -> bytes:
    try:
        created = int(datetime.fromisoformat(key.created).timestamp())
    except ValueError:
        created = 0
    head = bytes((PURPOSES.index(key.purpose),)) + key.id.to_bytes(2, "big")
    return head + bytes((STATES.index(key.state),)) + created.to_bytes(4, "big") + key.root


def _line(number, content) -> str:
    text = _base32(content, LINE_CHARS) + _check(number, content)
    groups = [text[i : i + GROUP] for i in range(0, len(text), GROUP)]
    return f"{number:02d}  {' '.join(groups)}"


def _base32(content, length) -> str:
    number = int.from_bytes(content, "big")
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(length)))


def _check(number, content) -> str:
    digest = hashlib.sha256(b"clinic-key-sheet" + number.to_bytes(2, "big") + content).digest()
    return _base32(digest[:3], CHECK_CHARS + 1)[-CHECK_CHARS:]


# --- reading ------------------------------------------------------------------------------------


def body_from(text: str) -> dict:
    """The body of a key ring from what was typed off a sheet; only its numbered lines count."""
    lines = {}
    for typed in unicodedata.normalize("NFKC", text).splitlines():
        found = _NUMBERED.fullmatch(typed)
        if found is None:
            continue
        number = int(found[1])
        if number in lines:
            raise SheetError(f"Line {number:02d} was typed twice; type each line once.")
        lines[number] = _content(number, found[2])
    if 1 not in lines:
        raise SheetError("Line 01 is missing; type every numbered line.")
    if lines[1][: len(MAGIC)] != MAGIC:
        raise SheetError("Line 01 is of another kind of sheet; use the sheet of this program.")
    count = int.from_bytes(lines[1][len(MAGIC) : len(MAGIC) + 2], "big")
    wanted = range(2, 2 + LINES_PER_KEY * count)
    for number in wanted:
        if number not in lines:
            raise SheetError(
                f"Line {number:02d} is missing; type every numbered line of the sheet."
            )
    extra = sorted(set(lines) - {1} - set(wanted))
    if extra:
        raise SheetError(f"Line {extra[0]:02d} does not belong to this sheet; leave it out.")
    records = b"".join(lines[number] for number in wanted)
    if not hashlib.sha256(records).digest().startswith(lines[1][len(MAGIC) + 2 :]):
        raise SheetError("The lines are of different sheets; type them all off one sheet.")
    return _body(records)


def _content(number, typed) -> bytes:
    text = re.sub(r"[\s\-|]", "", typed).upper().translate(READ_AS)
    for place, letter in enumerate(text, 1):
        if letter not in ALPHABET:
            raise SheetError(
                f"Line {number:02d}: {letter!r} (character {place}) is never on a sheet; "
                "look at it again."
            )
    wanted = LINE_CHARS + CHECK_CHARS
    if len(text) != wanted:
        raise SheetError(
            f"Line {number:02d} has {len(text)} characters instead of {wanted}; look for one that "
            "was left out or typed twice."
        )
    content = _decode(text)
    if _fits(number, text):
        return content
    places = _suspects(number, text)
    where = f", most likely in group {' or '.join(map(str, places))}" if places else ""
    raise SheetError(f"Line {number:02d} has a wrong character{where}; compare it with the sheet.")


def _decode(text) -> bytes:
    number = 0
    for letter in text[:LINE_CHARS]:
        number = number << 5 | ALPHABET.index(letter)
    return number.to_bytes(LINE_BYTES, "big")


def _fits(number, text) -> bool:
    return _check(number, _decode(text)) == text[LINE_CHARS:]


def _suspects(number, text) -> list[int]:
    """The groups in which one other character would make the line right."""
    found = set()
    for place in range(LINE_CHARS):
        for letter in ALPHABET:
            if _fits(number, text[:place] + letter + text[place + 1 :]):
                found.add(place // GROUP + 1)
    return sorted(found)


def _body(records) -> dict:
    body = {purpose: [] for purpose in PURPOSES}
    size = LINE_BYTES * LINES_PER_KEY
    for start in range(0, len(records), size):
        record = records[start : start + size]
        seconds = int.from_bytes(record[4:8], "big")
        created = datetime.fromtimestamp(seconds, timezone.utc) if seconds else None
        if record[0] >= len(PURPOSES) or record[3] >= len(STATES):
            raise SheetError("The sheet is of another version of the program.")
        body[PURPOSES[record[0]]].append(
            {
                "id": int.from_bytes(record[1:3], "big"),
                "key": base64.b64encode(record[8 : 8 + KEY_BYTES]).decode(),
                "state": STATES[record[3]],
                "created": created.strftime("%Y-%m-%dT%H:%M:%SZ") if created else "",
            }
        )
    parse("of the sheet", body)
    return body
