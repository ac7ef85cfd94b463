"""The cells of a report: each column says what its values are."""

from django import template
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from pharmacy.reports.table import DAY, MONEY, NUMBER, QUANTITY, Column, Row, Table
from pharmacy.templatetags.pharmacy import expiry_tag
from pharmacy.units import packs_and_pieces

register = template.Library()


@register.simple_tag
def report_cells(table: Table, row: Row) -> SafeString:
    """The row's cells; the first word leads on where the row has an address."""
    return format_html_join(
        "",
        "{}",
        (
            (_cell(column, value, row, leads=row.url if n == _lead(table) else ""),)
            for n, (column, value) in enumerate(zip(table.columns, row.cells, strict=True))
        ),
    )


@register.simple_tag
def report_total(table: Table) -> SafeString:
    pairs = zip(table.columns, table.total, strict=True)
    return format_html_join("", "{}", ((_cell(column, value, None),) for column, value in pairs))


def _lead(table: Table) -> int:
    """The first column of words: a date or a number is no link."""
    return next((n for n, column in enumerate(table.columns) if not _is_figure(column)), 0)


def _is_figure(column: Column) -> bool:
    return column.is_number or column.kind == DAY


def _cell(column: Column, value, row: Row | None, leads: str = "") -> SafeString:
    if column.kind == DAY and value:
        return format_html(
            '<td class="nowrap">{} {}</td>',
            date_format(value),
            expiry_tag(value) if column.is_expiry else "",
        )
    if value == "" or not column.is_number:
        words = format_html('<a class="row-act ps-0" href="{}">{}</a>', leads, value)
        return format_html("<td>{}</td>", words if leads else value)
    return format_html('<td class="num">{}</td>', _figure(column, value, row))


def _figure(column: Column, value, row: Row | None) -> str:
    if column.kind == MONEY:
        return f"¥{value:,.2f}" if value >= 0 else f"-¥{-value:,.2f}"
    if column.kind == QUANTITY and row is not None and row.drug and isinstance(value, int):
        return packs_and_pieces(row.drug, value)
    return f"{value:,}" if column.kind == NUMBER and isinstance(value, int) else str(value)
