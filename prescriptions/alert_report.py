"""Which alerts speak and what comes of them: one that is always overridden only tires (R-43)."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone

from prescriptions.models import AlertRecord, Prescription
from prescriptions.rules.facts import Rule
from prescriptions.rules.table import RULES
from prescriptions.states import RxState

Outcome = AlertRecord.Outcome
ENOUGH = 5  # below it a share says nothing
MOST_OVERRIDDEN = 90  # percent


@dataclass
class Tally:
    """One rule in the period. Each alert counts once, however often its sheet was saved."""

    rule: Rule
    seen: set = field(default_factory=set)
    signed: set = field(default_factory=set)

    @property
    def shown(self) -> int:
        return len(self.seen)

    @property
    def overridden(self) -> int:
        return len(self.signed)

    @property
    def heeded(self) -> int:
        """Refused, or asked about and then not insisted on."""
        return self.shown - self.overridden if self.rule.level < 3 else 0

    @property
    def share(self) -> int | None:
        """Percent that was overridden; None where nobody is asked."""
        return round(100 * self.overridden / self.shown) if self.rule.level == 2 else None

    @property
    def is_tiring(self) -> bool:
        return self.shown >= ENOUGH and (self.share or 0) >= MOST_OVERRIDDEN


@dataclass(frozen=True)
class Report:
    """All rules that spoke in the period, the most frequent first."""

    days: int
    rows: list[Tally]
    sheets: int

    @property
    def per_sheet(self) -> float | None:
        """Refusals and questions for each prescription that was handed in."""
        loud = sum(row.shown for row in self.rows if row.rule.level < 3)
        return round(loud / self.sheets, 2) if self.sheets else None


def report(*, days: int) -> Report:
    """Count the log of the last `days` days, in two queries."""
    since = timezone.now() - timedelta(days=days)
    tallies: dict[str, Tally] = {}
    for row in AlertRecord.objects.filter(made_at__gte=since):
        rule = RULES.get(row.rule)
        if rule is not None:  # a rule that is no longer in the table
            _count(tallies.setdefault(rule.key, Tally(rule)), row)
    sheets = Prescription.objects.filter(submitted_at__gte=since).exclude(state=RxState.DRAFT)
    rows = sorted(tallies.values(), key=lambda row: (row.rule.level == 3, -row.shown, row.rule.key))
    return Report(days, rows, sheets.count())


def _count(tally: Tally, row: AlertRecord) -> None:
    alert = (row.prescription_id, row.fingerprint)
    tally.seen.add(alert)
    if row.outcome == Outcome.OVERRIDDEN:
        tally.signed.add(alert)


def by_level() -> dict[int, list[Rule]]:
    """The table of rules by what they do."""
    found: dict[int, list[Rule]] = defaultdict(list)
    for rule in RULES.values():
        found[rule.level].append(rule)
    return dict(sorted(found.items()))
