"""From the database to the facts of finished sheets: a fixed number of queries for many."""

from collections.abc import Iterable
from decimal import Decimal

from django.utils import timezone

from prescriptions.evaluation.facts import Past, PastLine, Seen
from prescriptions.evaluation.judging import OTHER
from prescriptions.models import Evaluation, Prescription
from prescriptions.review_models import ReviewedAs
from prescriptions.rules.columns import split
from prescriptions.rules.facts import HERB, TOPICAL
from prescriptions.rules.sheet import paper_class
from prescriptions.rules.usages import INJECTED
from prescriptions.states import RxState

# Handed out, or expired after it had left its doctor: also what a pharmacist refused ends so. A
# sheet that its doctor withdrew is nobody's prescription.
FINISHED = [
    RxState.DISPENSED,
    RxState.ARCHIVED,
    RxState.PART_RETURNED,
    RxState.ALL_RETURNED,
    RxState.LAPSED,
    RxState.ISSUED,
]
PAPERS = set(Prescription.Kind.values)
ESSENTIAL = "Y"
WITH = ("prescription__patient", "prescription__consultation")
ROWS = "prescription__items"


def finished():
    """Sheets that can be judged, with all that is looked at."""
    rows = Evaluation.objects.filter(prescription__state__in=FINISHED)
    return rows.select_related(*WITH).prefetch_related(
        f"{ROWS}__drug__control_classes", "prescription__events"
    )


def past_of(evaluation: Evaluation) -> Past:
    """The sheet as it was handed in; asks nothing of the database when `finished` loaded it."""
    sheet = evaluation.prescription
    events = list(sheet.events.all())
    given = [event.made_by_id for event in events if event.new == RxState.SUBMITTED]
    was_dispensed = any(event.new == RxState.DISPENSED for event in events)
    return Past(
        head=sheet.head or {},
        lines=tuple(_line(item, sheet) for item in live(sheet)),
        seen=tuple(_seen(row) for row in evaluation.seen or []),
        kind=sheet.kind,
        long_reason=sheet.long_reason,
        birth_date=sheet.patient.birth_date,
        is_signed_by_prescriber=sheet.prescriber_id in given,
        was_dispensed=was_dispensed,
        has_reviewer=sheet.reviewer_id is not None,
        has_dispensers=None not in (sheet.picker_id, sheet.checker_id, sheet.dispenser_id),
        insisted=_insisted(sheet, events),
    )


def live(sheet: Prescription) -> list:
    return sorted(
        (item for item in sheet.items.all() if item.removed_at is None), key=lambda i: i.rank
    )


def figures(past: Past, sheet: Prescription) -> dict:
    """What the monthly form counts (the foot of 处方点评工作表)."""
    return {
        "drugs": len(past.lines),
        "essentials": sum(line.is_essential for line in past.lines),
        "antibiotics": sum(line.is_antibiotic for line in past.lines),
        "injections": sum(line.is_injection for line in past.lines),
        "amount": sum((item.amount for item in live(sheet)), Decimal(0)),
        "allergy_asked": (past.head.get("allergies") or {}).get("status") in ("denied", "has"),
        "no_pharmacist": sheet.reviewed_as == ReviewedAs.SECOND,
    }


def _line(item, sheet: Prescription) -> PastLine:
    drug, tags = item.drug, split(item.drug.class_tags)
    paper = paper_class(drug.control_class_on(timezone.localdate(sheet.submitted_at)))
    return PastLine(
        key=item.pk.hex,
        name=item.drug_name,
        dose_unit=item.dose_unit,
        route=item.route,
        frequency=item.frequency,
        is_herb=HERB in tags,
        is_topical=TOPICAL in tags,
        is_antibiotic=drug.is_antibiotic and TOPICAL not in tags,
        is_injection=item.route in INJECTED,
        is_essential=drug.essential == ESSENTIAL,
        control=paper if paper in PAPERS else "",  # toxic drugs have no paper of their own
    )


def _seen(row: list) -> Seen:
    rule, lines, level, signed, words = row
    return Seen(rule, tuple(lines), level, signed, words)


def _insisted(sheet: Prescription, events: Iterable) -> tuple[tuple[str, str], ...]:
    """On what the doctor insisted: the items and words of the last return (R-38)."""
    if sheet.insisted_at is None:
        return ()
    back = [event for event in events if event.new == RxState.RETURNED]
    if not back:
        return ()
    return tuple((code, back[-1].reason or "") for code in back[-1].items or [OTHER])
