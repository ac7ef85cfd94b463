"""The basic information form on one page: what is ticked and typed, as the verb's arguments.

What the form can't show of a history (a text beside a disease of the list) is carried along.
"""

import re

from django import forms
from django.forms.utils import ErrorDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.core.forms import CleanTextMixin
from patients import basics_rules as rules
from patients import codes
from patients.basics import basics_of, histories_of
from patients.basics_rules import Entry
from patients.basics_words import (
    FIELD_LABELS,
    RELATIVE_LABELS,
    field_label,
    in_order,
    said,
    value_text,
)
from patients.models import Basics, History

DISEASES = tuple(map(str, range(2, 13)))
IN_WORDS = ("6", "11", "12")  # which tumour, which infection, which work: asked beside the tick
FAMILY = tuple(map(str, range(2, 12)))
ROWS = {"other": "disease", "surgery": "surgery", "trauma": "trauma", "transfusion": "transfusion"}
LEAST_ROWS, MOST_ROWS = 2, 12
_BETWEEN = re.compile("[;；]")


def _line(label, length: int, **attrs) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=length, required=False, widget=forms.TextInput(attrs=attrs)
    )


def _month(label) -> forms.CharField:
    return _line(label, 20, placeholder=_("year-month"))


def _select(name: str) -> forms.ChoiceField:
    # The code stands before the word: typing its digits chooses it, as on the paper form.
    choices = [(code, f"{code} {label}") for code, label in codes.choices(name)]
    return forms.ChoiceField(
        label=FIELD_LABELS[name], choices=[("", "—"), *choices], required=False
    )


def _checks(label, choices: list) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple
    )


def _tick(label) -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False)


class BasicsForm(CleanTextMixin, forms.Form):
    """R-59 on one page. `patient`: whose; `data`: what was posted."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    histories = forms.ChoiceField(
        label=_("Earlier illness"),
        choices=[
            (Basics.Histories.HAS, Basics.Histories.HAS.label),
            (Basics.Histories.DENIED, Basics.Histories.DENIED.label),
            (Basics.Histories.NOT_ASKED, Basics.Histories.NOT_ASKED.label),
        ],
        required=False,
        widget=forms.RadioSelect,
    )

    def __init__(self, data=None, *, patient):
        self.patient, self.basics, self.stored = patient, basics_of(patient), histories_of(patient)
        self.is_unchecked, self.meanwhile = False, []
        self._counts = {name: self._count(name, data) for name in ROWS}
        super().__init__(data, initial=self._initial())
        self._add_fields()
        self.fields["histories"].widget.tiles = {"not_asked": {"kind": "ask"}}

    # -- fields

    def _add_fields(self) -> None:
        fields = {"workplace": _line(_("Workplace"), 100)}
        fields |= {name: _select(name) for name in rules.SINGLE}
        for name in rules.SEVERAL:
            fields[name] = _checks(FIELD_LABELS[name], codes.choices(name))
        for name in ("payment", "disability", "fuel", "water"):
            fields[f"{name}_other"] = _line(field_label(f"{name}_other"), rules.LONGEST_OTHER)
        for part in rules.PARTS:
            fields[f"none_{part}"] = _tick(_("%(part)s: none") % {"part": field_label(part)})
        for code in DISEASES:
            fields |= self._disease(code)
        for name, count in self._counts.items():
            for row in range(count):
                fields |= self._row(name, row)
        for relative in rules.RELATIVES:
            choices = [(code, codes.label("family_disease", code)) for code in FAMILY]
            fields[f"family_{relative}"] = _checks(RELATIVE_LABELS[relative], choices)
            fields[f"family_{relative}_text"] = _line(_("Other"), 200)
        fields["genetic"] = _line(FIELD_LABELS["genetic"], 100)
        self.fields |= fields
        for name, field in fields.items():
            if isinstance(field, forms.CharField):
                self._wrap(field, narrow=name.endswith("_since"))
        self.order_fields(self._as_on_the_page())

    def _as_on_the_page(self) -> list[str]:
        """So that the focus goes to the first wrong field, and Tab's order is that of errors."""
        person = [name for name in ("workplace", *rules.SINGLE) if name not in rules.LIVING]
        ill = ["histories", "none_disease", *(n for n in self.fields if n.startswith("disease_"))]
        rows = [name for name in self.fields if name.split("_")[0] in ROWS]
        parts = [f"none_{part}" for part in rules.PARTS[:-1]]
        family = [name for name in self.fields if name.startswith("family_")]
        last = ["exposure", "none_genetic", "genetic", "disability", "disability_other"]
        return [*person, "payment", "payment_other", *ill, *rows, *parts, *family, *last]

    @property
    def first_error(self) -> str:
        return next((name for name in self.fields if name in self.errors), "")

    def _disease(self, code: str) -> dict:
        label = codes.label("past_disease", code)
        fields = {f"disease_{code}": _tick(label)}
        fields[f"disease_{code}_since"] = _month(_("%(disease)s, since") % {"disease": label})
        if code in IN_WORDS:
            fields[f"disease_{code}_text"] = _line(
                _("%(disease)s, which") % {"disease": label}, 200
            )
        return fields

    def _row(self, name: str, row: int) -> dict:
        words = {"part": field_label(ROWS[name]), "number": row + 1}
        return {
            f"{name}_{row}_text": _line(_("%(part)s %(number)s, what") % words, 200),
            f"{name}_{row}_since": _month(_("%(part)s %(number)s, when") % words),
        }

    def _of(self, name: str) -> list[History]:
        """The stored histories that stand in the rows of this name."""
        if name == "other":
            other = rules.OTHER["past_disease"]
            return [h for h in self.stored if h.kind == "disease" and h.code == other]
        return [h for h in self.stored if h.kind == name]

    def _count(self, name: str, data) -> int:
        posted = [
            int(found[1]) + 1
            for found in (re.fullmatch(rf"{name}_(\d{{1,2}})_text", key) for key in data or ())
            if found
        ]
        return max(LEAST_ROWS, len(self._of(name)) + 1, *(min(row, MOST_ROWS) for row in posted))

    def count_of(self, name: str) -> int:
        return self._counts[name]

    # -- what stands there

    def _initial(self) -> dict:
        basics = self.basics
        initial = {name: value for name, value in basics.answers.items() if name != "none"}
        initial |= {f"none_{part}": True for part in basics.answers.get("none", [])}
        initial |= {"workplace": basics.workplace, "genetic": basics.genetic}
        initial |= {"version": basics.version}
        if basics.histories != Basics.Histories.NOT_ASKED:
            initial["histories"] = basics.histories
        for history in self.stored:
            if history.kind == "disease" and history.code in DISEASES:
                place = f"disease_{history.code}"
                initial |= {place: True, f"{place}_since": history.since}
                initial[f"{place}_text"] = history.text
        for name in ROWS:
            for row, history in enumerate(self._of(name)):
                initial[f"{name}_{row}_text"] = history.text
                initial[f"{name}_{row}_since"] = history.since
        return initial | self._initial_family()

    def _initial_family(self) -> dict:
        initial: dict = {}
        for relative in rules.RELATIVES:
            mine = [h for h in self.stored if h.kind == "family" and h.relative == relative]
            other = [h.text for h in mine if h.code == rules.OTHER["family_disease"]]
            initial[f"family_{relative}"] = [h.code for h in mine if h.code in FAMILY]
            initial[f"family_{relative}_text"] = "；".join(other)
        return initial

    # -- what was typed

    def full_clean(self):
        """Errors in the order of the page, so that the focus goes to the first of them."""
        if self.is_unchecked:
            self._errors = ErrorDict()
            return
        super().full_clean()
        order = {name: position for position, name in enumerate(self.fields)}
        for name in sorted(self._errors, key=lambda name: order.get(name, -1)):
            self._errors[name] = self._errors.pop(name)

    def clean(self):
        cleaned = super().clean()
        answers, problems = rules.settle_answers(self.answers(cleaned))
        entries, more = rules.settle_entries(
            self.entries(cleaned), patient=self.patient, today=timezone.localdate()
        )
        problems += more
        none, genetic = answers.get("none", []), cleaned.get("genetic") or ""
        problems += rules.check_none_of(none, entries, genetic)
        typed = self.entries(cleaned)  # with a wrong month it is still an illness
        problems += rules.settle_status(cleaned.get("histories") or "", none, typed)[2]
        for problem in problems:
            field = problem.field if problem.field in self.fields else None
            if field not in self.errors:
                self.add_error(field, problem.message)
        return cleaned

    def answers(self, cleaned: dict) -> dict:
        names = [*rules.SINGLE, *rules.SEVERAL]
        names += [f"{name}_other" for name in rules.OTHER if f"{name}_other" in self.fields]
        none = [part for part in rules.PARTS if cleaned.get(f"none_{part}")]
        return {name: cleaned.get(name) for name in names} | {"none": none}

    def entries(self, cleaned: dict) -> list[Entry]:
        return [*self._diseases(cleaned), *self._rows(cleaned), *self._families(cleaned)]

    def _diseases(self, cleaned: dict):
        kept = {h.code: h.text for h in self.stored if h.kind == "disease"}
        for code in DISEASES:
            place = f"disease_{code}"
            since = cleaned.get(f"{place}_since") or ""
            text = cleaned.get(f"{place}_text") or "" if code in IN_WORDS else kept.get(code, "")
            is_written = since or (code in IN_WORDS and text)
            if cleaned.get(place) or is_written:
                yield Entry("disease", code, text, since=since, place=place)

    def _rows(self, cleaned: dict):
        for name, count in self._counts.items():
            kind = ROWS[name]
            code = rules.OTHER["past_disease"] if name == "other" else ""
            for row in range(count):
                place = f"{name}_{row}"
                text = cleaned.get(f"{place}_text") or ""
                since = cleaned.get(f"{place}_since") or ""
                if text or since:
                    yield Entry(kind, code, text, since=since, place=place)

    def _families(self, cleaned: dict):
        kept = {(h.relative, h.code): (h.text, h.since) for h in self.stored if h.kind == "family"}
        other = rules.OTHER["family_disease"]
        for relative in rules.RELATIVES:
            place = f"family_{relative}"
            for code in cleaned.get(place) or ():
                text, since = kept.get((relative, code), ("", ""))
                yield Entry("family", code, text, relative, since, place)
            for text in _BETWEEN.split(cleaned.get(f"{place}_text") or ""):
                if text.strip():
                    yield Entry("family", other, text.strip(), relative, "", place)

    def arguments(self) -> dict:
        """The arguments of `write_basics`."""
        cleaned = self.cleaned_data
        return {
            "version": cleaned["version"],
            "answers": self.answers(cleaned),
            "workplace": cleaned["workplace"],
            "genetic": cleaned["genetic"],
            "status": cleaned["histories"],
            "entries": self.entries(cleaned),
        }

    # -- help with filling it in

    def fill_none(self, part: str) -> None:
        """“None” wherever nothing was chosen or typed: of the family, or everywhere."""
        self.is_unchecked, self.data = True, self.data.copy()
        if part == "rest":
            for name in ("exposure", "disability"):
                if not self.data.getlist(name):
                    self.data.setlist(name, [rules.NONE[name]])
            if not self.data.get("histories") and not self._is_typed(*rules.ILL, "other"):
                self.data["histories"] = Basics.Histories.DENIED.value
        wanted = rules.PARTS if part == "rest" else rules.RELATIVES
        for name in wanted:
            place = f"family_{name}" if name in rules.RELATIVES else name
            if not self._is_typed(place, *(["other"] if name == "disease" else [])):
                self.data[f"none_{name}"] = "on"

    def _is_typed(self, *places: str) -> bool:
        return any(
            value
            for place in places
            for name in self.data
            if name == place or name.startswith(f"{place}_")
            for value in self.data.getlist(name)
        )

    def show_meanwhile(self, now: Basics) -> None:
        """A colleague was faster: list what now stands there, and let the next save through."""
        typed = self.cleaned_data
        answers, _problems = rules.settle_answers(self.answers(typed))
        mine = said(
            answers | {"none": answers.get("none", [])}, typed["workplace"], typed["genetic"],
            typed["histories"] or now.histories, self.entries(typed),
        )  # fmt: skip
        entries = [rules.entry_of(row) for row in histories_of(self.patient)]
        theirs = said(now.answers, now.workplace, now.genetic, now.histories, entries)
        self.meanwhile = [
            {"label": field_label(name), "value": value_text(name, theirs.get(name))}
            for name in in_order({**theirs, **mine})
            if (theirs.get(name) or "") != (mine.get(name) or "")
        ]
        self.data = self.data.copy()
        self.data["version"] = str(now.version)
