"""Why a sheet comes back, in items of the evaluation (1.6), and what the doctor may answer (R-38).

A returned sheet goes to the pharmacist again when it was corrected, or unchanged when the doctor
insists: with a reason and a second signature, marked for the evaluation. A refused one only when it
was corrected or a warning on it was signed anew (drug administration law, article 73): what was
refused once on this sheet is never let through by insisting.
"""

import hashlib
import json

from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from prescriptions.head import allergies_of
from prescriptions.models import AlertRecord, Prescription, PrescriptionEvent
from prescriptions.review_models import Mark
from prescriptions.rules.items import ITEMS, OTHER_ITEM
from prescriptions.states import RxState
from registration.consultation import diagnoses_of
from registration.models import Consultation

TITLES = {item.number: item.title for item in ITEMS}
ITEM_FACTS = ["drug_id", "dose_unit", "route", "frequency", "days", "quantity", "remark"]
ITEM_FACTS += ["group", "drip", "herb_note", "skin_test", "outside"]
SHEET_FACTS = ["form", "herb_doses", "herb_method", "herb_usage", "long_reason"]
SHEET_FACTS += ["extra_days", "assessment", "patient_agreed"]


def made(prescription: Prescription, items, *, codes, remarks: dict, words: str) -> dict:
    """The fields of the event that gives the sheet back; RuleBroken when it says nothing.

    `remarks` are words by row; words alone count as the item "other".
    """
    unknown = set(codes) - set(TITLES)
    said = [
        [item.pk.hex, item.drug_name, remarks[item.pk].strip()]
        for item in items
        if remarks.get(item.pk, "").strip()
    ]
    if unknown or not (codes or said or words.strip()):
        raise RuleBroken(
            _("Not returned: please choose a reason, or write which drug, why, what you suggest."),
            field="reason",
            rule="R-38",
        )
    chosen = [number for number in TITLES if number in codes] or [OTHER_ITEM]
    content = content_of(prescription, items)
    return {"codes": ";".join(chosen), "details": {"remarks": said, "content": content}}


def proposed(findings) -> list[str]:
    """Items that the sheet's alerts point at, in the order of the table."""
    rules = {finding.rule.key for finding in findings}
    return [item.number for item in ITEMS if any(rule.key in rules for rule in item.rules)]


def answer(prescription: Prescription, items, insist: str) -> str:
    """The mark of the event that sends the sheet; RuleBroken where it needs a better answer."""
    returned, refused = standing(prescription), refused_contents(prescription)
    if returned is None and insist:
        raise RuleBroken(
            _("Nothing to insist on: no pharmacist objects to this sheet."), rule="R-38"
        )
    if returned is None and not refused:
        return ""
    content = content_of(prescription, items)
    if content in refused:
        raise RuleBroken(
            _(
                "Not submitted: the pharmacist refused exactly this. Please correct it; a refused "
                "prescription can't be insisted on."
            ),
            rule="R-38",
        )
    if returned is None or content != returned.details["content"]:
        if insist:
            raise RuleBroken(
                _("Not insisted: the sheet was corrected meanwhile. Please submit it for review."),
                rule="R-38",
            )
        return ""
    if not insist.strip():
        raise RuleBroken(
            _(
                "Not submitted: nothing was corrected since it came back. Please correct it, or "
                "insist on it with a reason and your password."
            ),
            field="insist",
            rule="R-38",
        )
    return Mark.INSISTED


def standing(prescription: Prescription) -> PrescriptionEvent | None:
    """The objection that waits for the doctor's answer; None where only stock was missing."""
    if prescription.state != RxState.RETURNED:
        return None
    event = prescription.events.order_by("made_at", "pk").last()
    return event if event is not None and event.details else None


def before(prescription: Prescription) -> PrescriptionEvent | None:
    """What was objected to the sheet last, whatever its state is by now."""
    events = prescription.events.filter(new=RxState.RETURNED).exclude(codes="")
    return events.select_related("made_by").order_by("made_at", "pk").last()


def refused_contents(prescription: Prescription) -> set[str]:
    events = prescription.events.filter(mark=Mark.REFUSED)
    return {event.details["content"] for event in events}


def refused_beside(prescription: Prescription) -> PrescriptionEvent | None:
    """The latest refusal of another sheet of the same visit: written anew, it must not look new."""
    events = PrescriptionEvent.objects.filter(
        prescription__consultation=prescription.consultation_id, mark=Mark.REFUSED
    ).exclude(prescription=prescription)
    return events.select_related("made_by", "prescription").order_by("made_at", "pk").last()


def titles(event: PrescriptionEvent) -> list[tuple[str, object]]:
    return [(number, TITLES.get(number, "")) for number in event.items]


def content_of(prescription: Prescription, items) -> str:
    """A digest of all that a correction may change: rows, diagnoses, weight, allergies, and which
    warnings were signed."""
    visit = Consultation.objects.get(pk=prescription.consultation_id)
    signed = prescription.alerts.filter(outcome=AlertRecord.Outcome.OVERRIDDEN)
    facts = {
        "sheet": [getattr(prescription, name) for name in SHEET_FACTS],
        "rows": [_row(item) for item in items],
        "diagnoses": [[d.code, d.words] for d in diagnoses_of(visit)],
        "vitals": visit.vitals,
        "allergies": allergies_of(prescription.patient),
        "signed": sorted(signed.values_list("fingerprint", flat=True)),
    }
    text = json.dumps(facts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _row(item) -> list:
    return [f"{item.dose.normalize():f}", *(getattr(item, name) for name in ITEM_FACTS)]
