"""The figures as a workbook: what the page shows, and no more."""

import io
from urllib.parse import quote

from django.http import HttpResponse
from django.utils.translation import gettext as _

from clinic.core.tables.writing import XLSX_TYPE, Sheet, write_book
from clinic.statistics.figures import DOCTORS
from clinic.statistics.shown import Card, Cell, Line, Picture
from clinic.statistics.tallies import tenths


def response(picture: Picture) -> HttpResponse:
    """Three sheets: the ten figures, by doctor, by department."""
    file, span = io.BytesIO(), picture.asked.span
    write_book(file, sheets(picture))
    answer = HttpResponse(file.getvalue(), content_type=XLSX_TYPE)
    title = _("The clinic's figures")
    name = f"{title}-{span.since}-{span.until}.xlsx"
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return answer


def sheets(picture: Picture) -> list[Sheet]:
    found = [Sheet(_("Ten figures"), _figures(picture), heads=(1,))]
    for title, lines in (
        (_("By doctor"), picture.doctors),
        (_("By department"), picture.departments),
    ):
        if lines:
            found.append(Sheet(title, _lines(title, [*lines, picture.whole]), heads=(0,)))
    return found


def _figures(picture: Picture):
    asked = picture.asked
    yield [_("Period"), f"{asked.span.since} – {asked.span.until}", whose(picture)]
    yield [
        _("Figure"), _("Value"), _("Unit"), "P90", _("How many"), _("What is counted"),
        _("Period before"), _("Pilot, before"), _("Pilot, after"), _("Target met"),
        _("How it is computed"),
    ]  # fmt: skip
    for card in picture.cards:
        yield _figure(card)


def whose(picture: Picture) -> str:
    """Of whom the figures are, in words."""
    asked = picture.asked
    for one in asked.doctors:
        if one.pk == asked.doctor:
            return one.name
        if not asked.doctor and one.department == asked.department:
            return one.department_name
    return _("The whole clinic")


def _figure(card: Card) -> list:
    figure, now = card.figure, card.now
    met = "" if now.value is None else _("yes") if card.is_met else _("no")
    return [
        figure.title, _value(now), figure.unit, now.p90, now.n, figure.group,
        _value(card.before), figure.original, figure.target, met, figure.meaning,
    ]  # fmt: skip


def _lines(title: str, lines: list[Line]):
    heads = [f"{figure.title} ({figure.unit})" for figure in DOCTORS]
    yield [title, _("Finished visits"), *heads]
    for line in lines:
        cells = [_value(cell) for _figure_of, cell in line.cells]
        yield [line.name or _("The whole clinic"), _value(line.visits), *cells]


def _value(cell: Cell):
    """A number; where the group is too small, the words that say so."""
    if cell.is_hidden:
        return _("fewer than 5")
    return "" if cell.value is None else tenths(cell.value)
