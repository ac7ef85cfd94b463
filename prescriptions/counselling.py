"""What is said when drugs are handed over, one sentence each, to be read aloud (R-39, R-161)."""

import re

from django.utils.translation import gettext as _

from prescriptions.herb_words import is_piece, note_name
from prescriptions.models import PrescriptionItem
from prescriptions.rules.columns import split

# Cautions of the library that a patient can follow; the others are for the doctor.
FOR_PATIENTS = r"饮水|酒|日晒|驾|同服|嚼|漱口|起立|牛奶|间隔"


def sentences(items: list[PrescriptionItem]) -> list[str]:
    """For the whole sheet; each only once."""
    found = [sentence for item in items for sentence in _about(item)]
    return list(dict.fromkeys(found))


def _about(item: PrescriptionItem):
    drug, values = item.drug, {"drug": item.drug_name, "days": item.days}
    tags = split(drug.class_tags)
    is_antibiotic = drug.antibiotic_grade not in ("", "非抗菌药物")
    if is_antibiotic and "外用" not in tags:
        yield _words_for_all_days(item) % values
    if "含乙醇制剂" in tags:
        yield _("%(drug)s contains alcohol: no driving, no drinking afterwards.") % values
    if "双硫仑样反应药" in tags:
        yield _("%(drug)s: no alcohol while taking it and for 7 days after.") % values
    if "中枢抑制" in tags:
        yield _("%(drug)s makes drowsy: no driving.") % values
    if "冷" in drug.storage.replace("阴凉", "").replace("凉暗", ""):
        yield _("%(drug)s: keep it in the refrigerator.") % values
    if re.search(FOR_PATIENTS, drug.caution):
        yield f"{item.drug_name}：{drug.caution}"
    if is_piece(drug):
        note = note_name(item.herb_note)
        if note:
            yield _("%(drug)s: %(note)s.") % {**values, "note": note}
    elif item.quantity % item.units_per_pack and not item.outside:
        yield _("%(drug)s is split: write lot and expiry date on the bag.") % values


def _words_for_all_days(item: PrescriptionItem) -> str:
    """Nobody takes an injection home to swallow it."""
    if item.dosage_form == "注射剂":
        return _("%(drug)s: come for it on all %(days)s days.")
    return _("%(drug)s: take it for all %(days)s days.")
