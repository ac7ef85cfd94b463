"""What a cell says, as a value. A parser takes a Cell and raises ValidationError in plain words,
or Doubtful when it has a value that a person should look at."""

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from clinic.core.text import clean_text, half_width

_SHORTENED = re.compile(r"\d(\.\d+)?[eE]\+?\d+")
_FLOAT = re.compile(r"-?\d+\.0+")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?( .*)?")
_MONEY = str.maketrans("", "", "¥￥,，元 ")
FIRST_SERIAL, LAST_SERIAL = 1, 80_000  # 1900 to 2119


@dataclass(frozen=True)
class Cell:
    """A cell's text and kind: t text, n number, x number of lost digits, d date, b, e error."""

    text: str
    kind: str = "t"

    @classmethod
    def of(cls, stored: str | list) -> "Cell":
        """From the way the worker and the chunks write it."""
        return cls(stored[1], stored[0]) if isinstance(stored, list) else cls(stored)


class Doubtful(Exception):
    """A value was made of the cell, but a person should look at it."""

    def __init__(self, value, message: str):
        super().__init__(message)
        self.value, self.message = value, message


Parser = Callable[[Cell], object]


def at_most(longest: int, words: str) -> str:
    """The words where a column has room for them: asked of what is kept, not of what was typed.

    Half-width a "㎎" is two letters, and so is a "ß" in capitals.
    """
    if len(words) > longest:
        raise ValidationError(
            _("longer than %(longest)s characters; please shorten it") % {"longest": longest}
        )
    return words


def _words(cell: Cell) -> str:
    if cell.kind == "e":
        raise ValidationError(_("the spreadsheet program could not compute this cell"))
    return clean_text(_without_zeros(cell))


def text(longest: int) -> Parser:
    """Words of at most so many characters."""

    def parse(cell: Cell) -> str:
        return at_most(longest, _words(cell))

    return parse


def code(longest: int) -> Parser:
    """A number or code of which every digit counts."""

    def parse(cell: Cell) -> str:
        found = at_most(longest, half_width(_words(cell)).strip())
        if cell.kind == "x" or _SHORTENED.fullmatch(found):
            raise ValidationError(
                _(
                    "the spreadsheet program has dropped digits of this long number; make the "
                    "column text and type it again"
                )
            )
        return found

    return parse


def number(*, places: int, most: int) -> Parser:
    """A number from 0 to `most`."""

    def parse(cell: Cell) -> Decimal:
        words = half_width(cell.text).translate(_MONEY)
        try:
            value = Decimal(words)
        except InvalidOperation:
            raise ValidationError(_("not a number")) from None
        if not value.is_finite() or not 0 <= value <= most:
            raise ValidationError(_("not between 0 and %(most)s") % {"most": most})
        rounded = value.quantize(Decimal(1).scaleb(-places))
        if rounded != value and not (cell.kind == "n" and abs(rounded - value) < Decimal("1e-9")):
            raise Doubtful(rounded, _("rounded to %(value)s") % {"value": rounded})
        return rounded

    return parse


def whole(*, most: int, least: int = 0) -> Parser:
    """A whole number in a range."""

    def parse(cell: Cell) -> int:
        words = half_width(cell.text).translate(_MONEY)
        words = words.split(".")[0] if _FLOAT.fullmatch(words) else words
        words = words.lstrip("0") or words[-1:]  # so that the first digits tell how large it is
        if not words.isascii() or not words.isdigit() or not least <= int(words[:12]) <= most:
            raise ValidationError(
                _("not a whole number from %(least)s to %(most)s") % {"least": least, "most": most}
            )
        return int(words)

    return parse


def day(cell: Cell) -> datetime.date:
    """A date, also 2026/5/1, 20260501, 2026年5月1日 or the program's own count of days."""
    words = half_width(cell.text).strip()
    try:
        if match := _DAY.fullmatch(words):
            return datetime.date(*(int(part) for part in match.groups()[:3]))
        if words.isascii() and words.isdigit() and len(words) == 8:
            return datetime.date(int(words[:4]), int(words[4:6]), int(words[6:]))
        serial = Decimal(words) if cell.kind == "n" else None
    except (ValueError, InvalidOperation):
        serial = None
    if serial is not None and FIRST_SERIAL <= serial <= LAST_SERIAL:
        # Day 60 of these programs is a 29 February 1900 that never was.
        first = datetime.date(1899, 12, 30) if serial > 60 else datetime.date(1899, 12, 31)
        return first + datetime.timedelta(days=int(serial))
    raise ValidationError(_("not a date such as 2026-05-01"))


def one_of(choices: dict[str, str]) -> Parser:
    """One of the keys (compared without case and width) as its value."""
    known = {half_width(key).lower(): value for key, value in choices.items()}
    words: dict[str, str] = {}  # as people here write it, not as the database does
    for key, value in choices.items():
        if value not in words or words[value].isascii():
            words[value] = key

    def parse(cell: Cell) -> str:
        word = half_width(cell.text).strip().lower()
        if word in known:
            return known[word]
        raise ValidationError(
            _("not one of these: %(words)s") % {"words": "、".join(words.values())}
        )

    return parse


def _without_zeros(cell: Cell) -> str:
    """A CSV made of a spreadsheet often holds 12.0 where people typed 12."""
    return cell.text.split(".")[0] if _FLOAT.fullmatch(cell.text) else cell.text
