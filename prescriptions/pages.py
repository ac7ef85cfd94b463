"""What the pages about one prescription show; read only, in a fixed number of queries."""

from decimal import Decimal

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core import modules
from patients.banner import banner
from pharmacy.units import packs_and_pieces
from prescriptions import alerts, reasons, rights, shortages
from prescriptions.alternatives import ADULT, alternative_for
from prescriptions.dictionary import frequencies, routes
from prescriptions.forms import RowForm
from prescriptions.herb_words import common_line
from prescriptions.hiding import Veil, is_closed
from prescriptions.models import DispenseLine, Prescription, PrescriptionItem
from prescriptions.moves import live_items
from prescriptions.printing import PRINTABLE
from prescriptions.recalls import returned_units
from prescriptions.rewriting import last_of
from prescriptions.rows import rows_of
from prescriptions.rules.sheet import MOST_DRUGS, is_full
from prescriptions.sheets import archived
from prescriptions.skin_tests import states_for
from prescriptions.skin_timer import show_ends
from prescriptions.states import AT_WINDOW, BACK, RETURNABLE, RxState, may_move
from prescriptions.terms import is_long_term
from registration.consultation import diagnoses_of
from security.permissions import P

LEVELS = {1: "stop", 2: "decide", 3: "note"}
# Drugs of such sheets may have come back; what is archived stays so whatever its drugs do.
RETURNED_FROM = {*BACK, RxState.ARCHIVED}
# The field in which a person mends what a rule of this kind refuses.
MENDED_IN = {
    "days": "days",
    "infusion": "drip",
    "route": "route",
    "stock": "quantity",
    "usage": "dose",
}


def facts(prescription: Prescription, user) -> list[dict]:
    """For the banner: what this visit found, as far as it is for this person (R-140)."""
    consultation = prescription.consultation
    standing = diagnoses_of(consultation)
    diagnoses = "；".join(f"{d.words} {d.code}" for d in standing)
    if is_closed(prescription, user, standing):
        diagnoses = _("Sensitive record")
    weight = (consultation.vitals or {}).get("weight")
    found = [{"label": _("Diagnosis"), "value": diagnoses or _("none yet")}]
    if weight:
        found.append({"label": _("Weight"), "value": f"{weight}kg"})
    return found


def about(prescription: Prescription, user) -> dict:
    """The banner and the sheet itself: what every page about it needs."""
    return {
        **banner(prescription.patient, facts(prescription, user), user),
        "prescription": prescription,
        "returned": returned_reason(prescription),
        "herbal_line": common_line(prescription),
    }


def returned_reason(prescription: Prescription):
    """The latest event that gave the sheet back, while it is with the doctor."""
    if prescription.state != RxState.RETURNED:
        return None
    event = prescription.events.filter(new=RxState.RETURNED).select_related("made_by").last()
    if event is not None:
        event.shortages = shortages.told(prescription)
    return event


def total(items: list[PrescriptionItem]) -> Decimal:
    return sum((item.amount for item in items), Decimal("0.00"))


def edit(
    prescription: Prescription, user, form: RowForm, *, choices=None, sign_form=None, at: str = ""
) -> dict:
    """The writing page: rows with their alerts under them, the row in work, what is left to do.

    `at` is the field of that row that the person came for.
    """
    found = alerts.opinion(prescription)
    item_asked = str(form.initial.get("item", ""))
    show_ends(found.items)
    given = [item for item in found.items if not found.is_blocked(item)]
    rows = [_with_alerts(found, row, prescription, user) for row in rows_of(found.items)]
    return {
        **about(prescription, user),
        "rows": rows,
        "sheet_alerts": [
            _alert(found, f, None)
            for f in found.findings
            if not f.lines and f.rule.key != "sheet.empty"
        ],
        "form": form,
        "editing": next((i.pk for i in found.items if str(i.pk) == item_asked), None),
        "focus": _focus(form, at, busy_elsewhere=bool(choices or sign_form)),
        "is_child": found.sheet.age < ADULT,
        "choices": choices,
        "sign_form": sign_form,
        "refusal": found.summary(),
        "usual_reason": _usual_reason(found, prescription),
        "is_full": is_full(found.sheet),
        "most": MOST_DRUGS,
        "total": total(given),
        "left_out": alerts.in_a_row(
            (str(row["place"]) for row in rows if row["item"] not in given), short=True
        ),
        "in_use": found.sheet.in_use,
        "is_long_term": is_long_term(found.items),
        "needs_assessment": any(f.rule.key == "days.assess" for f in found.findings),
        "last": None if found.items else last_of(prescription, user),
        "routes": routes().values(),
        "frequencies": frequencies().values(),
        "is_unchecked": any(not item.drug.verified for item in found.items),
    }


def _usual_reason(found: alerts.Opinion, prescription: Prescription) -> str:
    """The reason this doctor gave for this patient's last long supply, proposed for this one.

    A refill needs no second search for it; signing needs the password all the same (R-23, R-74).
    """
    if not any(finding.rule.key == "days.long" for finding in found.open):
        return ""
    sheets = Prescription.objects.filter(
        patient=prescription.patient_id, prescriber=prescription.prescriber_id
    )
    sheets = sheets.exclude(pk=prescription.pk).exclude(long_reason__in=["", reasons.OTHER])
    return sheets.order_by("-created_at").values_list("long_reason", flat=True).first() or ""


def _focus(form: RowForm, at: str, *, busy_elsewhere: bool) -> str:
    """The field of the row in work that a person goes on with."""
    if form.errors:
        return next((name for name in form.errors if name in form.fields), "drug_text")
    if busy_elsewhere:
        return ""
    if at in form.fields:
        return at
    return "dose" if form["drug"].value() else "drug_text"


def _with_alerts(found: alerts.Opinion, row: dict, prescription: Prescription, user) -> dict:
    """Nobody is asked about a skin test for a drug that can't be given anyway."""
    item, findings = row["item"], found.of(row["item"])
    is_barred = any(f.rule.key == "allergy.severe" for f in findings)
    if is_barred:
        findings = [f for f in findings if not f.rule.key.startswith("skin_test.")]
    shown = [_alert(found, finding, item) for finding in findings]
    return {
        **row,
        "alerts": shown,
        "is_flagged": any(alert["is_open"] for alert in shown),
        "is_stopped": any(a["kind"] == "stop" and not a["asks_skin_test"] for a in shown),
        "skin_tests": [] if is_barred else states_for(item, prescription, user),
    }


def _alert(found: alerts.Opinion, finding, item: PrescriptionItem | None) -> dict:
    record = found.signed.get(finding.fingerprint) if finding.level == 2 else None
    is_open = finding.level < 3 and record is None
    return {
        "finding": finding,
        "kind": LEVELS[finding.level] if record is None else "signed",
        "is_open": is_open,
        "record": record,
        "reason": reasons.label(record.reason) if record else "",
        "alternative": alternative_for(found, item, finding) if item and is_open else None,
        "reasons": reasons.LISTS[finding.rule.reasons].items() if finding.level == 2 else (),
        "asks_skin_test": finding.rule.key == "skin_test.missing",
        "mended_in": MENDED_IN.get(finding.rule.key.partition(".")[0], ""),
        "may_be_outside": finding.rule.key == "stock.short",
    }


def read(prescription: Prescription, user) -> dict:
    """The reading page: rows, who did what when."""
    items, has_pharmacy = live_items(prescription), modules.is_on("pharmacy")
    at_window = has_pharmacy and user.has_perm(P.DISPENSE)
    return {
        **about(prescription, user),
        "rows": rows_of(items),
        "total": total(items),
        "events": prescription.events.select_related("made_by"),
        "signed": signed(prescription, user),
        "lines": _lines(prescription),
        "is_long_term": is_long_term(items),
        "may_edit": prescription.prescriber_id == user.pk
        and prescription.state in (RxState.DRAFT, RxState.RETURNED),
        "is_own": prescription.prescriber_id == user.pk,
        "may_void": prescription.prescriber_id == user.pk
        and may_move(prescription.state, RxState.VOIDED),
        "may_review": has_pharmacy
        and prescription.state == RxState.SUBMITTED
        and user.pk not in (prescription.prescriber_id, prescription.countersigner_id)
        and prescription.countersign_in_id is None
        and rights.reviews_as(user) is not None,
        "may_dispense": at_window and prescription.state in AT_WINDOW,
        "may_return": at_window and prescription.state in RETURNABLE,
        "may_give_up": has_pharmacy
        and prescription.state == RxState.PART_DISPENSED
        and prescription.prescriber_id == user.pk,
        "may_print": prescription.state in PRINTABLE or bool(archived(prescription)),
    }


def _lines(prescription: Prescription) -> list:
    lines = DispenseLine.objects.filter(item__prescription=prescription)
    found = list(lines.select_related("item__drug", "movement__batch").order_by("pk"))
    back = returned_units(found) if prescription.state in RETURNED_FROM else {}
    for line in found:
        units = back.get(line.pk, 0)
        line.back = packs_and_pieces(line.item.drug, units) if units else ""
    return found


def signed(prescription: Prescription, user) -> list[dict]:
    """The doctor's reasons, for whoever reads the sheet (R-43).

    Where the diagnosis is closed to the reader, neither an alert that names it nor a reason in the
    doctor's own words tells it (R-140).
    """
    veil = Veil(prescription, user)
    rows = prescription.alerts.filter(outcome="overridden").select_related("made_by", "item")
    return [
        {
            "record": row,
            "reason": reasons.label(veil.over_reason(row.reason)),
            "title": veil.over(row.rule, row.message),
        }
        for row in rows.order_by("made_at")
    ]


def waited(moment) -> int:
    """Whole minutes since then."""
    return int((timezone.now() - moment).total_seconds() // 60) if moment else 0


def edit_url(prescription: Prescription) -> str:
    is_herbal = prescription.form == Prescription.Form.HERBAL
    return reverse("herbal_edit" if is_herbal else "prescription_edit", args=[prescription.pk])
