"""What the pages of the evaluation show; read only, in a fixed number of queries."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, QuerySet

from clinic.core.days import day_after, moment
from prescriptions.models import Evaluation, EvaluationEntry, EvaluationFinding
from prescriptions.rules.items import ITEMS

TITLES = {item.number: item.title for item in ITEMS}
SHOWN = ("open", "faults", "all")


@dataclass(frozen=True)
class Filter:
    """Which judged sheets a list or a figure is about."""

    since: date | None = None
    until: date | None = None
    doctor: int | None = None
    code: str = ""
    show: str = "all"

    def rows(self) -> QuerySet:
        rows = Evaluation.objects.filter(judged_at__isnull=False)
        if self.since:
            rows = rows.filter(prescription__submitted_at__gte=moment(self.since))
        if self.until:
            rows = rows.filter(prescription__submitted_at__lt=day_after(self.until))
        if self.doctor:
            rows = rows.filter(prescription__consultation__clinician=self.doctor)
        if self.code:
            rows = rows.filter(findings__code=self.code, findings__fault=True).distinct()
        if self.show == "open":
            return rows.filter(open__gt=0)
        return rows.exclude(result="reasonable") if self.show == "faults" else rows


WITH = ("prescription__prescriber", "confirmed_by")


def listed(rows: QuerySet) -> QuerySet:
    """For a list: each with its doctor and what stands; `codes_of` tells the items."""
    return rows.select_related(*WITH).prefetch_related("findings").order_by("judged_at", "pk")


def codes_of(evaluation: Evaluation) -> str:
    """The numbers of the items that stand, each once."""
    codes = {finding.code for finding in evaluation.findings.all() if finding.fault}
    return "、".join(code for code in TITLES if code in codes)


def _with_entries() -> QuerySet:
    entries = EvaluationEntry.objects.select_related("made_by")
    rows = EvaluationFinding.objects.select_related("item")
    return rows.prefetch_related(Prefetch("entries", queryset=entries))


def _titled(findings) -> list[EvaluationFinding]:
    found = list(findings)
    for finding in found:
        finding.title = TITLES.get(finding.code, "")
    return found


def findings_of(evaluation: Evaluation) -> list[EvaluationFinding]:
    """With the row's drug and what was said, the oldest first; `title` is added."""
    return _titled(_with_entries().filter(evaluation=evaluation))


def next_open(after: Evaluation, user) -> Evaluation | None:
    """The sheet that has waited longest for this person, besides this one."""
    rows = Filter(show="open").rows().exclude(pk=after.pk)
    rows = rows.exclude(prescription__prescriber=user).exclude(prescription__countersigner=user)
    return rows.order_by("judged_at", "pk").first()


def own(user) -> QuerySet:
    """A doctor's sheets on which something stands, the latest first, with what stands."""
    rows = Evaluation.objects.filter(prescription__prescriber=user, findings__fault=True)
    standing = Prefetch("findings", queryset=_with_entries().filter(fault=True))
    rows = rows.distinct().select_related("prescription__patient").prefetch_related(standing)
    return rows.order_by("-judged_at", "-pk")


def standing_of(evaluation: Evaluation) -> list[EvaluationFinding]:
    """What stands on a sheet of `own`; asks nothing."""
    return _titled(evaluation.findings.all())
