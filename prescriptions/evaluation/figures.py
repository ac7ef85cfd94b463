"""The figures of the evaluation, counted once for every group that a report asks for (R-41, R-42).

A sheet counts in the month of its handing in, when it is finished. Handwritten sheets count as
their evaluation says. A point that nobody has decided counts as reasonable until then.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.utils import timezone

from prescriptions.evaluation.reading import Filter
from prescriptions.evaluation.verbs import BY_CLASS
from prescriptions.models import EvaluationFinding, PaperPrescription

TENTH = Decimal("0.1")
# 超常处方: at 3 a warning and the right restricted, at 2 more the right cancelled.
WARNED, CANCELLED = 3, 5


@dataclass
class Tally:
    """What a month, a doctor or the whole period adds up to."""

    electronic: int = 0
    paper: int = 0
    results: Counter = field(default_factory=Counter)
    not_asked: int = 0
    no_pharmacist: int = 0
    open: int = 0

    @property
    def judged(self) -> int:
        return self.electronic + self.paper

    @property
    def compliance(self) -> Decimal | None:
        """Share of the evaluated sheets on which none of the 28 items stands (R-41)."""
        return percent(self.results["reasonable"], self.judged)

    @property
    def electronic_rate(self) -> Decimal | None:
        return percent(self.electronic, self.judged)

    @property
    def missed_allergy(self) -> Decimal | None:
        """Share of the electronic sheets whose patient had not been asked (R-44)."""
        return percent(self.not_asked, self.electronic)


def percent(part: int, whole: int) -> Decimal | None:
    return (Decimal(100 * part) / whole).quantize(TENTH, ROUND_HALF_UP) if whole else None


@dataclass(frozen=True)
class Counted:
    """One sheet, as far as it is counted."""

    clinician: int
    day: date
    result: str
    is_paper: bool = False
    not_asked: bool = False
    no_pharmacist: bool = False
    open: int = 0
    codes: tuple[str, ...] = ()


def counted(asked: Filter) -> list[Counted]:
    """Every sheet of the period, electronic and handwritten; three queries."""
    return _electronic(asked) + _handwritten(asked)


def _electronic(asked: Filter) -> list[Counted]:
    rows = asked.rows()
    codes = defaultdict(set)
    faults = EvaluationFinding.objects.filter(fault=True, evaluation__in=rows)
    for key, code in faults.values_list("evaluation", "code"):
        codes[key].add(code)
    fields = ["pk", "prescription__consultation__clinician", "prescription__submitted_at"]
    fields += ["result", "allergy_asked", "no_pharmacist", "open"]
    return [
        Counted(
            clinician,
            timezone.localdate(submitted),
            result,
            not_asked=not asked_for,
            no_pharmacist=alone,
            open=waiting,
            codes=tuple(sorted(codes[key])),
        )
        for key, clinician, submitted, result, asked_for, alone, waiting in rows.order_by(
            "prescription__submitted_at"
        ).values_list(*fields)
    ]


def _handwritten(asked: Filter) -> list[Counted]:
    rows = PaperPrescription.objects.filter(withdrawn_at__isnull=True)
    if asked.since:
        rows = rows.filter(day__gte=asked.since)
    if asked.until:
        rows = rows.filter(day__lte=asked.until)
    if asked.doctor:
        rows = rows.filter(clinician=asked.doctor)
    found = []
    for clinician, day, text in rows.values_list("clinician", "day", "codes"):
        codes = tuple(filter(None, text.split(";")))
        gravest = max((code[0] for code in codes), default="")
        result = str(BY_CLASS.get(gravest, "reasonable"))
        found.append(Counted(clinician, day, result, is_paper=True, codes=codes))
    return found


def tallies(sheets: Iterable[Counted], key: Callable[[Counted], object]) -> dict:
    """A tally for each value of `key`."""
    found: dict[object, Tally] = defaultdict(Tally)
    for sheet in sheets:
        _add(found[key(sheet)], sheet)
    return dict(found)


def _add(tally: Tally, sheet: Counted) -> None:
    if sheet.is_paper:
        tally.paper += 1
    else:
        tally.electronic += 1
    tally.results[sheet.result] += 1
    tally.not_asked += sheet.not_asked
    tally.no_pharmacist += sheet.no_pharmacist
    tally.open += bool(sheet.open)


def by_item(sheets: Iterable[Counted]) -> Counter:
    """How many sheets each item stands on."""
    return Counter(code for sheet in sheets for code in sheet.codes)
