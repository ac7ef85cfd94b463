"""The rows of a sheet as pages and prints show them: words instead of codes."""

from django.utils import timezone
from django.utils.translation import gettext as _

from pharmacy.catalogue import marks
from pharmacy.units import packs_and_pieces
from prescriptions import groups
from prescriptions.dictionary import frequency_of, route_of
from prescriptions.doses import Dose
from prescriptions.herb_words import is_piece, note_name
from prescriptions.models import PrescriptionItem
from prescriptions.quantity import Pack, formula
from prescriptions.sentence import dose_text, usage

# What `usage_of` reads of a row and its drug, for whoever loads no more than that.
FOR_USAGE = (
    *("dose", "dose_unit", "route", "frequency", "days", "remark", "drip", "herb_note"),
    *("drug__class_tags", "drug__content", "drug__content_unit", "drug__base_unit"),
    *("drug__pack_unit", "drug__units_per_pack", "drug__divisible", "drug__dosage_form"),
)


def row_of(item: PrescriptionItem, place: int) -> dict:
    """One row in words; load `drug` and its control classes with the item."""
    pack, dose = Pack.of(item.drug), Dose(item.dose, item.dose_unit)
    frequency = frequency_of(item.frequency)
    units = f"{item.quantity} {item.base_unit}"
    packs = packs_and_pieces(item.drug, item.quantity)
    return {
        "item": item,
        "place": place,
        "dose": dose_text(pack, dose),
        "route": route_of(item.route).name,
        "frequency": frequency.name,
        "is_once": frequency.is_once,
        "usage": usage_of(item),
        "units": units,
        "packs": "" if packs == units.replace(" ", "") else packs,
        "is_split": bool(item.quantity % item.units_per_pack) and not is_piece(item.drug),
        "formula": formula(pack, dose, frequency, item.days)
        if item.computed and not is_piece(item.drug)
        else "",
        "note": note_name(item.herb_note),
        "marks": marks(item.drug, timezone.localdate()),
    }


def usage_of(item: PrescriptionItem) -> str:
    """The usage sentence of a row (R-163); of a herbal piece grams and note (R-21)."""
    if is_piece(item.drug):
        return piece_usage(item)
    return usage(
        Pack.of(item.drug),
        Dose(item.dose, item.dose_unit),
        route=item.route,
        frequency=item.frequency,
        days=item.days,
        remark=" ".join(filter(None, [item.drip, item.remark])),
    )


def piece_usage(item: PrescriptionItem) -> str:
    """ "每剂9g（先煎）"; what holds for all pieces stands once on the sheet."""
    each = _("%(dose)s a dose") % {"dose": Dose(item.dose, item.dose_unit)}
    note = note_name(item.herb_note)
    return " ".join(filter(None, [f"{each}（{note}）" if note else each, item.remark]))


def rows_of(items: list[PrescriptionItem]) -> list[dict]:
    """All rows in their order."""
    rows = [row_of(item, place) for place, item in enumerate(items, 1)]
    groups.brackets(rows)
    return rows
