"""Alerts of a demo month, and what the check of five drugs costs.

    python -m tests.benchmarks.rules 2000     sheets (the design asks for at most 0.3 refusals
                                              and questions for each of them, R-43)

A month is made in a database of its own; the check's time is a ratio to a plain reading of the
sheet's rows in the same run, so that a loaded machine does not spoil it.
"""

import json
import sys
import time
from collections import Counter

from tests.benchmarks.ground import ratios, scratch_database
from tests.benchmarks.rx_month import DAYS, make_month

TARGET = 0.3
ROUNDS = 30
PATIENTS = 900


def main() -> int:
    sheets = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    with scratch_database():
        began = time.monotonic()
        make_month(sheets, patients=PATIENTS, seed=7, progress=_progress)
        print(f"made in {time.monotonic() - began:.0f} s", file=sys.stderr)
        told = alerts() | evaluation() | check_time()
    print(json.dumps(told, ensure_ascii=False, indent=1))
    return 0 if told["loud_per_sheet"] <= TARGET else 1


def _progress(done: int) -> None:
    print(done, end=" ", file=sys.stderr, flush=True)


def alerts() -> dict:
    """By rule and level: how often it spoke, and how often it was signed for."""
    from prescriptions.alert_report import report

    found = report(days=DAYS + 2)
    levels: Counter = Counter()
    for row in found.rows:
        levels[row.rule.level] += row.shown
    return {
        "sheets": found.sheets,
        "loud_per_sheet": found.per_sheet,
        "refusals": levels[1],
        "questions": levels[2],
        "notes": levels[3],
        "by_rule": {
            row.rule.key: [row.rule.level, row.shown, row.overridden] for row in found.rows
        },
    }


def evaluation() -> dict:
    """Every finished sheet against the 28 items: what was decided, what waits for a person."""
    from prescriptions.evaluation import verbs
    from prescriptions.models import Evaluation, EvaluationFinding

    began, judged = time.monotonic(), 0
    while done := verbs.judge_waiting():
        judged += done
    took = time.monotonic() - began
    items = Counter(EvaluationFinding.objects.values_list("code", "how"))
    return {
        "judged": judged,
        "judging_ms_per_sheet": round(1000 * took / max(1, judged), 1),
        "results": dict(Counter(Evaluation.objects.values_list("result", flat=True))),
        "items": {f"{code} {how}": count for (code, how), count in sorted(items.items())},
    }


def check_time() -> dict:
    """Five drugs of a patient with a history, the whole library and every pair asked."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from prescriptions import alerts
    from prescriptions.moves import live_items

    sheet = _five_drugs()
    with CaptureQueriesContext(connection) as queries:
        alerts.opinion(sheet)
    found = ratios(
        {"check": (lambda: live_items(sheet), lambda: alerts.opinion(sheet))}, rounds=ROUNDS
    )
    ratio, read, checked = found["check"]
    return {
        "check_to_reading": round(ratio, 1),
        "check_ms": round(checked, 1),
        "reading_ms": round(read, 1),
        "check_queries": len(queries),
    }


def _five_drugs():
    """The sheet with the most rows, filled up to five with what is on the shelf."""
    from django.db.models import Count

    from pharmacy.models import Drug
    from prescriptions.items import usual_usage
    from prescriptions.models import Prescription, PrescriptionItem

    sheet = Prescription.objects.annotate(rows=Count("items")).order_by("-rows", "pk").first()
    row = sheet.items.first()
    used = set(sheet.items.values_list("drug", flat=True))
    others = Drug.objects.exclude(pk__in=used).exclude(usual_dose="").order_by("pk")
    for rank, drug in enumerate(others[: 5 - len(used)], len(used) + 1):
        usage = usual_usage(drug, days=3)
        copy = PrescriptionItem.objects.get(pk=row.pk)
        copy.pk, copy._state.adding = None, True
        copy.id = PrescriptionItem._meta.pk.get_default()
        copy.drug, copy.rank, copy.drug_name = drug, rank, drug.generic_name
        copy.dose = usage.dose if usage and usage.dose else 1
        copy.dose_unit = usage.dose_unit if usage else "片"
        copy.save()
    return sheet


if __name__ == "__main__":
    sys.exit(main())
