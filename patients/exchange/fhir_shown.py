"""Another institution's file for reading: one list in time order, as plain text.

Nothing of it is taken for markup: of a narrative only its words are left.
"""

from dataclasses import dataclass
from decimal import Decimal
from html.parser import HTMLParser

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patients.exchange.fhir_parcel import Parcel, is_restricted
from patients.exchange.fhir_terms import concept_words, part, parts, told, words

KINDS = {
    "Encounter": gettext_lazy("Visit"),
    "Condition": gettext_lazy("Diagnosis"),
    "Observation": gettext_lazy("Measured"),
    "MedicationRequest": gettext_lazy("Prescribed"),
    "MedicationDispense": gettext_lazy("Dispensed"),
    "MedicationStatement": gettext_lazy("Takes"),
    "Procedure": gettext_lazy("Operation or treatment"),
    "FamilyMemberHistory": gettext_lazy("Family"),
    "DiagnosticReport": gettext_lazy("Report"),
    "Immunization": gettext_lazy("Vaccination"),
    "EpisodeOfCare": gettext_lazy("Long care"),
    "Task": gettext_lazy("Follow-up of the plan"),
    "Consent": gettext_lazy("Consent"),
    "Appointment": gettext_lazy("Appointment"),
    "CarePlan": gettext_lazy("Plan"),
    "ServiceRequest": gettext_lazy("Ordered"),
    "DocumentReference": gettext_lazy("Document"),
}
# Where a resource says when, what and how much; the first that says anything counts.
WHEN = (
    "effectiveDateTime", "authoredOn", "whenHandedOver", "performedDateTime", "onsetDateTime",
    "recordedDate", "occurrenceDateTime", "dateTime", "date", "start", "issued", "created",
)  # fmt: skip
PERIODS = ("period", "effectivePeriod", "executionPeriod", "requestedPeriod")
WHAT = ("code", "medicationCodeableConcept", "vaccineCode", "type", "serviceType", "category")
HOW = ("description", "patientInstruction", "conclusion", "valueString", "comment")
LONGEST = 2_000
_BLOCKS = {"p", "br", "div", "li", "tr", "h1", "h2", "h3", "h4", "ul", "ol", "table"}
_SILENT = {"script", "style"}


@dataclass(frozen=True)
class Line:
    """One entry; `day` as much of a date as is told."""

    day: str
    kind: object
    what: str
    details: list[str]


def lines(parcel: Parcel, *, with_restricted: bool) -> tuple[list[Line], int]:
    """(newest first, how many were left out because they are for few eyes) (R-140)."""
    shown = [r for r in parcel.others if with_restricted or not is_restricted(r)]
    found = [_line(resource) for resource in shown]
    found.sort(key=lambda line: line.day, reverse=True)
    return found, len(parcel.others) - len(shown)


def _line(resource: dict) -> Line:
    details = [*_standing(resource), *_values(resource), *_dosage(resource), *_reasons(resource)]
    details += _form(resource)
    details += [words(resource.get(key), LONGEST) for key in HOW]
    details += [words(note.get("text"), LONGEST) for note in parts(resource, "note")]
    details += [_narrative(resource)]
    return Line(
        day=_day(resource),
        kind=KINDS.get(resource["resourceType"], resource["resourceType"]),
        what=_what(resource),
        details=[detail for detail in details if detail],
    )


def _standing(resource: dict) -> list[str]:
    """That it was an error, or how a consent was answered."""
    codes = [resource.get("status")]
    codes += [c.get("code") for c in parts(resource, "verificationStatus", "coding")]
    if "entered-in-error" in codes:
        return [_("Entered in error")]
    if resource["resourceType"] != "Consent":
        return []
    is_agreed = part(resource, "provision").get("type") == "permit"
    found = [_("Agreed") if is_agreed else _("Refused")]
    return found + ([_("withdrawn")] if resource.get("status") == "inactive" else [])


def _form(resource: dict) -> list[str]:
    """A form of long care, in the words in which it came."""
    found = [told(resource, name) for name in ("facts", "findings")]
    return [text.strip("{}").replace('"', "")[:LONGEST] for text in found if text]


def _day(resource: dict) -> str:
    days = [part(resource, key).get("start") for key in PERIODS]
    days += [part(resource, "restriction", "period").get("end")]
    days += [resource.get(key) for key in WHEN]
    return next(filter(None, (words(day, 40) for day in days)), "")[:16].replace("T", " ")


def _what(resource: dict) -> str:
    is_measured = resource["resourceType"] == "Observation"  # a code's name is no diagnosis
    said = concept_words if is_measured else _both
    for key in WHAT:
        value = resource.get(key)
        concept = value if isinstance(value, dict) else next(iter(parts(value)), {})
        if text := said(concept):
            return text
    for inner in parts(resource, "contained"):
        if text := concept_words(part(inner, "code")):
            return text
    return "，".join(filter(None, [_both(part(c, "code")) for c in parts(resource, "condition")]))


def _both(concept: dict) -> str:
    """What was written, with what the code is called where that says more."""
    text = concept_words(concept)
    names = [words(coding.get("display")) for coding in parts(concept, "coding")]
    return " ".join([name for name in names[:1] if name and name not in text] + [text]).strip()


def _values(resource: dict) -> list[str]:
    found = [_quantity(part(resource, key)) for key in ("valueQuantity", "quantity")]
    found += [concept_words(part(resource, "valueCodeableConcept"))]
    found += [
        f"{concept_words(part(c, 'code'))} {_quantity(part(c, 'valueQuantity'))}".strip()
        for c in parts(resource, "component")
    ]
    return found


def _quantity(quantity: dict) -> str:
    value = quantity.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return ""
    return f"{value} {words(quantity.get('unit'), 40) or words(quantity.get('code'), 40)}".strip()


def _dosage(resource: dict) -> list[str]:
    return [words(d.get("text"), LONGEST) for d in parts(resource, "dosageInstruction")]


def _reasons(resource: dict) -> list[str]:
    return [concept_words(reason) for reason in parts(resource, "reasonCode")]


class _Words(HTMLParser):
    """The text of a narrative, a line for each block; what isn't for reading is left out."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.text, self.silent = [], 0

    def handle_starttag(self, tag, attrs):
        self.silent += tag in _SILENT
        if tag in _BLOCKS:
            self.text.append("\n")

    def handle_endtag(self, tag):
        self.silent -= tag in _SILENT and self.silent > 0

    def handle_data(self, data):
        if not self.silent:
            self.text.append(data)


def _narrative(resource: dict) -> str:
    parser = _Words()
    parser.feed(words(part(resource, "text").get("div"), 50_000))
    several = ["".join(line.split("\u00a0")).strip() for line in "".join(parser.text).split("\n")]
    text = "\n".join(line for line in several if line)[:LONGEST]
    return "" if text == "—" else text


def summary(parcel: Parcel) -> list[tuple[object, int]]:
    """How much of each kind is in the document."""
    counts = parcel.counts
    return [(label, counts[kind]) for kind, label in KINDS.items() if counts[kind]]


def sender_words(sender: str | None) -> str:
    return sender or _("an institution that isn't named")
