"""A box held under the scanner at the window: is it one of the sheet's (R-39, R-55)?"""

from typing import NamedTuple

from django.utils.translation import gettext as _

from pharmacy import scanning
from prescriptions.models import PrescriptionItem
from prescriptions.portions import left

LONGEST = 60


class Scan(NamedTuple):
    """What came of one scan; `rank` is the row it belongs to, or None with what is wrong."""

    rank: int | None
    text: str


def scan(code: str, items: list[PrescriptionItem]) -> Scan:
    """Compare the box that carries `code` with the rows that are to be handed out."""
    drugs = scanning.find(code)
    if not drugs:
        return Scan(
            None,
            _(
                "No drug in the library carries the code %(code)s. Please compare the box with "
                "the list by eye."
            )
            % {"code": code},
        )
    ids = {drug.pk for drug in drugs}
    for item in items:
        if item.drug_id in ids and left(item):
            return Scan(
                item.rank,
                _("Right: %(drug)s %(pack)s.") % {"drug": item.drug_name, "pack": item.pack_spec},
            )
    return Scan(None, _wrong(drugs[0], items))


def _wrong(drug, items: list[PrescriptionItem]) -> str:
    box = f"{drug.generic_name} {drug.pack_spec}"
    same = next((item for item in items if item.drug.generic_name == drug.generic_name), None)
    if same is None:
        return _("Wrong box: %(box)s is not on this prescription. Please put it back.") % {
            "box": box
        }
    return _(
        "Wrong box: this is %(box)s, prescribed is %(pack)s. Please put it back and take the other."
    ) % {"box": box, "pack": same.pack_spec}


def ranks_of(text: str) -> set[int]:
    """The rows scanned so far, as the page carries them along."""
    return {int(part) for part in text.split(",") if part.isascii() and part.isdigit()}
