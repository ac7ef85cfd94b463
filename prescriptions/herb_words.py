"""Coded words of a herbal sheet: preparation, taking, notes; what is known of pieces (R-21)."""

import csv
import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

from django.utils.translation import gettext as _

from prescriptions.dictionary import Frequency, Route, frequency_of, route_of

DATA = Path(__file__).parent / "data"
HERB = "饮片"
DECOCTED, EXTERNAL = "decoct", "external"


@dataclass(frozen=True)
class Method:
    """What is made of the pieces, and the route that follows from it."""

    code: str
    name: str
    route: Route
    kind: str


@dataclass(frozen=True)
class Usage:
    """How many doses (剂) last how long, and how one is taken."""

    code: str
    name: str
    doses_per_day: Fraction
    frequency: Frequency

    def days(self, doses: int) -> int:
        """Days that so many doses last, rounded up."""
        return -(-doses * self.doses_per_day.denominator // self.doses_per_day.numerator)


@dataclass(frozen=True)
class Note:
    """先煎, 后下 …: stands in brackets at the upper right of a piece."""

    code: str
    name: str


def _rows(name: str) -> list[dict]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def methods() -> dict[str, Method]:
    """By code, in the order of the table."""
    return {
        row["code"]: Method(row["code"], row["name"], route_of(row["route"]), row["kind"])
        for row in _rows("herb_methods.csv")
    }


@cache
def usages() -> dict[str, Usage]:
    """By code, in the order of the table."""
    return {
        row["code"]: Usage(
            row["code"],
            row["name"],
            Fraction(row["doses_per_day"]),
            frequency_of(row["frequency"]),
        )
        for row in _rows("herb_usages.csv")
    }


@cache
def notes() -> dict[str, Note]:
    """By code, in the order of the table."""
    return {row["code"]: Note(row["code"], row["name"]) for row in _rows("herb_notes.csv")}


def note_name(code: str) -> str:
    """A stored note in words; "" for none."""
    return notes()[code].name if code else ""


def note_of(name: str) -> Note | None:
    """The note of this name."""
    return next((note for note in notes().values() if note.name == name), None)


# -- pieces that are known by name --


@dataclass(frozen=True)
class Known:
    """What is usual of a piece; typical values that a pharmacist has still to check (R-157)."""

    note: str = ""
    must: bool = False  # without the note it is dangerous
    most: Fraction | None = None  # grams of one dose
    toxic: bool = False  # of the list of toxic drugs
    pregnancy: str = ""  # 禁用, 慎用


NOTHING = Known()
# How a piece was prepared, before its name, and what was made of it, behind it.
BEFORE = re.compile(r"^(?:制|炙|蜜|炒|酒|醋|盐|煅|生)")
BEHIND = re.compile(r"(?:\([^)]*\)|流?浸膏粉?|提取物|粉|霜|等)+$")


@cache
def _table() -> dict[str, Known]:
    found = {}
    for row in _rows("herbs.csv"):
        known = Known(
            note=row["note"],
            must=row["must"] == "1",
            most=Fraction(row["most"]) if row["most"] else None,
            toxic=row["toxic"] == "1",
            pregnancy=row["pregnancy"],
        )
        found |= dict.fromkeys(row["names"].split(), known)
    return found


def known(name: str, ingredients=()) -> Known:
    """The piece by its own name first: 姜半夏 is not 生半夏, 制川乌 not 川乌."""
    written = [_plain(name), *sorted(_plain(one) for one in ingredients)]
    bare = [BEHIND.sub("", one) for one in written]
    for one in [*written[:1], *bare[:1], *written[1:], *bare[1:], *(_unprepared(b) for b in bare)]:
        if one in _table():
            return _table()[one]
    return NOTHING


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip()


def _unprepared(name: str) -> str:
    return BEFORE.sub("", name)


def is_piece(drug) -> bool:
    """True for a row of the library that is a herbal piece."""
    return HERB in drug.class_tags.split(";")


# What `common_line` reads of a sheet.
FOR_COMMON_LINE = ("form", "herb_doses", "herb_method", "herb_usage")


def common_line(prescription) -> str:
    """ "共7剂 水煎服 每日1剂 分2次温服", what holds for all pieces; "" for other sheets."""
    if prescription.form != "herbal":
        return ""
    method = methods().get(prescription.herb_method)
    usage = usages().get(prescription.herb_usage)
    doses = prescription.herb_doses
    parts = [
        _("%(doses)s doses in all") % {"doses": doses} if doses else _("doses not written yet"),
        method.name if method else "",
        usage.name if usage else "",
    ]
    return " ".join(filter(None, parts))
