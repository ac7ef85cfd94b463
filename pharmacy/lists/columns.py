"""The columns of a supplier's list, and what their cells say to the boxes of the form."""

import re
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.tables import parsers
from clinic.core.tables.kinds import Column, TableKind
from clinic.core.tables.parsers import Cell, Doubtful, Parser
from clinic.core.text import half_width
from pharmacy import headings
from pharmacy.expiry import parse_expiry

LONGEST = 200  # of one cell; every box of the form refuses less than that
MOST_COST = 999_999
# A number such as 2026.1 was typed as 2026.10 or as 2026.1: the program kept neither.
_YEAR_AND_TENTH = re.compile(r"\d{4}\.\d")


def kept(parse: Parser) -> Parser:
    """The same, but what can't be read stays as it is, to be corrected in its box."""

    def as_it_is(cell: Cell) -> str:
        try:
            return str(parse(cell))
        except ValidationError as error:
            raise Doubtful(cell.text[:LONGEST], error.messages[0]) from None

    return as_it_is


def day(cell: Cell) -> str:
    """A day as the box takes it: 2026-05 stays the month it is (R-109)."""
    words = half_width(cell.text).strip()
    if cell.kind == "n" and _YEAR_AND_TENTH.fullmatch(words):
        raise Doubtful(words, _("the program has dropped a zero, perhaps: October or January"))
    try:
        parse_expiry(words)
    except ValueError:
        try:
            return parsers.day(cell).isoformat()
        except ValidationError:
            return cell.text[:LONGEST]  # the form says it
    return words


def last_day(cell: Cell) -> str:
    """A day on which something ends. Who types 2026-05 into a spreadsheet gets its first day."""
    words = day(cell)
    if cell.kind == "d" and words.endswith("-01"):
        raise Doubtful(
            words, _("perhaps %(month)s was typed, which means its last day") % {"month": words[:7]}
        )
    return words


def cost(cell: Cell) -> str:
    """A plain amount with at most four decimals; 7.2 for ￥7.20."""
    try:
        return plain_number(_number(cell))
    except Doubtful as doubt:  # rounded
        raise Doubtful(plain_number(doubt.value), doubt.message) from None
    except ValidationError:
        return cell.text[:LONGEST]  # the form says it


def plain_number(value: Decimal) -> str:
    """7.20 and 7.125: cents are always written."""
    value = value.normalize()
    return f"{value if value.as_tuple().exponent < -2 else value.quantize(Decimal('0.01')):f}"


_number = parsers.number(places=4, most=MOST_COST)
text, code = kept(parsers.text(LONGEST)), kept(parsers.code(LONGEST))
COLUMNS = (
    Column(
        "generic_name",
        gettext_lazy("drug"),
        text,
        (*headings.GENERIC_NAME, *headings.TRADE_NAME, "货品名称", "drug"),
    ),
    Column("spec", gettext_lazy("specification"), text, headings.SPEC),
    Column("approval_number", gettext_lazy("approval number"), code, headings.APPROVAL_NUMBER),
    Column("barcode", gettext_lazy("barcode"), code, headings.BARCODE),
    Column("code", gettext_lazy("code"), code, headings.CODE),
    Column("maker", gettext_lazy("maker"), text, headings.MAKER),
    Column("lot", gettext_lazy("lot"), code, headings.LOT),
    Column("made_on", gettext_lazy("production date"), day, headings.MADE_ON),
    Column("expires_on", gettext_lazy("expiry date"), last_day, headings.EXPIRES_ON),
    Column("packs", gettext_lazy("quantity"), text, headings.QUANTITY),
    Column("pieces", gettext_lazy("pieces"), text, headings.PIECES),
    Column("unit", gettext_lazy("unit"), text, headings.UNIT),
    Column("cost", gettext_lazy("cost per pack"), cost, headings.COST),
    Column("amount", gettext_lazy("amount"), cost, headings.AMOUNT),
    Column("shelf", gettext_lazy("shelf"), text, headings.SHELF),
    Column("trace_code", gettext_lazy("trace code"), code, headings.TRACE_CODE),
)
# Of rows that are pasted without their headings.
IN_ORDER = ["generic_name", "lot", "made_on", "expires_on", "packs", "cost", "shelf"]
NAMING = {"generic_name", "approval_number", "barcode", "code"}  # one of them names the drug
FEWEST = 2  # columns by which a row is known as the headings


class SupplierList(TableKind):
    """Only read and matched: its rows become lines of a form, and the form's verb writes them."""

    name = "delivery"
    label = gettext_lazy("Supplier's list")
    columns = COLUMNS
    in_every_row = ("lot", "expires_on")
