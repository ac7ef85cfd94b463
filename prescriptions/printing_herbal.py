"""The printed herbal sheet: three columns, notes at the upper right (R-8, R-21, R-162)."""

from decimal import Decimal

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from prescriptions import printing, reasons
from prescriptions.doses import number_text
from prescriptions.fitting import ROOM, SIZES, extra_head, leaves, letters
from prescriptions.herb_words import common_line, note_name
from prescriptions.layout import Layout, for_kind, newest, of_row
from prescriptions.models import AlertRecord, Prescription, PrescriptionItem
from prescriptions.moves import live_items

Form = Prescription.Form
TEMPLATE = "prescriptions/paper/v1/herbal.html"
COLUMNS = 3
# Millimetres of css/print-rx-v1.css: a column for its text, a line of reasons, gaps.
COLUMN, WIDE, GAP = 38, 118, 1.8
NOTE = 0.75  # the size of a note beside its piece


def sheet_herbal(prescription: Prescription, layout: Layout | None = None) -> dict:
    """Everything that stands on the paper, in the institution's language, as plain values."""
    layout = for_kind(layout or _layout(), prescription.kind)
    with translation.override(settings.LANGUAGE_CODE):
        items = live_items(prescription)
        head = prescription.head or {}
        diagnosis = printing.diagnosis_of(head, prescription)
        cells = printing.cells_of(prescription, layout)
        allergies = printing.allergy_text(head.get("allergies") or {})
        reasons_given = _signed(prescription, items)
        common = head.get("herbal") or common_line(prescription)
        total = sum((item.amount for item in items), Decimal(0))
        per_dose = (total / (prescription.herb_doses or 1)).quantize(Decimal("0.01"))
        size, pages = lay_out(
            [_piece(item) for item in items],
            [common, *reasons_given],
            ROOM - extra_head(cells, diagnosis, allergies),
            points=float(layout.points),
        )
        frame = printing.sheet_frame(prescription, layout)
        return {
            **frame,
            "standing": printing.standing(prescription, items),
            "template": TEMPLATE,
            "words": {**frame["words"], "title": _("Herbal prescription sheet")},
            "label": printing.LABELS.get(prescription.kind, ""),
            "cells": cells,
            "diagnosis": diagnosis,
            "size": size,
            "leaves": leaves(pages, layout),
            "common": common,
            "reasons": reasons_given,
            "allergy_text": allergies if layout.shows("allergies") else "",
            "total": str(total),
            "per_dose": _("¥%(amount)s a dose") % {"amount": per_dose},
        }


def _layout() -> Layout:
    """The clinic's own for herbal sheets, else the one it made for the other sheets."""
    return of_row(newest(Form.HERBAL) or newest(Form.WESTERN))


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
) -> tuple[str, list[dict]]:
    """The class of the letters, and page by page the pieces; `below` stands after the last one."""
    for size in (size for size in SIZES if size.points <= points):
        tail = sum(_lines(letters(text), WIDE, size) for text in below) * size.line + 3
        rows = [pieces[n : n + COLUMNS] for n in range(0, len(pieces), COLUMNS)]
        if sum(_height(row, size) for row in rows) + tail <= room:
            return size.name, _numbered([rows])
    return size.name, _numbered(_split(rows, size, room, tail))


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


def _numbered(pages: list[list]) -> list[dict]:
    return [
        {
            "number": number,
            "rows": [piece for row in page for piece in row],
            "is_last": number == len(pages),
            "foot": _("%(all)s pages, page %(number)s") % {"all": len(pages), "number": number},
        }
        for number, page in enumerate(pages, 1)
    ]
