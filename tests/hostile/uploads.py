"""Files that are broken, huge, mislabelled or nested; none of them is what it says."""

import io
import json
import os
import random
import struct
import tarfile
import zipfile
import zlib

from tests.factories import xls
from tests.hostile import forms, values
from tests.hostile.fields import Typist
from tests.hostile.lab import Request

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEET = "xl/worksheets/sheet1.xml"
TENFOLD = [f"&l{number};" * 10 for number in range(9)]
BILLION = "".join(f'<!ENTITY l{n} "{inner}">' for n, inner in enumerate(TENFOLD, 1))
LAUGHS = f'<!DOCTYPE x [<!ENTITY l0 "ha">{BILLION}]>'
OUTSIDE = (
    f'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/{values.MARK}">'
    f'<!ENTITY h SYSTEM "http://{values.HOST}/"><!ENTITY % p SYSTEM "http://{values.HOST}/d">%p;]>'
)
HUGE = 10 * 1024 * 1024 - 4096  # under what a file may have


def workbook() -> dict[str, str]:
    """The parts of a whole workbook of ours."""
    from clinic.core.tables import writing

    out = io.BytesIO()
    rows = [["姓名", "性别", "出生日期", "code", "name"], ["王秀英", "女", "1950-01-01", "X1", "x"]]
    writing.write_xlsx(out, [writing.Sheet("x", rows)])
    with zipfile.ZipFile(out) as packed:
        return {name: packed.read(name).decode() for name in packed.namelist()}


def zipped(parts: dict, *, how=zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return out.getvalue()


def books() -> dict[str, bytes]:
    """Workbooks with something wrong in one part."""
    whole = workbook()
    sheet = whole[SHEET]
    head, _mark, rest = sheet.partition("?>")
    cell = '<row r="1"><c r="A1" t="inlineStr"><is><t>%s</t></is></c></row>'
    made = {
        "whole": whole,
        "entities": {**whole, SHEET: f"{head}?>{OUTSIDE}{rest.replace('王秀英', '&e;&h;')}"},
        "laughs": {**whole, SHEET: f"{head}?>{LAUGHS}{rest.replace('王秀英', '&l9;')}"},
        "macros": {**whole, "xl/vbaProject.bin": "\xd0\xcf" * 9},
        "paths": {**whole, f"../../../../etc/{values.MARK}": "x", "/etc/hxcanary2": "x"},
        "outside link": {
            **whole,
            "xl/externalLinks/externalLink1.xml": "<externalLink/>",
            "xl/externalLinks/_rels/externalLink1.xml.rels": (
                f'<Relationships><Relationship Target="http://{values.HOST}/"/></Relationships>'
            ),
        },
        "no sheet": {name: text for name, text in whole.items() if name != SHEET},
        "a sheet that is none": {**whole, SHEET: "<<<>>>"},
        "a sheet cut off": {**whole, SHEET: sheet[: len(sheet) // 2]},
        "an empty sheet": {**whole, SHEET: ""},
        "a far cell": {**whole, SHEET: sheet.replace('r="A2"', 'r="XFD1048576"')},
        "a cell too far": {**whole, SHEET: sheet.replace('r="A2"', 'r="ZZZZZZ99999999999"')},
        "a cell nowhere": {**whole, SHEET: sheet.replace('r="A2"', 'r="&lt;"')},
        "deep": {**whole, SHEET: f"{head}?><worksheet>{'<a>' * 100_000}"},
        "numbers": {
            **whole,
            SHEET: sheet.replace(
                "<sheetData>",
                "<sheetData><row r='1'>"
                + "".join(
                    f"<c><v>{v}</v></c>"
                    for v in ("NaN", "1e999", "-0", "9" * 400, "inf", "1e308", "x")
                )
                + "</row>",
            ),
        },
        "dates": {
            **whole,
            SHEET: sheet.replace(
                "<sheetData>",
                "<sheetData><row r='1'><c t='d'><v>9999-99-99</v></c>"
                "<c s='1'><v>-1e9</v></c><c s='1'><v>99999999</v></c><c t='e'><v>#REF!</v></c>"
                "<c t='s'><v>99999999</v></c><c t='s'><v>-1</v></c><c t='zz'><v>1</v></c></row>",
            ),
        },
        "merged everywhere": {
            **whole,
            SHEET: sheet.replace(
                "</sheetData>",
                '</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/>'
                '<mergeCell ref="A0:A0"/><mergeCell ref="x"/></mergeCells>',
            ),
        },
        "typed programs": {
            **whole,
            SHEET: sheet.replace(
                "<sheetData>",
                "<sheetData>"
                + "".join(
                    cell % f"<![CDATA[{text}]]>"
                    for text in (values.SCRIPT, values.PROGRAMS["formula"], "{{ 7*7 }}")
                ),
            ),
        },
        "control characters": {**whole, SHEET: sheet.replace("王秀英", "&#x1F;&#0;_x0000_")},
        "many parts": {**whole, **{f"xl/x{number}": "" for number in range(3000)}},
        "a book in a book": {**whole, "xl/inner.xlsx": zipped(whole)},
    }
    packed = {name: zipped(parts) for name, parts in made.items()}
    packed["bomb"] = zipped({**whole, "xl/bomb.xml": "0" * 300_000_000})
    packed["bomb of a sheet"] = zipped({**whole, SHEET: sheet[:-1] + " " * 150_000_000})
    packed["strings"] = zipped({**whole, "xl/sharedStrings.xml": "<si><t>x</t></si>" * 9_000_000})
    packed["kept whole"] = zipped(whole, how=zipfile.ZIP_STORED)
    packed["LZMA"] = zipped(whole, how=zipfile.ZIP_LZMA)
    packed["BZIP2"] = zipped(whole, how=zipfile.ZIP_BZIP2)
    return packed


def spoilt(content: bytes, chance: random.Random) -> dict[str, bytes]:
    """The same file with bytes changed, cut off, or with lies about its sizes."""
    broken = {
        "cut in half": content[: len(content) // 2],
        "first bytes only": content[:4],
        "without its end": content[:-22],
        "twice": content + content,
        "after other things": b"x" * 1000 + content,
        "with a tail": content + os.urandom(5000),
        "declared 4 GB": content.replace(
            content[22:26], b"\xff\xff\xff\xff" if len(content) > 26 else b""
        ),
    }
    for number in range(6):
        changed = bytearray(content)
        for _ in range(8):
            if changed:
                changed[chance.randrange(len(changed))] = chance.randrange(256)
        broken[f"changed {number}"] = bytes(changed)
    return broken


def others() -> dict[str, bytes]:
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        for name, kind in (("../../x", tarfile.REGTYPE), ("link", tarfile.SYMTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, f"/etc/{values.MARK}"
            archive.addfile(info)
    nested = zipped({"a.txt": "x"})
    for _ in range(20):
        nested = zipped({"inner.zip": nested})
    csv = "姓名,性别,出生日期,code,name\n"
    return {
        "empty": b"",
        "one byte": b"\0",
        "nothing but zeros": b"\0" * 100_000,
        "huge": b"x" * HUGE,
        "huge in one line": b"," * HUGE,
        "huge in quotes": b'"' + b"a" * HUGE,
        "many rows": csv.encode() + b"a,b,c,d,e\n" * 60_000,
        "more than a file may have": b"a" * (11 * 1024 * 1024),
        "random": os.urandom(50_000),
        "tar": tar.getvalue(),
        "nested": nested,
        "PNG": b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
        "SVG": f"<svg xmlns='http://www.w3.org/2000/svg' onload='{values.MARK}()'/>".encode(),
        "HTML": f"<html><body>{values.SCRIPT}</body></html>".encode(),
        "PDF": b"%PDF-1.7\n" + b"x" * 1000,
        "program": b"MZ" + b"\0" * 1000,
        "ELF": b"\x7fELF" + b"\0" * 1000,
        "gzip": b"\x1f\x8b" + zlib.compress(b"0" * 50_000_000),
        "xls": xls.write([["姓名", "code"], ["王", "X"]]),
        "OLE that is none": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 5000,
        "OLE in a ring": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + b"\0" * 16
        + struct.pack("<HHH", 0x3E, 3, 0xFFFE)
        + b"\x09\0\x06\0"
        + b"\0" * 480
        + struct.pack("<I", 0) * 1024,
        "CSV of programs": (
            csv + "\n".join(f'"{v}",女,1950,1,"{v}"' for v in values.PROGRAMS.values())
        ).encode("utf-8", "replace"),
        "CSV of numbers": (
            csv + "\n".join(f"{v},{v},{v},{v},{v}" for v in values.NUMBERS.values())
        ).encode(),
        "CSV of dates": (csv + "\n".join(f"a,b,{v},c,d" for v in values.DATES.values())).encode(),
        "CSV in bad bytes": csv.encode() + b"\xff\xfe\0\xc3\x28,\x80\n" * 50,
        "CSV in UTF-32": csv.encode("utf-32"),
        "many columns": b"a," * 300_000,
        "FHIR, deep": b'{"resourceType":"Bundle","entry":' + b"[" * 100_000,
        "FHIR, odd": json.dumps(
            {
                "resourceType": "Bundle",
                "type": "collection",
                "entry": [
                    {
                        "resource": {
                            "resourceType": "Patient",
                            "id": "p",
                            "name": [{"text": values.SCRIPT}],
                            "birthDate": "9999-99-99",
                            "photo": [{"url": f"http://{values.HOST}/"}],
                            "text": {"status": "x", "div": f"<div>{values.SCRIPT}</div>"},
                        }
                    }
                ],
            }
        ).encode(),
    }


NAMES = (
    *("x.xlsx", "x.xls", "x.csv", "x.json", "x.exe", "", ".", "x", "../../../x.csv", "x.csv.php"),
    *("\\\\host\\share\\x.csv", f"{values.SCRIPT}.csv", "a" * 5000 + ".csv", "CON", "x%00.csv"),
    *("名单\u202exslx.exe", "x\0.csv", 'a".csv', "\ud800.csv", "x.csv\r\nX: y"),
)
KINDS = (
    "application/octet-stream",
    XLSX,
    "text/csv",
    "application/json",
    "text/html",
    "",
    "x/\xff",
)


def contents(chance: random.Random) -> dict[str, bytes]:
    all_books = books()
    found = {**all_books, **others()}
    for name, content in spoilt(all_books["whole"], chance).items():
        found[f"book, {name}"] = content
    for name, content in spoilt(found["xls"], chance).items():
        found[f"xls, {name}"] = content
    return found


def requests(typists: list[Typist], chance: random.Random):
    """Every file into every field that takes one."""
    everything = contents(chance)
    for typist in typists:
        for title, content in everything.items():
            yield "uploads", typist.who, _sent(typist, title, content, chance, "x.xlsx", XLSX)
        for name in NAMES:
            whole = everything["whole"]
            kind = chance.choice(KINDS)
            title = f"named {name[:30]!r} as {kind}"
            yield "uploads", typist.who, _sent(typist, title, whole, chance, name, kind)


def _sent(typist: Typist, title, content, chance, name, kind) -> Request:
    form = typist.form
    files = [(field, name, kind, content) for field in form.files]
    press = [button for button in form.buttons if "file" in "".join(button)]
    pairs = form.pairs(chance.choice(press or form.buttons or [("", "")]))
    body = forms.multipart(pairs, files)
    about = f"{typist.about} {form.files}"
    return Request(title, "POST", form.action, body, forms.MULTIPART, about=about)
