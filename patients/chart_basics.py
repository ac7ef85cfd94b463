"""The chart's part about earlier illness and the basic information."""

from django.utils.translation import gettext_lazy

from patients import basics_rules as rules
from patients import records
from patients.basics import basics_of, histories_of
from patients.basics_words import field_label, history_text, value_text
from patients.models import Basics, History
from security.permissions import P

# What the reader of a chart wants of the form; the rest stands on the form itself.
SHOWN = ("abo", "rh", "ethnic", "occupation", "marital_form", "exposure", "disability")
KINDS = ("disease", "surgery", "trauma", "transfusion")


def register() -> None:
    """Called once, when the app is ready."""
    records.register_section(
        "basics",
        title=gettext_lazy("Earlier illness"),
        order=70,
        template="patients/_chart_basics.html",
        context=section,
        place=records.Place.BESIDE,
    )


def section(patient, request) -> dict:
    """Two queries, however much there is."""
    basics, histories = basics_of(patient), histories_of(patient)
    answers = basics.answers
    facts = [(field_label(name), value_text(name, answers.get(name))) for name in SHOWN]
    facts.append((field_label("genetic"), basics.genetic))
    parts = [_line(histories, part) for part in (*KINDS, *rules.RELATIVES)]
    none = answers.get("none", [])
    if basics.histories == Basics.Histories.DENIED:  # said once, above
        none = [part for part in none if part not in KINDS]
    return {
        "basics": basics,
        "is_denied": basics.histories == Basics.Histories.DENIED,
        "is_asked": basics.histories != Basics.Histories.NOT_ASKED,
        "parts": [line for line in parts if line["texts"]],
        "none": value_text("none", none),
        "facts": [(label, value) for label, value in facts if value],
        "may_write": request.user.has_perm(P.WRITE_BASICS),
    }


def _line(histories: list[History], part: str) -> dict:
    """label and texts of one part."""
    code_set = "family_disease" if part in rules.RELATIVES else "past_disease"
    return {
        "label": field_label(part),
        "texts": [
            history_text(code_set, {"code": h.code, "text": h.text, "since": h.since})
            for h in histories
            if (h.relative or h.kind) == part
        ],
    }
