"""The label on a drug's bag: what the patient reads at home, in plain words (R-161)."""

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from prescriptions.dictionary import frequency_of, route_of
from prescriptions.doses import Dose
from prescriptions.models import DispenseLine, Prescription, PrescriptionItem
from prescriptions.moves import live_items
from prescriptions.picking import lines_of
from prescriptions.quantity import Pack, units_per_dose
from prescriptions.rows import row_of
from prescriptions.rules.gather import split
from prescriptions.sentence import pieces_text
from prescriptions.states import RESERVING

SIZES = ("60x40", "70x50")  # width and height in millimetres


def labels(prescription: Prescription) -> list[dict]:
    """One label for each drug that leaves the shelf, in the institution's language."""
    with translation.override(settings.LANGUAGE_CODE):
        items = [item for item in live_items(prescription) if not item.outside]
        lots = _lots(prescription, items)
        head = prescription.head or {}
        day = timezone.localdate(prescription.dispensed_at)
        person = {"name": head.get("name", ""), "about": _about_patient(head), "day": day}
        return [
            {**person, **_label(item, place, lots.get(item.pk, []))}
            for place, item in enumerate(items, 1)
        ]


def _about_patient(head: dict) -> str:
    return " ".join(filter(None, [head.get("sex"), head.get("age")]))


def _label(item: PrescriptionItem, place: int, lots: list) -> dict:
    row = row_of(item, place)
    is_split = bool(item.quantity % item.units_per_pack)
    return {
        "drug": item.drug_name,
        "strength": item.pack_spec,
        "quantity": row["units"] if is_split else row["packs"] or row["units"],
        "usage": plain_usage(item),
        "cautions": cautions(item),
        "lots": lots if is_split else [],
    }


def plain_usage(item: PrescriptionItem) -> str:
    """ "每日3次，每次2粒，饭后口服": how often, how many, when and how."""
    pack = Pack.of(item.drug)
    each = None if pack.is_container else units_per_dose(pack, Dose(item.dose, item.dose_unit))
    if each is None:
        many = str(Dose(item.dose, item.dose_unit))
    else:
        many = pieces_text(each, pack.base_unit)
    parts = [
        frequency_of(item.frequency).name,
        _("each time %(dose)s") % {"dose": many},
        f"{item.remark}{route_of(item.route).name}",
    ]
    return "，".join(parts)


def cautions(item: PrescriptionItem) -> list[str]:
    """The few that fit on a bag; the others are said when the drugs are handed over."""
    drug, tags = item.drug, split(item.drug.class_tags)
    found = []
    if "冷" in drug.storage.replace("阴凉", "").replace("凉暗", ""):
        found.append(_("Keep refrigerated"))
    if "避光" in drug.storage or "遮光" in drug.storage:
        found.append(_("Keep from light"))
    if "双硫仑样反应药" in tags or "含乙醇制剂" in tags or "酒" in drug.caution:
        found.append(_("No alcohol"))
    if "中枢抑制" in tags or "含乙醇制剂" in tags or "驾" in drug.caution:
        found.append(_("No driving"))
    return found


def _lots(prescription: Prescription, items: list[PrescriptionItem]) -> dict:
    """Lots and expiry by row, each once: of what went out, and of what is still on the shelf."""
    found: dict = {}
    lines = DispenseLine.objects.filter(item__prescription=prescription)
    for line in lines.select_related("movement__batch").order_by("pk"):
        _add(found, line.item_id, line.movement.batch)
    if prescription.state in RESERVING:
        for line in lines_of(prescription, items):
            for pick in line.picks:
                _add(found, line.item.pk, pick.batch)
    return found


def _add(found: dict, item_id, batch) -> None:
    lots = found.setdefault(item_id, [])
    if _lot(batch) not in lots:  # handed out in parts from the same lot
        lots.append(_lot(batch))


def _lot(batch) -> dict:
    return {"lot": batch.lot, "expires_on": batch.expires_on}
