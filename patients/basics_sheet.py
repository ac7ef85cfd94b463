"""The basic information form on paper: the lines of the national form with their boxes (R-59)."""

from dataclasses import dataclass, field

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clinic.core.transactions import atomic_retry
from patients import basics_rules as rules
from patients import codes
from patients.allergy_codes import form_codes
from patients.basics import basics_of, histories_of
from patients.basics_words import FIELD_LABELS, RELATIVE_LABELS
from patients.models import Basics, Patient
from security import audit

# The paper shows these in full, and the audit log says so.
IN_FULL = ["id_number", "phone", "contact_phone"]
BOXES = {"payment": 3, "drug_allergy": 4, "exposure": 3, "disability": 6, "past_disease": 6}
BOXES |= {"family_disease": 6}
HANS = "01"


@dataclass
class Line:
    """One line: what may be chosen, the codes in the boxes, what was written."""

    label: object
    choices: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[str] = field(default_factory=list)
    words: str = ""
    rows: list[str] = field(default_factory=list)


@atomic_retry
def note_printed(*, patient: Patient, by) -> Patient:
    """One more paper goes out."""
    audit.record("print", subject=patient.pk, screen="basics_print", target=patient)
    return patient


def sheet(patient: Patient) -> dict:
    """The paper's context, in the clinic's language whatever the language of the screen."""
    basics, histories = basics_of(patient), histories_of(patient)
    with translation.override(settings.LANGUAGE_CODE):
        return {
            "patient": patient,
            "basics": basics,
            "now": timezone.localtime(),
            "sheet_language": settings.LANGUAGE_CODE,
            "health_no": _last_eight(patient.health_no),
            "top": _top(basics.answers),
            "lines": _lines(patient, basics),
            "past": _past(basics, histories),
            "family": [_relative(basics, histories, name) for name in rules.RELATIVES],
            "family_choices": codes.choices("family_disease"),
            "genetic": _genetic(basics),
            "disability": _several(basics.answers, "disability"),
            "living": [_single(basics.answers, name) for name in rules.LIVING],
        }


def _last_eight(health_no: str | None) -> str:
    return f"{health_no[9:12]}-{health_no[12:]}" if health_no else ""


def _top(answers: dict) -> dict:
    ethnic = answers.get("ethnic", "")
    return {
        "residence": _single(answers, "residence"),
        "ethnic": Line(
            FIELD_LABELS["ethnic"],
            [(HANS, codes.label("ethnic", HANS)), ("99", _("Minority"))],
            [ethnic and (HANS if ethnic == HANS else "99")],
            codes.label("ethnic", ethnic) if ethnic and ethnic != HANS else "",
        ),
        "abo": _single(answers, "abo"),
        "rh": _single(answers, "rh"),
    }


def _lines(patient: Patient, basics: Basics) -> list[Line]:
    answers = basics.answers
    allergy_codes, allergy_words = form_codes(patient.allergy_status, patient.allergies.all())
    allergies = Line(
        _("Drug allergies"), codes.choices("drug_allergy"),
        _boxes(allergy_codes, "drug_allergy"), allergy_words,
    )  # fmt: skip
    return [
        *(_single(answers, name) for name in ("education", "occupation", "marital_form")),
        _several(answers, "payment"),
        allergies,
        _several(answers, "exposure"),
    ]


def _single(answers: dict, name: str) -> Line:
    return Line(
        FIELD_LABELS[name], codes.choices(name), [answers.get(name, "")],
        answers.get(f"{name}_other", ""),
    )  # fmt: skip


def _several(answers: dict, name: str) -> Line:
    return Line(
        FIELD_LABELS[name], codes.choices(name), _boxes(answers.get(name, []), name),
        answers.get(f"{name}_other", ""),
    )  # fmt: skip


def _boxes(chosen: list[str], name: str) -> list[str]:
    """At least as many boxes as the form prints."""
    return [*chosen, *[""] * (BOXES[name] - len(chosen))]


def _past(basics: Basics, histories: list) -> list[Line]:
    none, lines = basics.answers.get("none", []), []
    ill = sorted(
        (h for h in histories if h.kind == "disease"), key=lambda h: (int(h.code), h.since)
    )
    chosen = [h.code for h in ill] or (["1"] if "disease" in none else [])
    lines.append(
        Line(
            FIELD_LABELS["disease"], codes.choices("past_disease"),
            _boxes(list(dict.fromkeys(chosen)), "past_disease"),
            rows=[_dated(_disease_words(h), h.since, _("diagnosed")) for h in ill],
        )
    )  # fmt: skip
    for kind in ("surgery", "trauma", "transfusion"):
        mine = [h for h in histories if h.kind == kind]
        lines.append(
            Line(
                FIELD_LABELS[kind], _none_or_some(), ["2" if mine else "1" if kind in none else ""],
                rows=[_dated(h.text, h.since, pgettext("of an operation", "time")) for h in mine],
            )
        )  # fmt: skip
    return lines


def _disease_words(history) -> str:
    if history.code == rules.OTHER["past_disease"]:
        return f"{history.code} {history.text}"
    words = f"{history.code} {codes.label('past_disease', history.code)}"
    return f"{words}（{history.text}）" if history.text else words


def _dated(words: str, since: str, what: str) -> str:
    return f"{words}　{what} {since or '____'}"


def _none_or_some() -> list[tuple[str, str]]:
    return [("1", codes.label("exposure", "1")), ("2", pgettext("of a history", "yes"))]


def _relative(basics: Basics, histories: list, name: str) -> Line:
    mine = [h for h in histories if h.kind == "family" and h.relative == name]
    chosen = sorted({h.code for h in mine}, key=int)
    if not chosen and name in basics.answers.get("none", []):
        chosen = ["1"]
    other = rules.OTHER["family_disease"]
    words = "、".join(h.text for h in mine if h.code == other)
    return Line(RELATIVE_LABELS[name], [], _boxes(chosen, "family_disease"), words)


def _genetic(basics: Basics) -> Line:
    is_none = "genetic" in basics.answers.get("none", [])
    box = "2" if basics.genetic else "1" if is_none else ""
    return Line(FIELD_LABELS["genetic"], _none_or_some(), [box], basics.genetic or "")
