"""What the rules say about one prescription, what was signed for, and what is still open (R-43)."""

from dataclasses import dataclass, field
from functools import reduce
from uuid import UUID

from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.prepared import prepared
from prescriptions.models import AlertRecord, Prescription, PrescriptionItem
from prescriptions.moves import live_items
from prescriptions.rules import evaluate
from prescriptions.rules.facts import Finding, Sheet
from prescriptions.rules.gather import sheet_of

Outcome = AlertRecord.Outcome


@dataclass
class Opinion:
    """The findings about a sheet, sorted by what has to happen."""

    sheet: Sheet
    items: list[PrescriptionItem]
    findings: list[Finding]
    signed: dict[str, AlertRecord] = field(default_factory=dict)  # by fingerprint

    @property
    def blocks(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.level == 1]

    @property
    def open(self) -> list[Finding]:
        """Those that still wait for a reason and a signature."""
        return [f for f in self.findings if f.level == 2 and f.fingerprint not in self.signed]

    @property
    def overridden(self) -> list[tuple[Finding, AlertRecord]]:
        return [
            (f, self.signed[f.fingerprint])
            for f in self.findings
            if f.level == 2 and f.fingerprint in self.signed
        ]

    @property
    def notes(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.level == 3]

    def of(self, item: PrescriptionItem) -> list[Finding]:
        """What stands under this row: findings about several rows stand under the last of them."""
        return [f for f in self.findings if f.lines and self._last(f) == item.pk.hex]

    def _last(self, finding: Finding) -> str:
        ranks = {item.pk.hex: item.rank for item in self.items}
        return max(finding.lines, key=lambda key: ranks.get(key, 0))

    def is_blocked(self, item: PrescriptionItem) -> bool:
        """True for a row that can't be given; the total leaves it out."""
        return any(item.pk.hex in f.lines for f in self.blocks)

    def refusal(self) -> str:
        """Why it can't be submitted, in one sentence; empty when it can."""
        reasons = [self._placed(f) for f in self.blocks]
        if self.open:
            reasons.append(self._waiting())
        return in_a_row(reasons)

    def summary(self) -> str:
        """The same, short enough to stand beside the button."""
        untold = [f for f in self.blocks if f.rule.key == "skin_test.missing"]
        slow = [f for f in self.blocks if f.rule.key == "infusion.rate"]
        rows = self._rows([f for f in self.blocks if f not in untold + slow])
        parts = [_("row %(rows)s not allowed") % {"rows": rows}] if rows else []
        if slow:
            parts.append(_("row %(rows)s without drip rate") % {"rows": self._rows(slow)})
        if untold:
            parts.append(_("row %(rows)s without skin test state") % {"rows": self._rows(untold)})
        parts += [f.title for f in self.blocks if not f.lines]
        if self.open:
            parts.append(self._waiting())
        return in_a_row(parts)

    def _waiting(self) -> str:
        rows = self._rows(self.open)
        if not rows:
            return _("the reason is not signed")
        return _("row %(rows)s not signed") % {"rows": rows}

    def _placed(self, finding: Finding) -> str:
        rows, title = self._rows([finding]), finding.title
        return _("row %(rows)s: %(title)s") % {"rows": rows, "title": title} if rows else title

    def _rows(self, findings: list[Finding]) -> str:
        order = {item.pk.hex: place for place, item in enumerate(self.items, 1)}
        places = {order[key] for f in findings for key in f.lines[-1:] if key in order}
        return in_a_row((str(place) for place in sorted(places)), short=True)


def in_a_row(parts, *, short: bool = False) -> str:
    """The parts in one sentence, separated as the language does it."""
    both = _("%(one)s, %(two)s") if short else _("%(one)s; %(two)s")
    parts = list(parts)
    return reduce(lambda one, two: both % {"one": one, "two": two}, parts) if parts else ""


def opinion(
    prescription: Prescription,
    items: list[PrescriptionItem] | None = None,
    *,
    counts_stock: bool = True,
) -> Opinion:
    """Judge the sheet as it stands now."""
    items = live_items(prescription) if items is None else items
    sheet = sheet_of(prescription, items, counts_stock=counts_stock)
    findings = evaluate(sheet)
    signed = []
    if findings:
        signed = _signed(prescription)
    return Opinion(sheet, items, findings, {row.fingerprint: row for row in signed})


@prepared
def _signed(prescription: UUID):
    rows = AlertRecord.objects.filter(prescription=prescription, outcome=Outcome.OVERRIDDEN)
    return rows.select_related("made_by")


def note_down(prescription: Prescription, found: Opinion, *, by, levels=(1,)) -> None:
    """Record the alerts of these levels that were not recorded before, with their outcome."""
    known = set(prescription.alerts.values_list("fingerprint", "outcome"))
    items = {item.pk.hex: item for item in found.items}
    for finding in found.findings:
        outcome = Outcome.BLOCKED if finding.level == 1 else Outcome.NOTED
        if finding.level in levels and (finding.fingerprint, outcome) not in known:
            known.add((finding.fingerprint, outcome))
            record(prescription, finding, outcome, items, by=by)


def record(prescription, finding: Finding, outcome, items: dict, *, by, reason=None) -> AlertRecord:
    """One line of the log of alerts."""
    return AlertRecord.objects.create(
        prescription=prescription,
        item=items.get(finding.lines[-1]) if finding.lines and not finding.is_whole else None,
        rule=finding.rule.key,
        fingerprint=finding.fingerprint,
        level=finding.level,
        outcome=outcome,
        message=finding.title[:500],
        reason=reason,
        made_by=by,
    )


def require_clear(found: Opinion, *, refused: str) -> None:
    """RuleBroken with `refused` and every reason, unless nothing blocks and all is signed."""
    reasons = found.refusal()
    if reasons:
        raise RuleBroken(
            _("%(refused)s %(reasons)s.") % {"refused": refused, "reasons": reasons}, rule="R-43"
        )
