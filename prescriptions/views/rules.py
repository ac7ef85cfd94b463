"""The rules for everybody to read, and what came of their alerts."""

from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from prescriptions import alert_report
from prescriptions.rules.facts import Rule
from prescriptions.rules.items import ITEMS
from prescriptions.rules.sources import sources_of
from security.access import needs
from security.permissions import P

LEVELS = {
    1: (_("Refuses"), "harm"),
    2: (_("Asks for reason and signature"), "warn"),
    3: (_("Tells"), "info"),
}
PERIODS = (7, 30, 90)


class Blank(dict):
    """Stands for the values of an alert that nobody has raised."""

    def __missing__(self, key):
        return "…"


def in_words(rule: Rule) -> dict:
    """A rule as it is read: what it says, what to do, and where that is written."""
    label, kind = LEVELS[rule.level]
    return {
        "rule": rule,
        "title": str(rule.title) % Blank(),
        "why": str(rule.why) % Blank(),
        "label": label,
        "kind": kind,
        "sources": sources_of(rule.basis),
    }


@needs(P.READ_PRESCRIPTION)
@require_GET
def rule_table(request):
    """Every rule by its level, and the 28 items of the evaluation; nothing belongs to a patient."""
    levels = alert_report.by_level()
    context = {
        "levels": [
            {"label": LEVELS[level][0], "rows": [in_words(rule) for rule in rules]}
            for level, rules in levels.items()
        ],
        "count": sum(len(rules) for rules in levels.values()),
        "items": ITEMS,
    }
    return render(request, "prescriptions/rule_table.html", context)


@needs(P.REVIEW_PRESCRIPTION)
@require_GET
def alert_outcomes(request):
    """How often each rule spoke, and how often it was overridden (R-43)."""
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, PERIODS) else 30
    found = alert_report.report(days=days)
    rows = [{**in_words(tally.rule), "tally": tally} for tally in found.rows]
    context = {"report": found, "rows": rows, "periods": PERIODS}
    return render(request, "prescriptions/alert_outcomes.html", context)
