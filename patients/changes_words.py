"""What a correction changed, in words: for its page and for the whole file."""

from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from patients import basics_words
from patients.masking import mask_address, mask_id, mask_phone
from patients.models import Change, Patient

MASKS = {
    "id_number": mask_id,
    "mother_id_number": mask_id,
    "health_no": mask_id,
    "phone": mask_phone,
    "contact_phone": mask_phone,
    "address": mask_address,
}


def lines(change: Change, *, is_revealed: bool) -> list[dict]:
    """label, before, after and masked of each field that was corrected."""
    if change.what == Change.What.BASICS:
        return [
            {
                "label": basics_words.field_label(name),
                "before": basics_words.value_text(name, change.fields[name][0]),
                "after": basics_words.value_text(name, change.fields[name][1]),
                "masked": False,
            }
            for name in basics_words.in_order(change.fields)
        ]
    return [
        {
            "label": _label(name),
            "before": _shown(name, before, is_revealed),
            "after": _shown(name, after, is_revealed),
            "masked": name in MASKS and not is_revealed,
        }
        for name, (before, after) in change.fields.items()
    ]


def _label(name: str) -> str:
    text = str(Patient._meta.get_field(name).verbose_name)
    return text[:1].upper() + text[1:]


def _shown(name: str, value, is_revealed: bool) -> str:
    """A stored value of the person in words; masked where lists and the chart mask it."""
    if value in ("", None):
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name in MASKS and not is_revealed:
        return MASKS[name](value)
    column = Patient._meta.get_field(name)
    if column.choices:
        return str(dict(column.flatchoices).get(value, value))
    if name == "birth_date":
        return date_format(parse_date(value), "SHORT_DATE_FORMAT")
    return str(value)
