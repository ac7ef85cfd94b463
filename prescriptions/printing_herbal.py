"""The printed herbal sheet: pieces in three columns, notes at the upper right (R-8, R-21, R-162).

`sheet_herbal` gives plain values only, so that what is printed can be kept as it was.
"""

from decimal import Decimal

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from prescriptions import printing, reasons
from prescriptions.doses import number_text
from prescriptions.fitting import (
    ROOM,
    SIGN_HERE,
    SIZES,
    Page,
    as_plain,
    extra_head,
    leaves,
    letters,
)
from prescriptions.herb_words import note_name
from prescriptions.herbal import common_line
from prescriptions.layout import Layout, current, for_kind
from prescriptions.models import AlertRecord, Prescription, PrescriptionItem
from prescriptions.moves import live_items

COLUMNS = 3
# Millimetres of css/print-rx-v1-herbal.css: a column for its text, a line of reasons, gaps.
COLUMN, WIDE, GAP = 38, 118, 1.8
NOTE = 0.75  # the size of a note beside its piece


# Released: never edited, a change is a new version (tests/prescriptions/test_paper_versions.py).
TEMPLATE = "prescriptions/paper/v1/herbal.html"
STYLE = "css/print-rx-v1-herbal.css"


def sheet_herbal(prescription: Prescription, layout: Layout | None = None) -> dict:
    """What stands on the paper, in the institution's language, as plain values (R-148)."""
    # One layout holds for all sheets: they go through the same printer.
    layout = for_kind(layout or current(Prescription.Form.WESTERN), prescription.kind)
    with translation.override(settings.LANGUAGE_CODE):
        items = live_items(prescription)
        head = prescription.head or {}
        diagnosis = printing.diagnosis_of(head, prescription)
        allergies = printing.allergy_text(head.get("allergies") or {})
        cells = printing.head_cells(head, layout)
        reasons_given = _signed(prescription, items)
        common = common_line(prescription)
        total = sum((item.amount for item in items), Decimal(0))
        each = (total / (prescription.herb_doses or 1)).quantize(Decimal("0.01"))
        room = ROOM - extra_head(cells, diagnosis, allergies)
        size, pages = lay_out(
            [_piece(item) for item in items],
            [common, *reasons_given],
            room,
            points=float(layout.points),
        )
        frame = printing.sheet_frame(prescription, layout)
        return {
            **frame,
            "template": TEMPLATE,
            "style": STYLE,
            "words": {**frame["words"], "title": _("Herbal prescription sheet")},
            "label": printing.LABELS.get(prescription.kind, ""),
            "cells": cells,
            "diagnosis": diagnosis,
            "size": size,
            "leaves": leaves([as_plain(page, len(pages)) for page in pages], layout),
            "common": common,
            "reasons": reasons_given,
            "allergy_text": allergies if layout.shows("allergies") else "",
            "total": str(total),
            "per_dose": _("¥%(amount)s a dose") % {"amount": each},
        }


def _piece(item: PrescriptionItem) -> dict:
    """Wishes about origin and processing stand before the name (R-21)."""
    note = note_name(item.herb_note)
    extra = [_("Bought outside")] if item.outside else []
    return {
        "name": item.drug_name,
        "wish": item.remark,
        "grams": f"{number_text(item.dose)}{item.dose_unit}",
        "notes": [part for part in [note, *extra] if part],
    }


def _signed(prescription: Prescription, items: list[PrescriptionItem]) -> list[str]:
    """Why the doctor insisted, with the pieces it is about (R-20)."""
    names = {item.pk: item.drug_name for item in items}
    rows = prescription.alerts.filter(outcome=AlertRecord.Outcome.OVERRIDDEN).order_by("made_at")
    found = []
    for row in rows:
        reason = {"reason": reasons.label(row.reason or "")}
        if row.item_id is None:
            found.append(_("Reason for the longer supply: %(reason)s") % reason)
        elif row.item_id in names:
            words = _("Reason: %(reason)s") % reason
            found.append(f"{names[row.item_id]} {words}")
    return list(dict.fromkeys(found))


# -- on paper --


def lines_of(piece: dict, size) -> int:
    """Lines that a piece takes in its column."""
    words = " ".join(filter(None, [piece["wish"], piece["name"], piece["grams"]]))
    notes = "".join(f"({note})" for note in piece["notes"])
    return _lines(letters(words) + NOTE * letters(notes), COLUMN, size)


def _lines(width: float, room: float, size) -> int:
    per_line = int(room / size.letter)
    return max(1, -(-int(width + 0.999) // per_line))


def lay_out(
    pieces: list[dict], below: list[str], room: float, points: float = 10.5
) -> tuple[str, list[Page]]:
    """The class of the letters, and page by page the pieces; `below` stands after the last one."""
    rows = [pieces[n : n + COLUMNS] for n in range(0, len(pieces), COLUMNS)]
    for size in (size for size in SIZES if size.points <= points):
        tail = _tail(below, size)
        if sum(_height(row, size) for row in rows) + tail <= room:
            return size.name, _numbered([rows])
    return size.name, _numbered(_split(rows, size, room, tail))


def _tail(below: list[str], size) -> float:
    """Millimetres of what stands after the last piece; reasons leave room for a signature."""
    texts = [*below[:1], *(text + SIGN_HERE for text in below[1:])]
    return sum(_lines(letters(text), WIDE, size) for text in texts) * size.line + 3


def _height(row: list[dict], size) -> float:
    return max(lines_of(piece, size) for piece in row) * size.line + GAP


def _split(rows: list[list[dict]], size, room: float, tail: float) -> list[list]:
    pages, current, used = [], [], 0.0
    for row in rows:
        need = _height(row, size)
        if current and used + need > room:
            pages.append(current)
            current, used = [], 0.0
        current.append(row)
        used += need
    pages.append(current)
    if used + tail > room and len(current) > 1:  # the last row goes with what stands below
        pages[-1:] = [current[:-1], current[-1:]]
    return pages


def _numbered(pages: list[list]) -> list[Page]:
    return [
        Page(number, [piece for row in page for piece in row], number == len(pages))
        for number, page in enumerate(pages, 1)
    ]
