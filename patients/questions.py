"""What somebody may mean by the words in the search box; no database here.

A name is asked for by the ranges of an index: in characters, pinyin, initials or a mixture of
them. Beside a name may stand a birth date or the end of a phone number.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import islice, product

from django.core.exceptions import ValidationError

from clinic.core.text import clean_text, half_width, prefix_range
from patients import syllables
from patients.models import NamePart
from patients.names import Part, bare
from patients.pinyin import is_han, plain_letters, readings, units
from patients.rules import tidy_name

LONGEST_QUESTION = 60
MOST_MIXTURES = 3

_RECORD = re.compile(r"P?0*(\d{1,8})", re.ASCII)
_SEPARATORS = re.compile(r"[\s()-]+")
_LETTERS = re.compile(r"[A-Za-zÀ-ɏ' ]+")
_DATES = (
    re.compile(r"(?<!\d)(?P<y>\d{4}|\d{2})\s*[-./年]\s*(?P<m>\d{1,2})\s*[-./月]\s*(?P<d>\d{1,2})(?!\d)日?"),
    re.compile(r"(?<!\d)(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<y>\d{2})(?P<m>\d{2})(?P<d>\d{2})(?!\d)"),
)  # fmt: skip
_NUMBER_AND_NAME = re.compile(r"(\D*?)([+(]*\d[\d ()+-]*)(\D*)")


@dataclass(frozen=True)
class Ask:
    """Parts of names in one range of an index, perhaps with a pattern in the others' columns."""

    column: str
    prefix: str
    text: str = ""  # patterns with % and _
    pinyin: str = ""

    @classmethod
    def of(cls, column: str, words: str, **patterns) -> "Ask":
        """A question longer than the column is asked as far as the column goes."""
        return cls(column, words[: NamePart._meta.get_field(column).max_length], **patterns)

    def where(self, at: str = "") -> dict:
        """The conditions for a filter, of parts or of what has them at `name_parts__`."""
        found = prefix_range(f"{at}{self.column}", self.prefix)
        patterns = {f"{at}text__like": self.text, f"{at}pinyin__like": self.pinyin}
        return found | {name: pattern for name, pattern in patterns.items() if pattern}

    def fits(self, part: Part) -> bool:
        """What the database would answer about this part."""
        return (
            getattr(part, self.column).startswith(self.prefix)
            and _is_like(part.text, self.text)
            and _is_like(part.pinyin, self.pinyin)
        )

    def is_whole(self, part: Part) -> bool:
        """The whole name was typed, not its beginning."""
        typed = getattr(part, self.column) == self.prefix
        return part.rank == NamePart.WHOLE and typed and self.column != "initials"


@dataclass
class Question:
    """Everything the words may stand for."""

    bare: str  # without spaces and dashes, in capitals
    digits: str = ""  # where the words are, or hold, one number
    names: list[Ask] = field(default_factory=list)
    dates: list[date] = field(default_factory=list)  # of birth
    beside: list[Ask] = field(default_factory=list)  # the name beside that date or number


def read(text: str, today: date) -> Question | None:
    """None for words that nobody can be found by."""
    try:
        words = tidy_name(clean_text(text))[:LONGEST_QUESTION]
    except ValidationError:  # a character that no name can hold
        return None
    plain = _SEPARATORS.sub("", half_width(words)).upper()
    if not plain or any(_is_odd(character) for character in words):
        return None
    question = Question(plain)
    if not any(character.isdigit() for character in plain):
        question.names = name_asks(words)
        return question
    if not plain.isascii():
        question.names = [Ask.of("text", bare(words))] if bare(words) else []
    number = _NUMBER_AND_NAME.fullmatch(half_width(words))
    if number:
        before, digits, after = number.groups()
        question.digits = "".join(c for c in digits if c.isdigit())
        question.beside = name_asks(before + after)
    question.dates, rest = dates_in(half_width(words), today)
    if question.dates:
        question.beside = name_asks(rest)
        if rest.strip() and not question.beside:
            question.dates = []  # what stands beside the date is no name
    return question


def _is_odd(character: str) -> bool:
    """Neither in a name nor between names and numbers, such as a picture or half a sign."""
    if is_han(character):
        return False
    kind = unicodedata.category(character)
    return kind in ("Cn", "Cs", "Cc") or (kind[0] == "S" and character not in "+`^")


def record_no(bare: str) -> str | None:
    """Our own number, with or without its letter and its noughts, as scanned from a card."""
    found = _RECORD.fullmatch(bare)
    return f"P{int(found.group(1)):08d}" if found else None


def name_asks(words: str) -> list[Ask]:
    """The ways in which a name, a part of it or its beginning is asked for; the surest first."""
    words = words.strip()
    if _LETTERS.fullmatch(words):
        letters = plain_letters(words)
        asks = [Ask.of("pinyin", letters)] if len(letters) > 1 else []
        asks += [Ask.of("initials", letters)] if letters else []
        ways = [way for way in syllables.ways(letters) if _is_mixed(way)]
        return asks + [ask for way in ways for ask in _mixture(way)]
    text = bare(words)
    if not text:
        return []
    return [Ask.of("text", text), *_mixtures(words)]


def dates_in(words: str, today: date) -> tuple[list[date], str]:
    """The birth dates that are written there, and what else is.

    Of a year in two digits both centuries count, as far as anybody can have been born then.
    """
    for shape in _DATES:
        found = shape.search(words)
        if found:
            years = [found["y"]] if len(found["y"]) == 4 else [f"19{found['y']}", f"20{found['y']}"]
            days = [_day(year, found["m"], found["d"]) for year in years]
            days = [day for day in days if day and date(1900, 1, 1) <= day <= today]
            if days:
                return days, (words[: found.start()] + " " + words[found.end() :]).strip()
    return [], words


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _is_mixed(way: list[str]) -> bool:
    """Neither all first letters nor the beginning of the pinyin: those are asked for already."""
    return any(len(piece) > 1 for piece in way) and not syllables.SYLLABLES.issuperset(way[:-1])


def _mixtures(words: str) -> list[Ask]:
    """Characters and letters together: 王xy, wang秀, w秀英."""
    found = units(words)
    runs = [
        [[text]] if is_han(text[0]) else syllables.ways(letters[0]) if letters[0].isalpha() else []
        for text, letters in found
    ]
    if len({is_han(text[0]) for text, _ways in found}) < 2:
        return []
    ways = islice(product(*runs), MOST_MIXTURES)
    return [ask for way in ways for ask in _mixture([piece for run in way for piece in run])]


def _mixture(pieces: list[str]) -> list[Ask]:
    """One for each way in which the characters may be read as the first letter of a syllable."""
    firsts = [
        sorted({way[:1] for at in (0, 1) for way in readings(piece, at)} - {""})
        if is_han(piece[0])
        else [piece[0]]
        for piece in pieces
    ]
    has_characters = any(is_han(piece[0]) for piece in pieces)
    text = "".join(piece if is_han(piece[0]) else "_" for piece in pieces) + "%"
    pinyin = "".join("%" if is_han(piece[0]) else f"{piece}%" for piece in pieces)
    return [
        Ask.of("initials", "".join(letters), text=text if has_characters else "", pinyin=pinyin)
        for letters in islice(product(*firsts), MOST_MIXTURES)
    ]


@lru_cache(maxsize=256)
def _pattern(like: str) -> re.Pattern:
    signs = {"%": ".*", "_": "."}
    return re.compile("".join(signs.get(sign) or re.escape(sign) for sign in like))


def _is_like(text: str, like: str) -> bool:
    return not like or bool(_pattern(like).fullmatch(text))
