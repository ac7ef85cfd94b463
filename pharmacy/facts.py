"""What is known about a drug, as words beside labels, in the order a pharmacist reads them."""

from datetime import date

from django.utils.translation import gettext as _

from pharmacy.models import Drug
from pharmacy.units import packs_and_pieces

# Of Drug's plain text fields; the label is the field's own.
TEXTS_BEFORE = ["trade_name", "category", "subcategory", "dosage_form", "strength"]
TEXTS_AFTER = ["storage", "pregnancy", "children", "elderly", "caution"]


def facts_of(drug: Drug, today: date) -> list[tuple[str, str]]:
    """(label, words) of everything known; what is not known is left out."""
    rows = [
        *_texts(drug, TEXTS_BEFORE),
        (_("pack"), f"{drug.pack_spec} · {_split(drug)}"),
        (_("ingredients"), _list(drug.ingredients)),
        (_("content per unit"), _amount(drug.content, drug.content_unit)),
        *_texts(drug, ["maker", "approval_number", "insurance_code", "barcode"]),
        (_("Group"), drug.group.name if drug.group else ""),
        (_("Rx or OTC"), _rx(drug)),
        (_("antibiotic grade"), _antibiotic(drug)),
        (_("control class"), _control(drug, today)),
        (_("skin test"), drug.skin_test),
        (_("class tags"), _list(drug.class_tags)),
        (_("essential medicine"), _essential(drug.essential)),
        *_texts(drug, ["routes", "usual_dose", "usual_frequency"]),
        (_("maximum at once"), _amount(drug.max_single, drug.max_single_unit)),
        (_("maximum at once per kg"), _amount(drug.max_single_per_kg, drug.max_single_unit)),
        (_("maximum per day"), _maximum(drug)),
        (_("maximum per day per kg"), _amount(drug.max_daily_per_kg, drug.max_daily_unit)),
        (_("to be heeded"), _flags(drug)),
        *_texts(drug, TEXTS_AFTER),
        (_("price per pack"), f"¥{drug.price:,.2f}"),
        (_("stock limits"), _limits(drug)),
        (_("days until a delivery comes"), str(drug.lead_days)),
        (_("shelf"), drug.shelf),
    ]
    return [(label, words) for label, words in rows if words]


def identity_of(drug: Drug) -> list[tuple[str, str]]:
    """(label, words) of what a used drug keeps for ever (R-122)."""
    rows = [
        *_texts(drug, ["code", "generic_name", "trade_name", "category", "dosage_form"]),
        *_texts(drug, ["strength", "maker"]),
        (_("content per unit"), _amount(drug.content, drug.content_unit)),
        (_("pack"), drug.pack_spec),
        (_("units per pack"), f"{drug.units_per_pack}{drug.base_unit}/{drug.pack_unit}"),
        (_("ingredients"), _list(drug.ingredients)),
        (_("price per pack"), f"¥{drug.price:,.2f}"),
    ]
    return [(label, words) for label, words in rows if words]


def _flags(drug) -> str:
    fields = [Drug._meta.get_field(name) for name in ("high_alert", "valuable", "trace_code")]
    return " · ".join(str(f.verbose_name) for f in fields if getattr(drug, f.name))


def _texts(drug, names) -> list[tuple[str, str]]:
    fields = [Drug._meta.get_field(name) for name in names]
    return [(str(field.verbose_name), getattr(drug, field.name)) for field in fields]


def _list(text: str) -> str:
    return "、".join(part for part in text.split(";") if part)


def _amount(number, unit: str) -> str:
    return "" if number is None else f"{number.normalize():f} {unit}"


def _split(drug) -> str:
    return str(_("may be split") if drug.divisible else _("whole packs only"))


def _rx(drug) -> str:
    return f"{drug.rx} · {_('both Rx and OTC')}" if drug.both_rx_and_otc else drug.rx


def _antibiotic(drug) -> str:
    grade = drug.antibiotic_grade if drug.is_antibiotic else ""
    return " · ".join(filter(None, [grade, drug.antibiotic_note]))


def _control(drug, today: date) -> str:
    """The class in force and every note: a drug under no control may still be limited in sale."""
    notes = [row.note for row in drug.control_classes.all() if row.note]
    return " · ".join(filter(None, [drug.control_class_on(today), *notes]))


def _maximum(drug) -> str:
    number = _amount(drug.max_daily, drug.max_daily_unit)
    words = drug.max_daily_words
    same = words.replace(" ", "") == number.replace(" ", "")
    return number if same else " · ".join(filter(None, [number, words]))


def _essential(mark: str) -> str:
    """ "Y(饮片统列)" and the like, with the letter as a word."""
    word = {"Y": _("yes"), "N": _("no")}.get(mark[:1])
    return f"{word}{mark[1:]}" if word else mark


def _limits(drug) -> str:
    limits = (drug.lower_limit, drug.upper_limit)
    return " ~ ".join(packs_and_pieces(drug, limit) for limit in limits)
