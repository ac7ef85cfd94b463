"""What the basic information form says, in words: for its differences, the chart and the paper."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from patients import codes
from patients.basics_rules import PARTS, SEVERAL, SINGLE, Entry
from patients.models import Basics

FIELD_LABELS = {
    "workplace": gettext_lazy("Workplace"),
    "residence": gettext_lazy("Residence type"),
    "ethnic": gettext_lazy("Ethnic group"),
    "abo": gettext_lazy("Blood group"),
    "rh": gettext_lazy("RH factor"),
    "education": gettext_lazy("Education"),
    "occupation": gettext_lazy("Occupation"),
    "marital_form": gettext_lazy("Marital status"),
    "payment": gettext_lazy("How treatment is paid"),
    "exposure": gettext_lazy("Exposure"),
    "disability": gettext_lazy("Disability"),
    "kitchen": gettext_lazy("Kitchen ventilation"),
    "fuel": gettext_lazy("Fuel"),
    "water": gettext_lazy("Drinking water"),
    "toilet": gettext_lazy("Toilet"),
    "livestock": gettext_lazy("Livestock pen"),
    "histories": gettext_lazy("Earlier illness"),
    "disease": pgettext_lazy("in a history", "Disease"),
    "surgery": gettext_lazy("Operation"),
    "trauma": gettext_lazy("Injury"),
    "transfusion": gettext_lazy("Transfusion"),
    "genetic": gettext_lazy("Hereditary disease"),
    "none": gettext_lazy("Asked, and none"),
}
RELATIVE_LABELS = {
    "father": gettext_lazy("Father"),
    "mother": gettext_lazy("Mother"),
    "sibling": gettext_lazy("Brothers and sisters"),
    "child": gettext_lazy("Children"),
}


_ORDER = (*SINGLE, *SEVERAL, "histories", *PARTS, "none")


def in_order(names) -> list[str]:
    """Names of fields in the order of the form, what was written beside “other” after it."""

    def place(name: str) -> tuple:
        base = name.removesuffix("_other")
        return (_ORDER.index(base) if base in _ORDER else -1, name != base)

    return sorted(names, key=place)


def field_label(name: str) -> str:
    if name in RELATIVE_LABELS:
        return _("Family: %(relative)s") % {"relative": RELATIVE_LABELS[name]}
    if name.endswith("_other"):
        return _("%(field)s, other") % {"field": FIELD_LABELS[name.removesuffix("_other")]}
    return str(FIELD_LABELS[name])


def said(answers: dict, workplace, genetic, status: str, entries: list[Entry]) -> dict:
    """Everything the form says, by field; a history stands under its part of the form (R-60)."""
    values = {**answers, "workplace": workplace or "", "genetic": genetic or ""}
    values["histories"] = status
    for entry in sorted(entries, key=lambda entry: entry.key):
        line = {"code": entry.code, "text": entry.text, "since": entry.since}
        values.setdefault(entry.part, []).append({k: v for k, v in line.items() if v})
    return values


def value_text(name: str, value) -> str:
    """One value of `said` in words."""
    if not value:
        return ""
    if name == "histories":
        return str(Basics.Histories(value).label)
    if name == "none":
        return _parts_text(value)
    if name in SINGLE:
        return codes.label(name, value)
    if name in SEVERAL:
        return listed(codes.label(name, code) for code in value)
    if isinstance(value, list):
        code_set = "family_disease" if name in RELATIVE_LABELS else "past_disease"
        return listed(history_text(code_set, line) for line in value)
    return str(value)


def _parts_text(parts: list[str]) -> str:
    family = [RELATIVE_LABELS[part] for part in PARTS if part in parts and part in RELATIVE_LABELS]
    words = [field_label(part) for part in PARTS if part in parts and part not in RELATIVE_LABELS]
    if family:
        words.append(_("family history (%(relatives)s)") % {"relatives": listed(map(str, family))})
    return listed(words)


def history_text(code_set: str, line: dict) -> str:
    """高血压 2015-06; of what has words of its own, those."""
    code, text = line.get("code", ""), line.get("text", "")
    name = codes.label(code_set, code) if code and not _is_other(code_set, code) else ""
    if name and text:
        name = _("%(disease)s (%(words)s)") % {"disease": name, "words": text}
    return " ".join(filter(None, [name or text, line.get("since", "")]))


def _is_other(code_set: str, code: str) -> bool:
    return codes.chinese(code_set, code) == "其他"


def listed(words) -> str:
    return pgettext("between values of one field", ", ").join(words)
