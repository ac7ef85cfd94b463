"""Any table of codes and names of diagnoses, brought into ours (R-158).

Codes that are there stay as they are, with the words the clinic knows them by; only who asks for it
gets the file's names for them. One that the file does not name stays, one that was put out of use
stays out of use. A second import of the same file changes nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.errors import RuleBroken
from clinic.core.tables import matching, parsers, reading
from clinic.core.tables.kinds import Column, Row, Status, TableKind
from clinic.core.transactions import atomic_retry
from registration import icd10, icd10_words
from registration.models import Icd10Code

PIECE = 20  # rows of one transaction: no write lock is held long
CODE = re.compile(r"[A-Z]\d{2}[0-9A-Z.+*/-]*")
LONGEST_CODE = Icd10Code._meta.get_field("code").max_length
LONGEST_NAME = Icd10Code._meta.get_field("name").max_length


def _code(cell: parsers.Cell) -> str:
    found = parsers.code(LONGEST_CODE)(cell)
    found = parsers.at_most(LONGEST_CODE, found.replace(" ", "").upper())
    if not CODE.fullmatch(found):
        raise ValidationError(_("this is no code of a diagnosis, like J20.9"))
    return found


def _name(cell: parsers.Cell) -> str:
    found = parsers.text(LONGEST_NAME)(cell)
    if not any(character.isalpha() for character in found):
        raise ValidationError(_("there is no name in it"))
    return found


def _initials(cell: parsers.Cell) -> str:
    longest = icd10_words.LONGEST_INITIALS
    found = parsers.at_most(longest, parsers.text(longest)(cell).upper())
    if not found.isascii() or not found.isalnum():
        raise ValidationError(_("not only letters and digits"))
    return found


class Icd10Table(TableKind):
    """The columns such tables have, under the names they give them."""

    name = "icd10"
    label = gettext_lazy("Table of diagnoses")
    columns = (
        Column(
            "code",
            gettext_lazy("code"),
            _code,
            (
                "疾病编码",
                "诊断编码",
                "诊断代码",
                "疾病代码",
                "icd编码",
                "icd10编码",
                "icd10",
                "编码",
            )
            + ("代码", "主要编码", "icd码"),
            required=True,
        ),
        Column(
            "name",
            gettext_lazy("name"),
            _name,
            ("疾病名称", "诊断名称", "中文名称", "名称", "病名", "name_zh", "疾病诊断", "诊断"),
            required=True,
        ),
        Column(
            "initials",
            gettext_lazy("pinyin initials"),
            _initials,
            ("拼音码", "拼音简码", "首字母", "简拼", "助记码", "拼音首字母"),
        ),
    )


KIND = Icd10Table()


@dataclass
class Result:
    """What became of the rows."""

    headings: dict[str, str] = field(default_factory=dict)
    encoding: str = ""
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    own: int = 0  # of those unchanged: called otherwise here than in the file
    refused: list[Row] = field(default_factory=list)


def import_table(
    content: bytes,
    *,
    sheet: int = 0,
    encoding: str = "",
    header: int = 0,
    overwrite: bool = False,
    write: bool = True,
) -> Result:
    """Read the file, find its heading, bring in every row that is one; RuleBroken when it is no
    table of diagnoses. With `write` off it only says what it would do."""
    source, rows = reading.open_table(content, sheet=sheet, encoding=encoding)
    first = list(islice(rows, matching.LOOK))
    at = header or matching.header_among(KIND, first)
    headings = next((matching.texts(cells) for number, cells in first if number == at), [])
    mapping = matching.match(KIND, headings)
    if matching.missing(KIND, mapping):
        headings = headings or matching.texts(first[0][1] if first else [])
        raise RuleBroken(
            _("No heading with the columns code and name was found. Found: %(words)s.")
            % {"words": "、".join(headings[:20]) or "—"}
        )
    result = Result({key: headings[place] for key, place in mapping.items()}, source.encoding)
    seen: dict[str, tuple[str, int]] = {}
    parsed = _parsed(chain(first, rows), mapping, at, headings)
    while piece := list(islice(parsed, PIECE)):
        good = [row for row in piece if not row.status and _is_new(row, seen)]
        done, own = _bring(good, overwrite=overwrite, write=write)
        result.own += own
        _count(result, piece, done)
    return result


def _parsed(rows, mapping, header: int, headings) -> Iterator[Row]:
    for number, cells in rows:
        row = Row(number, cells)
        matching.parse(KIND, mapping, header, headings, row)
        if row.status != Status.SKIPPED and any(matching.texts(cells)):
            yield row


def _is_new(row: Row, seen: dict) -> bool:
    """The first line of a code counts; a later one with another name is refused."""
    code, name = row.values["code"], row.values["name"]
    before = seen.setdefault(code, (name, row.number))
    if before == (name, row.number):
        return True
    if before[0] == name:
        row.status = Status.UNCHANGED
    else:
        row.refuse(
            _("%(code)s has another name in row %(row)s.") % {"code": code, "row": before[1]}
        )
    return False


@atomic_retry
def _bring(rows: list[Row], *, overwrite: bool, write: bool) -> tuple[dict[int, str], int]:
    """Row number → what became of it; and how many go by another name here."""
    there = Icd10Code.objects.in_bulk([row.values["code"] for row in rows], field_name="code")
    new, done, own = [], {}, 0
    for row in rows:
        known = there.get(row.values["code"])
        if known is None:
            new.append(Icd10Code(**_fields(row)))
            done[row.number] = Status.CREATED
        elif overwrite:
            done[row.number] = _follow(known, row, write=write)
        else:
            done[row.number] = Status.UNCHANGED
            own += known.name != row.values["name"]
    if new and write:
        icd10.write(new)
    return done, own


def _fields(row: Row) -> dict:
    name = row.values["name"]
    letters = row.values.get("initials") or icd10_words.initials_of(name)
    return {"code": row.values["code"], "name": name, "initials": letters}


def _follow(known: Icd10Code, row: Row, *, write: bool) -> str:
    """The file's name for a code that is there; initials stay with a name that stays."""
    if known.name == row.values["name"] and "initials" not in row.values:
        return Status.UNCHANGED
    wanted = _fields(row)
    if (known.name, known.initials) == (wanted["name"], wanted["initials"]):
        return Status.UNCHANGED
    known.name, known.initials = wanted["name"], wanted["initials"]
    if write:
        known.save(update_fields=["name", "initials"])
    return Status.CHANGED


def _count(result: Result, piece: list[Row], done: dict[int, str]) -> None:
    for row in piece:
        status = done.get(row.number, row.status)
        if status == Status.REFUSED:
            result.refused.append(row)
        elif status == Status.CREATED:
            result.created += 1
        elif status == Status.CHANGED:
            result.changed += 1
        else:
            result.unchanged += 1
