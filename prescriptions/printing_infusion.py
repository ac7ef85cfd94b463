"""The card beside an infusion: which drugs are mixed, how fast they run, who did what and when."""

from itertools import groupby

from django.conf import settings
from django.utils import translation

from prescriptions.dictionary import frequency_of, route_of
from prescriptions.doses import Dose
from prescriptions.models import Prescription, PrescriptionItem
from prescriptions.moves import live_items
from prescriptions.printing import allergy_text

DRIP = "18"  # 静脉滴注
LEAST_ROWS = 1


def groups(prescription: Prescription) -> list[dict]:
    """What is mixed in one container, in the order of the sheet; nothing where nothing drips."""
    with translation.override(settings.LANGUAGE_CODE):
        items = [i for i in live_items(prescription) if i.route == DRIP or i.group is not None]
        keyed = groupby(items, key=lambda item: (item.group is None and item.pk, item.group))
        return [_group(number, list(rows)) for number, (_key, rows) in enumerate(keyed, 1)]


def _group(number: int, items: list[PrescriptionItem]) -> dict:
    first = items[0]
    frequency = frequency_of(first.frequency)
    return {
        "number": number,
        "route": route_of(first.route).name,
        "frequency": frequency.name,
        "days": first.days,
        "drip": next((item.drip for item in items if item.drip), ""),
        # One line to sign for each time of the day; an empty one where no hour is fixed.
        "times": list(frequency.execution_times) or [""] * LEAST_ROWS,
        "drugs": [
            {
                "name": item.drug_name,
                "strength": item.strength,
                "dose": str(Dose(item.dose, item.dose_unit)),
                "remark": item.remark,
                "skin_test": item.get_skin_test_display() if item.skin_test else "",
            }
            for item in items
        ],
    }


def card(prescription: Prescription, found: list[dict]) -> dict:
    """The card of one day, in the institution's language."""
    with translation.override(settings.LANGUAGE_CODE):
        head = prescription.head or {}
        return {
            "prescription": prescription,
            "head": head,
            "groups": found,
            "allergy_text": allergy_text(head.get("allergies") or {}),
            "sheet_language": settings.LANGUAGE_CODE,
        }
