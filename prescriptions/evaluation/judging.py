"""Which of the 28 items a finished sheet shows: facts decide, the rest is pointed at (1.6).

What the doctor signed for with a reason is no fault by itself: the items that say "without reason"
(1-9, 1-12) are answered by it, and whether the reason holds is for a person (R-20, R-43).
"""

from django.utils.translation import gettext as _

from prescriptions.dictionary import frequencies, routes
from prescriptions.evaluation.facts import Past, Seen, Verdict
from prescriptions.rules.items import ITEMS, How
from prescriptions.rules.sheet import MOST_DRUGS

# The head without which a sheet is incomplete.
HEAD = ("name", "sex", "age", "department", "date", "doctor")
NOT_ASKED = "not_asked"
BARE_YEARS = ("岁", "")  # what stands behind an age that is told in years alone
# A reason and signature answer these: nothing is left to judge.
ANSWERED = ("days.long", "days.psychotropic", "days.cold")
# A signed question: the item a person then looks at. The longest beginning of the key decides.
SIGNED = {
    "allergy.": "2-2",
    "combination.": "2-6",
    "contra.": "2-2",
    "control.": "1-13",
    "days.narcotic": "1-13",
    "dose.": "2-5",
    "duplicate.": "2-7",
    "duplicate.class": "3-4",
    "interaction.": "2-8",
    "right.emergency": "1-14",
    "route.": "2-3",
}
OTHER = "2-9"
# Of the quiet notes only these are worth a person's time.
POINTED_AT = {
    "combination.antibiotics": "2-6",
    "duplicate.in_use": "2-7",
    "essential.first": "2-4",
    "indication.missing": "2-1",
}
BY_NOTE = {"herb.note": "1-15"}  # a note that was simply left out


def judge(past: Past) -> list[Verdict]:
    """Every item that this sheet shows, in the order of the list, each once for a row."""
    found = [verdict for check in CHECKS for verdict in check(past)]
    order = {item.number: place for place, item in enumerate(ITEMS)}
    once = {(verdict.code, verdict.line): verdict for verdict in reversed(found)}
    return sorted(once.values(), key=lambda verdict: (order[verdict.code], verdict.line))


def _head(past: Past):
    """1-1, and 1-10 where no diagnosis stands on it."""
    missing = [name for name in HEAD if not past.head.get(name)]
    if missing or not past.lines:
        yield Verdict("1-1", True, words=_("The head or the body of the sheet is incomplete."))
    if (past.head.get("allergies") or {}).get("status", NOT_ASKED) == NOT_ASKED:
        yield Verdict("1-1", True, words=_("Allergies were not asked."), rule="allergy.not_asked")
    if not past.head.get("diagnoses"):
        yield Verdict("1-10", True, words=_("No diagnosis stands on it."))


def _people(past: Past):
    """1-2 and 1-3: who signed."""
    if not past.is_signed_by_prescriber:
        yield Verdict("1-2", True, words=_("Another person than its doctor handed it in."))
    if past.was_dispensed and not (past.has_reviewer and past.has_dispensers):
        yield Verdict("1-3", True, words=_("It was handed out without review or dispenser."))


def _infant(past: Past):
    """1-4: under one year the age is told in days or months (R-18)."""
    age, day = past.head.get("age", ""), past.head.get("date", "")
    if past.birth_date is None or not day:
        return
    year = past.birth_date.isoformat()
    first_birthday = f"{int(year[:4]) + 1}{year[4:]}"
    if day < first_birthday and age.lstrip("0123456789 ") in BARE_YEARS:
        yield Verdict("1-4", True, words=_("An infant's age without months or days."))


def _rows(past: Past):
    """1-5 to 1-8 and 1-11: what the rows themselves show."""
    herbs = [line for line in past.lines if line.is_herb]
    if herbs and len(herbs) < len(past.lines):
        yield Verdict("1-5", True, words=_("Herbal pieces stand beside other medicines."))
    if len(past.lines) - len(herbs) > MOST_DRUGS:
        yield Verdict("1-11", True, words=_("More than five drugs."))
    for line in past.lines:
        if not line.name:
            yield Verdict("1-6", True, line.key, words=_("The drug has no name."))
        if not line.dose_unit:
            yield Verdict("1-7", True, line.key, words=_("The dose has no unit."))
        if line.route not in routes() or line.frequency not in frequencies():
            yield Verdict("1-8", True, line.key, words=_("Route or frequency are in no list."))


def _paper(past: Past):
    """1-13: a controlled drug on paper that is not its own (R-10)."""
    for line in past.lines:
        if line.control and line.control != past.kind:
            yield Verdict("1-13", True, line.key, words=_("Not on the paper of its class."))


def _alerts(past: Past):
    """What the rules said that day: unsigned is a fault, signed is for a person to judge."""
    for seen in past.seen:
        yield from _of_alert(past, seen)


def _of_alert(past: Past, seen: Seen):
    line = seen.lines[-1] if seen.lines else ""
    if seen.level == 3:
        code, decided = POINTED_AT.get(seen.rule), False
        if seen.rule in BY_NOTE:
            code, decided = BY_NOTE[seen.rule], True
    elif seen.signed or (seen.rule in ANSWERED and past.long_reason):
        code, decided = _for_a_person(seen.rule), False
    else:
        code, decided = _listed(seen.rule), True
    if code:
        yield Verdict(code, decided, line, seen.rule, seen.words)


def _for_a_person(rule: str) -> str:
    if rule in ANSWERED:
        return ""
    beginnings = [start for start in SIGNED if rule.startswith(start)]
    return SIGNED[max(beginnings, key=len)] if beginnings else OTHER


def _listed(rule: str) -> str:
    """The first item that names the rule among its own, before those that a person decides."""
    named = [item for item in ITEMS if rule in {one.key for one in item.rules}]
    auto = [item for item in named if item.how in (How.AUTO, How.BUILT_IN)]
    return (auto or named)[0].number if named else OTHER


def _insisted(past: Past):
    """The doctor insisted on what the pharmacist had returned (R-38)."""
    for code, words in past.insisted:
        yield Verdict(code, False, words=words, rule="review.insisted")


CHECKS = [_head, _people, _infant, _rows, _paper, _alerts, _insisted]
