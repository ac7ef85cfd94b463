"""The rules for everybody to read, and what came of their alerts."""

from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from clinic.core import clinical
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


# What stands in a rule's words where an alert names the case.
BLANKS = {
    "advice": _("[advice]"),
    "available": _("[available]"),
    "class": _("[class]"),
    "computed": _("[computed]"),
    "condition": _("[diagnosis]"),
    "control": _("[control class]"),
    "count": _("[count]"),
    "daily": _("[daily dose]"),
    "date": _("[date]"),
    "day": _("[day]"),
    "days": _("[days]"),
    "dose": _("[dose]"),
    "drug": _("[drug]"),
    "drugs": _("[drugs]"),
    "effect": _("[effect]"),
    "form": _("[form]"),
    "grade": _("[grade]"),
    "group": _("[allergy group]"),
    "hours": _("[hours]"),
    "ingredient": _("[ingredient]"),
    "limit": _("[limit]"),
    "note": _("[note]"),
    "other": _("[other drug]"),
    "per_kg": _("[limit per kg]"),
    "quantity": _("[quantity]"),
    "reaction": _("[reaction]"),
    "right": _("[right]"),
    "route": _("[route]"),
    "routes": _("[its routes]"),
    "substance": _("[substance]"),
    "weight": _("[weight]"),
    "who": _("[who noted it]"),
    "word": _("[vague word]"),
    "words": _("[words of the label]"),
    "written": _("[written]"),
}


def in_words(rule: Rule) -> dict:
    """A rule as it is read: what it says, what to do, and where that is written."""
    label, kind = LEVELS[rule.level]
    return {
        "rule": rule,
        "title": str(rule.title) % BLANKS,
        "why": str(rule.why) % BLANKS,
        "label": label,
        "kind": kind,
        "sources": sources_of(rule.basis),
        "numbers": "、".join(number.removeprefix("R-") for number in rule.basis.split()),
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
        "version": clinical.version(),
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
