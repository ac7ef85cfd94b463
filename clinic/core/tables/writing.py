"""Files that a spreadsheet program opens, and that can't make it compute anything.

In CSV a cell that begins like a formula gets an apostrophe in front; in xlsx text is stored as
text, which no program takes for a formula. The writer keeps only one row in memory.
"""

import csv
import html
import io
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext_lazy as _

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PRACTICE = _("Practice clinic: nothing here is a real patient")
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?%?")
_FORBIDDEN_NAME = re.compile(r"[\[\]:*?/\\]")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def harmless(value) -> str:
    """The cell's text for CSV: a formula is disarmed, a number stays one."""
    text = "" if value is None else str(value)
    if text.startswith(_DANGEROUS) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


def csv_bytes(rows: Iterable[Iterable], *, encoding: str = "utf-8") -> Iterable[bytes]:
    """The same in another encoding; only UTF-8 begins with a mark."""
    for line in csv_lines(rows):
        yield line.removeprefix("\ufeff").encode(encoding) if encoding != "utf-8" else line.encode()


def csv_lines(rows: Iterable[Iterable]) -> Iterable[str]:
    """The file piece by piece; its first mark tells spreadsheet programs that it is UTF-8."""
    yield "\ufeff"
    for row in rows:
        line = io.StringIO()
        csv.writer(line).writerow([harmless(cell) for cell in row])
        yield line.getvalue()


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook; `rows` are read once.

    `header` and `footer` come on every printed page: text on the left; the page's number is added.
    `heads`: which rows are headings, counted from 0; they are bold.
    """

    name: str
    rows: Iterable[Iterable]
    header: str = ""
    footer: str = ""
    heads: tuple[int, ...] = ()


_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/></font>'
    '<font><b/><sz val="11"/></font></fonts><fills count="2"><fill><patternFill '
    'patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf fontId="0" xfId="0"/><xf fontId="1" xfId="0" applyFont="1"/></cellXfs>'
    "</styleSheet>"
)
_LONGEST_MARGIN = 200  # spreadsheet programs refuse more than 255 characters


def write_xlsx(out, rows: Iterable[Iterable], *, sheet: str = "1") -> None:
    """One sheet into the open binary file `out`; int and Decimal are numbers, the rest is text."""
    write_book(out, [Sheet(sheet, rows)])


def write_book(out, sheets: list[Sheet]) -> None:
    """A workbook into the open binary file `out`, a row at a time."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _frame(sheet_names(sheets)).items():
            archive.writestr(name, _HEAD + text)
        for number, sheet in enumerate(sheets, 1):
            with archive.open(f"xl/worksheets/sheet{number}.xml", "w") as part:
                part.write(f'{_HEAD}<worksheet xmlns="{_MAIN}">'.encode())
                part.write(b'<sheetFormatPr defaultColWidth="16" defaultRowHeight="15"/>')
                part.write(b"<sheetData>")
                for at, row in enumerate(sheet.rows):
                    style = ' s="1"' if at in sheet.heads else ""
                    part.write(f"<row>{''.join(_cell(c, style) for c in row)}</row>".encode())
                part.write(f"</sheetData>{_margins(sheet)}</worksheet>".encode())


def sheet_names(sheets: list[Sheet]) -> list[str]:
    """As a spreadsheet program takes them: short, without its own signs, each once."""
    names: list[str] = []
    for number, sheet in enumerate(sheets, 1):
        name = _FORBIDDEN_NAME.sub(" ", _FORBIDDEN.sub("", sheet.name))[:31].strip("' ")
        taken = not name or name.lower() in (other.lower() for other in names)
        names.append(f"{name[:27]} {number}".strip() if taken else name)
    return names


def _frame(names: list[str]) -> dict[str, str]:
    """Every part of the package but the sheets themselves."""
    numbers = range(1, len(names) + 1)
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_OFFICE}.worksheet+xml"/>'
        for n in numbers
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{_LINKS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    sheets = "".join(
        f'<sheet name="{html.escape(name)}" sheetId="{n}" r:id="rId{n}"/>'
        for n, name in enumerate(names, 1)
    )
    return {
        "[Content_Types].xml": (
            f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType='
            '"application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_OFFICE}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{_OFFICE}.styles+xml"/>'
            f"{types}</Types>"
        ),
        "_rels/.rels": (
            f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{_LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{_PACKAGE}/relationships">{links}<Relationship '
            f'Id="rId{len(names) + 1}" Type="{_LINKS}/styles" Target="styles.xml"/></Relationships>'
        ),
        "xl/styles.xml": _STYLES,
        "xl/workbook.xml": (
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}"><sheets>{sheets}</sheets></workbook>'
        ),
    }


def _margins(sheet: Sheet) -> str:
    words = [str(PRACTICE)] if settings.CLINIC_PRACTICE else []
    words += [sheet.header] if sheet.header else []
    if not (words or sheet.footer):
        return ""
    header, footer = _margin(" · ".join(words)), _margin(sheet.footer)
    return (
        f"<headerFooter><oddHeader>&amp;L{header}</oddHeader>"
        f"<oddFooter>&amp;L{footer}&amp;R&amp;P / &amp;N</oddFooter></headerFooter>"
    )


def _margin(text: str) -> str:
    """The sign of a code is doubled: a patient's words must be no code of the page's margin."""
    plain = _FORBIDDEN.sub("", text)[:_LONGEST_MARGIN].replace("&", "&&").replace("\n", " ")
    return html.escape(plain, quote=False)


def _cell(value, style: str = "") -> str:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return f"<c{style}><v>{value}</v></c>"
    text = html.escape(_FORBIDDEN.sub("", "" if value is None else str(value)), quote=False)
    return f'<c{style} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
