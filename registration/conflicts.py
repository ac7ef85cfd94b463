"""Two windows wrote in one record: both texts side by side, a choice for each field (R-71).

A form carries a mark of every field as it was opened. So it is known who changed what: where only
one side wrote, that side is proposed; where both did, nothing is proposed and somebody chooses.
"""

import hashlib
import json
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from clinic.core.errors import RuleBroken

MINE, THEIRS, BOTH = "mine", "theirs", "both"
WORDS = {MINE: _("What I typed"), THEIRS: _("What was saved"), BOTH: _("Both, one below the other")}
LETTERS = 12


class Conflict(RuleBroken):
    """The record was saved in another window meanwhile; nothing of this one was written."""


def marks(values: dict[str, str]) -> str:
    """The fields as they stand now, each as a short digest; nothing can be read out of it."""
    return json.dumps({name: _mark(text) for name, text in values.items()}, separators=(",", ":"))


def _mark(text: str) -> str:
    return hashlib.sha256(_plain(text).encode()).hexdigest()[:LETTERS]


def _plain(text: str) -> str:
    """Browsers send line ends of their own."""
    return text.replace("\r\n", "\n").strip()


def is_open(draft: dict, version: int) -> bool:
    """The draft was typed on another version than this, or left before anybody chose."""
    return draft["version"] != version or bool(draft.get("differs"))


@dataclass(frozen=True)
class Difference:
    """One field in which the two windows differ."""

    name: str
    label: object
    mine: str
    theirs: str
    proposed: str  # MINE, THEIRS or "" when a person has to choose
    choices: tuple[str, ...]

    @property
    def options(self) -> list[tuple[str, object]]:
        return [(key, WORDS[key]) for key in self.choices]


def differences(form, *, mine: dict, theirs: dict, base: str) -> list[Difference]:
    """The fields whose text is not the same in both."""
    opened = _read(base)
    return [
        Difference(
            name=name,
            label=form.fields[name].label,
            mine=_word(form, name, mine.get(name, "")),
            theirs=_word(form, name, text),
            proposed=_proposed(opened.get(name), mine.get(name, ""), text),
            choices=(MINE, THEIRS, BOTH) if _is_long(form, name) else (MINE, THEIRS),
        )
        for name, text in theirs.items()
        if _plain(text) != _plain(mine.get(name, ""))
    ]


def _proposed(opened: str | None, mine: str, theirs: str) -> str:
    if opened is None or opened not in (_mark(mine), _mark(theirs)):
        return ""
    return THEIRS if opened == _mark(mine) else MINE


def _read(base: str) -> dict:
    try:
        found = json.loads(base)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _is_long(form, name: str) -> bool:
    """Texts of several lines can hold both."""
    return getattr(form.fields[name].widget, "template_name", "").endswith("textarea.html")


def _word(form, name: str, text: str) -> str:
    """What a person reads: of a list its word, of the others the text itself."""
    choices = dict(getattr(form.fields[name], "choices", ()))
    return str(choices.get(text, text))


def settled(data, theirs: dict, names) -> tuple[dict[str, str], list[str]]:
    """The fields as they were chosen, and those for which nothing was chosen."""
    chosen, open_ = {}, []
    for name in names:
        choice, mine = data.get(f"choose_{name}", ""), data.get(name, "")
        if choice == THEIRS:
            chosen[name] = theirs[name]
        elif choice == BOTH:
            chosen[name] = "\n".join(filter(None, (_plain(theirs[name]), _plain(mine))))
        elif choice != MINE:
            open_.append(name)
    return chosen, open_
