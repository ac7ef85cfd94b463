"""What the reviewer sees of one sheet on one screen (R-37, R-43); a fixed number of queries."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from prescriptions import alerts, objections, pages, reasons
from prescriptions.access import may_see_diagnosis
from prescriptions.models import Prescription, PrescriptionItem
from prescriptions.review_models import Mark
from prescriptions.rows import rows_of, usage_of
from prescriptions.rules import codes, words
from prescriptions.rules.contraindications import NURSING, pregnancy_of
from prescriptions.rules.facts import Condition, Finding
from prescriptions.rules.gather import TAKEN
from prescriptions.rules.items import ITEMS
from prescriptions.rules.table import RULES
from prescriptions.skin_tests import states_for
from prescriptions.states import RxState
from prescriptions.terms import is_long_term
from registration import vitals

LATELY = timedelta(days=90)
MOST_LATELY = 6
WITH_ACCESS_KEY = 9  # Alt 1 to Alt 9


def judge(prescription: Prescription, user) -> dict:
    """The review page: what a person has to judge apart from what was checked."""
    found = alerts.opinion(prescription)
    rows = rows_of(found.items)
    for row in rows:
        row["alerts"] = _marks(found, row["item"])
        row["skin_tests"] = states_for(row["item"], prescription, user)
    spoken = {finding.rule.key for finding in found.findings}
    about = pages.about(prescription, user)
    about["facts"] += body(prescription, found, user)
    return {
        **about,
        "rows": rows,
        "total": pages.total(found.items),
        "to_judge": [
            {"finding": f, "drugs": _drugs_beside(f, found.items), "items": items_of(f)}
            for f in found.findings
            if f.level == 3 or f.fingerprint in found.signed
        ],
        "refusals": [_mark(found, f) for f in found.blocks + found.open],
        "silent": len(RULES) - len(spoken),
        "signed": _signed_now(found),
        "lately": lately(prescription),
        "proposed": objections.proposed(found.findings),
        "is_own": prescription.prescriber_id == user.pk,
        "is_countersigned_by_me": prescription.countersigner_id == user.pk,
        "is_long_term": is_long_term(found.items),
        "refused_beside": objections.refused_beside(prescription),
        **answered(prescription),
    }


def body(prescription: Prescription, found: alerts.Opinion, user) -> list[dict]:
    """Besides diagnosis and weight: what was measured, pregnancy, nursing, kidney."""
    measured = [
        {"label": one["label"], "value": f"{one['value']}{one['unit']}"}
        for one in vitals.shown(prescription.consultation.vitals)
        if one["key"] != "weight" and (one["mark"] or one["key"] in ("temperature", "systolic"))
    ]
    if not may_see_diagnosis(prescription, user):
        return measured
    sheet = found.sheet
    asked = [
        (_("Pregnancy"), pregnancy_of(sheet)),
        (_("Nursing"), codes.found(sheet, NURSING)),
        (_("Kidney"), codes.found(sheet, words.KIDNEY)),
    ]
    known = [{"label": label, "value": _condition(one)} for label, one in asked if one is not None]
    return measured + known


def _condition(condition: Condition) -> str:
    doubt = f" {_('suspected')}" if condition.suspected else ""
    day = f" {condition.on:%Y-%m-%d}" if condition.on else ""
    return f"{condition.name}{doubt}{day}"


def lately(prescription: Prescription) -> list[dict]:
    """What the patient got from other sheets in three months, the newest first (R-170)."""
    rows = PrescriptionItem.objects.filter(
        prescription__patient=prescription.patient_id,
        prescription__state__in=TAKEN,
        prescription__submitted_at__gte=timezone.now() - LATELY,
        removed_at__isnull=True,
    ).exclude(prescription=prescription)
    rows = rows.select_related("drug", "prescription")
    return [
        {"item": item, "usage": usage_of(item), "since": since, "left": _left(item, since)}
        for item in rows.order_by("-prescription__submitted_at", "rank")[:MOST_LATELY]
        for since in [timezone.localdate(item.prescription.submitted_at)]
    ]


def _left(item: PrescriptionItem, since) -> int:
    return max(0, item.days - (timezone.localdate() - since).days)


def answered(prescription: Prescription) -> dict:
    """What was objected to this sheet before, and how the doctor insists on it (R-38)."""
    objected = objections.before(prescription)
    if objected is None:
        return {"objected": None}
    insisted = None
    if prescription.insisted_at:
        sent = prescription.events.filter(new=RxState.SUBMITTED, mark=Mark.INSISTED)
        insisted = sent.select_related("made_by").order_by("made_at", "pk").last()
    return {
        "objected": objected,
        "objected_titles": objections.titles(objected),
        "insisted": insisted,
    }


def items_of(finding: Finding) -> list[str]:
    """Numbers of the items that this finding speaks for."""
    return [item.number for item in ITEMS if finding.rule in item.rules]


def reasons_to_choose(context: dict, chosen) -> dict:
    """The reasons for a return: beside the finding that points at each, then all others."""
    proposed = context["proposed"]
    boxes = [
        {"number": number, "title": title, "is_checked": number in chosen}
        for number, title in objections.TITLES.items()
    ]
    first = [box for box in boxes if box["number"] in proposed]
    left = {box["number"]: box for box in first}
    shown = []
    for row in context["to_judge"]:
        row["boxes"] = [left.pop(number) for number in row["items"] if number in left]
        shown += row["boxes"]
    for place, box in enumerate([*shown, *left.values()][:WITH_ACCESS_KEY], 1):
        box["key"] = place
    others = [box for box in boxes if box["number"] not in proposed]
    return {"proposed": first, "first": list(left.values()), "others": others}


def _drugs_beside(finding, items: list[PrescriptionItem]) -> list[str]:
    """The drugs a finding is about, where its title doesn't name them."""
    names = [item.drug_name for item in items if item.pk.hex in finding.lines]
    return [name for name in names if name not in finding.title]


def _signed_now(found: alerts.Opinion) -> list[dict]:
    return [
        {"record": record, "reason": reasons.label(record.reason or ""), "title": finding.title}
        for finding, record in found.overridden
    ]


def _marks(found: alerts.Opinion, item: PrescriptionItem) -> list[dict]:
    """What stands beside a row, each word once: what it is about stands below."""
    marks = [_mark(found, finding) for finding in found.findings if item.pk.hex in finding.lines]
    return list({mark["word"]: mark for mark in marks}.values())


def _mark(found: alerts.Opinion, finding) -> dict:
    if finding.level == 1:
        kind, word = "harm", _("not allowed")
    elif finding.level == 3:
        kind, word = "info", _("for information")
    elif finding.fingerprint in found.signed:
        kind, word = "warn", _("signed by the doctor")
    else:
        kind, word = "harm-line", _("not signed")
    return {"finding": finding, "kind": kind, "word": word}
