"""The label on a drug's bag: what the patient reads at home, in plain words (R-161)."""

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from pharmacy.units import packs_and_pieces
from prescriptions import portions
from prescriptions.dictionary import frequency_of, route_of
from prescriptions.doses import Dose
from prescriptions.models import DispenseLine, Prescription, PrescriptionItem
from prescriptions.moves import live_items
from prescriptions.picking import lines_of
from prescriptions.quantity import Pack, units_per_dose
from prescriptions.rules.columns import split
from prescriptions.sentence import pieces_text
from prescriptions.states import RESERVING, RxState

HANDED_OUT = (RxState.PART_DISPENSED, RxState.DISPENSED)
SIZES = ("60x40", "70x50")  # width and height in millimetres


def labels(prescription: Prescription, *, rest: bool = False) -> list[dict]:
    """One label for each drug that leaves the shelf, in the institution's language.

    Once something was handed out: what went out last, so that a part's bag tells its own quantity
    (R-123); `rest` asks for what is still to go.
    """
    with translation.override(settings.LANGUAGE_CODE):
        items = [item for item in live_items(prescription) if not item.outside]
        bags = [] if rest else _handed_out_last(prescription)
        bags = bags or _to_go(prescription, items)
        head = prescription.head or {}
        day = timezone.localdate(None if rest else prescription.dispensed_at)
        person = {"name": head.get("name", ""), "about": _about_patient(head), "day": day}
        return [{**person, **_label(*bag)} for bag in bags]


def _about_patient(head: dict) -> str:
    return " ".join(filter(None, [head.get("sex"), head.get("age")]))


def _label(item: PrescriptionItem, quantity: int, lots: list) -> dict:
    is_split = bool(quantity % item.units_per_pack)
    units = f"{quantity} {item.base_unit}"
    packs = packs_and_pieces(item.drug, quantity)
    return {
        "drug": item.drug_name,
        # Ampoules of one container stay together on the way to the nurse.
        "group": _("Group %(number)s") % {"number": item.group} if item.group else "",
        "strength": item.pack_spec,
        "quantity": units if is_split else packs,
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


def _handed_out_last(prescription: Prescription) -> list[tuple]:
    """Row, quantity and lots of the last handing out, in the order of the sheet."""
    lines = DispenseLine.objects.filter(item__prescription=prescription)
    lines = list(lines.select_related("item__drug", "movement__batch").order_by("item__rank", "pk"))
    last = max((line.movement.made_at for line in lines), default=None)
    events = prescription.events.filter(new__in=HANDED_OUT).values_list("made_at", flat=True)
    before = [moment for moment in events if last and moment < last]
    bags: dict = {}
    for line in lines:
        if not before or line.movement.made_at > max(before):
            bag = bags.setdefault(line.item_id, [line.item, 0, []])
            bag[1] += line.quantity
            bag[2].append(_lot(line.movement.batch))
    return [tuple(bag) for bag in bags.values()]


def _to_go(prescription: Prescription, items: list[PrescriptionItem]) -> list[tuple]:
    """What is still to be handed out, and the lots that will be taken from the shelf."""
    lots = {}
    if prescription.state in RESERVING:
        for line in lines_of(prescription, items):
            lots[line.item.pk] = [_lot(pick.batch) for pick in line.picks]
    bags = [(item, portions.left(item), lots.get(item.pk, [])) for item in items]
    return [bag for bag in bags if bag[1]]


def _lot(batch) -> dict:
    return {"lot": batch.lot, "expires_on": batch.expires_on}
