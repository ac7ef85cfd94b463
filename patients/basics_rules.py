"""What the basic information form may say (R-59); the same for the screen, an import and a test.

Each function brings what was typed into its one spelling and lists every rule that is broken, so
that the form can show all of them at once, each at its field.
"""

from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from patients import codes
from patients.age import age_years
from patients.models import Basics, History, Patient
from patients.rules import tidy_name
from patients.since import tidy_since

CHILD_BELOW = 7
LIVING = ("kitchen", "fuel", "water", "toilet", "livestock")
SINGLE = ("residence", "ethnic", "education", "occupation", "marital_form", "abo", "rh", *LIVING)
SEVERAL = ("payment", "exposure", "disability")
NONE = {"exposure": "1", "disability": "1", "past_disease": "1", "family_disease": "1"}
OTHER = {"payment": "8", "disability": "8", "fuel": "6", "water": "6"}
OTHER |= {"past_disease": "13", "family_disease": "12"}
RELATIVES = ("father", "mother", "sibling", "child")
# Of each part of the histories it can be said that there is nothing in it.
ILL = ("disease", "surgery", "trauma", "transfusion")
PARTS = (*ILL, *RELATIVES, "genetic")
LONGEST_OTHER = 50


@dataclass(frozen=True)
class Entry:
    """One history as it was typed; `place` names the fields of the form that it came from."""

    kind: str
    code: str = ""
    text: str = ""
    relative: str = ""
    since: str = ""
    place: str = ""

    @property
    def key(self) -> tuple:
        return self.kind, self.code, self.text, self.relative, self.since

    @property
    def part(self) -> str:
        """Which part of the form it belongs to."""
        return self.relative if self.kind == History.Kind.FAMILY else self.kind


def entry_of(row: History) -> Entry:
    return Entry(row.kind, row.code, row.text, row.relative, row.since)


def refuse_children(patient: Patient, today: date) -> None:
    if age_years(patient.birth_date, today) < CHILD_BELOW:
        text = _("Not saved: children aged 0 to 6 don't fill this form; they have their own.")
        raise RuleBroken(text, rule="R-59")


def settle_answers(answers: dict) -> tuple[dict, list[RuleBroken]]:
    """(the answers as they will be stored, without empty ones; the rules they break)."""
    unknown = set(answers) - {*SINGLE, *SEVERAL, *(f"{name}_other" for name in OTHER), "none"}
    if unknown:
        raise TypeError(f"The form has no {', '.join(sorted(unknown))}.")
    settled, problems = {}, []
    for name in (*SINGLE, *SEVERAL):
        value = answers.get(name) or ([] if name in SEVERAL else "")
        chosen = _in_order(name, value) if name in SEVERAL else [value] if value else []
        _check_codes(name, chosen, problems)
        _check_none(name, chosen, problems)
        settled[name] = chosen if name in SEVERAL else value
        if name in OTHER:
            other = " ".join(str(answers.get(f"{name}_other") or "").split())
            _check_other(name, chosen, other, problems)
            settled[f"{name}_other"] = other
    none = set(answers.get("none") or ())
    settled["none"] = [part for part in PARTS if part in none]
    return {name: value for name, value in settled.items() if value}, problems


def _in_order(name: str, chosen) -> list[str]:
    order = [code for code, _label in codes.choices(name)]
    return sorted(set(chosen), key=lambda c: order.index(c) if c in order else len(order))


def _check_codes(name: str, chosen: list[str], problems: list) -> None:
    if any(not codes.known(name, code) for code in chosen):
        _note(problems, _("This is not one of the choices. Please choose again."), name)


def _check_none(name: str, chosen: list[str], problems: list) -> None:
    if NONE.get(name) in chosen and len(chosen) > 1:
        _note(problems, _none_and_more(), name)


def _none_and_more() -> str:
    return _("“None” and something else are both chosen. Please take one of them out.")


def _check_other(name: str, chosen: list[str], other: str, problems: list) -> None:
    if OTHER[name] in chosen and not other:
        _note(problems, _("“Other” is chosen. Please write what it is."), f"{name}_other")
    elif other and OTHER[name] not in chosen:
        text = _("Something is written here, so please choose “Other”, or clear it.")
        _note(problems, text, f"{name}_other")
    elif len(other) > LONGEST_OTHER:
        text = _("At most %(limit)s characters fit here. Please shorten it.")
        _note(problems, text % {"limit": LONGEST_OTHER}, f"{name}_other")


def _note(problems: list, text: str, field: str) -> None:
    problems.append(RuleBroken(text, field=field, rule="R-59"))


def settle_entries(
    entries: list[Entry], *, patient: Patient, today: date
) -> tuple[list[Entry], list[RuleBroken]]:
    """(the histories in their one spelling, each once; the rules they break)."""
    settled, problems = {}, []
    for entry in entries:
        try:
            entry = _settle_entry(entry, patient, today)
        except RuleBroken as problem:
            problems.append(problem)
            continue
        settled.setdefault(entry.key, entry)
    found: list[Entry] = []
    for entry in settled.values():
        if is_there(entry, found):
            text = _("This disease is written twice. Please take one of the two out.")
            _note(problems, text, entry.place)
        found.append(entry)
    return found, problems


def is_there(entry: Entry, others: list[Entry]) -> bool:
    """The same words, or the same disease of the list: others and what has no code may differ."""
    code_set = {"disease": "past_disease", "family": "family_disease"}.get(entry.kind)
    is_listed = code_set is not None and entry.code != OTHER[code_set]
    return any(
        entry.key == other.key
        or (is_listed and (entry.part, entry.code) == (other.part, other.code))
        for other in others
    )


def _settle_entry(entry: Entry, patient: Patient, today: date) -> Entry:
    code_set = {History.Kind.DISEASE: "past_disease", History.Kind.FAMILY: "family_disease"}.get(
        entry.kind
    )
    text = " ".join(entry.text.split())
    code = entry.code or (OTHER[code_set] if code_set else "")
    _check_shape(entry, code_set, code)
    if not text and (code_set is None or code == OTHER[code_set]):
        words = _("What was it? Please write it in a few words, or clear the date.")
        raise RuleBroken(words, field=f"{entry.place}_text", rule="R-59")
    if len(text) > 200:
        words = _("At most %(limit)s characters fit here. Please shorten it.") % {"limit": 200}
        raise RuleBroken(words, field=f"{entry.place}_text", rule="R-59")
    since = tidy_since(entry.since, field=f"{entry.place}_since", patient=patient, today=today)
    return replace(entry, code=code, text=text, since=since)


def _check_shape(entry: Entry, code_set: str | None, code: str) -> None:
    """What no form can send, but an import can."""
    fits = entry.kind in History.Kind.values
    fits = fits and (
        entry.relative in RELATIVES if entry.kind == History.Kind.FAMILY else not entry.relative
    )
    if code_set is None:
        fits = fits and not code
    else:
        fits = fits and codes.known(code_set, code) and code != NONE[code_set]
    if not fits:
        text = _("This is not one of the choices. Please choose again.")
        raise RuleBroken(text, field=entry.place, rule="R-59")


def check_none_of(none: list[str], entries: list[Entry], genetic: str) -> list[RuleBroken]:
    """“None” of a part and an entry in it can't both be right."""
    filled = {entry.part for entry in entries} | ({"genetic"} if genetic else set())
    return [
        RuleBroken(_none_and_more(), field=f"none_{part}", rule="R-59")
        for part in none
        if part in filled
    ]


def settle_status(
    status: str, none: list[str], entries: list[Entry]
) -> tuple[str, list[str], list[RuleBroken]]:
    """The answer about earlier illness (R-62), the parts that are none, and what is wrong.

    Entries are an answer by themselves, and so is "none" of every part.
    """
    answer, ill = Basics.Histories, [entry for entry in entries if entry.kind in ILL]
    trouble = _status_trouble(status, bool(ill))
    if trouble:
        return status, none, [RuleBroken(trouble, field="histories", rule="R-62")]
    if ill:
        return answer.HAS.value, none, []
    if status == answer.DENIED:
        return status, [part for part in PARTS if part in none or part in ILL], []
    if status == answer.NOT_ASKED:
        return status, [part for part in none if part not in ILL], []
    is_denied = set(ILL) <= set(none)
    return (answer.DENIED if is_denied else answer.NOT_ASKED).value, none, []


def _status_trouble(status: str, is_ill: bool) -> str:
    if status not in ("", *Basics.Histories.values):
        return _("Please choose one of the three answers about earlier illness.")
    if status == Basics.Histories.HAS and not is_ill:
        return _("Which earlier illness? Please choose or write it below.")
    if status in (Basics.Histories.DENIED, Basics.Histories.NOT_ASKED) and is_ill:
        return _("Earlier illness is written, so please choose “Has earlier illness”, or clear it.")
    return ""


def tidy_line(text: str | None) -> str | None:
    return tidy_name(text or "") or None
