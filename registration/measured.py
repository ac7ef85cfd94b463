"""Two people measured one patient: a page opened before never puts the older value back (R-71).

A page carries the values as it was opened. What is left so is not sent on; where both sides wrote
another number, somebody chooses.
"""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from registration.conflicts import Conflict
from registration.vitals import VITALS, as_text


@dataclass
class Difference:
    """One value that both sides measured."""

    key: str
    mine: str
    theirs: str
    label: object = ""


def as_words(values: dict) -> str:
    """The values as the page carries them: temperature=36.5 pulse=80."""
    return " ".join(f"{key}={values[key]}" for key in VITALS if values.get(key))


def read(words: str) -> dict[str, str]:
    """The values that a page carried."""
    pairs = (word.partition("=") for word in words.split())
    return {key: value for key, _equals, value in pairs if key in VITALS}


def merged(
    opened: dict, typed: dict, now: dict, undecided: Collection[str]
) -> tuple[dict[str, str], list[Difference]]:
    """What the fields say now, and what somebody has to choose.

    Where only the others wrote, theirs stands in the field.
    """
    fresh, differences = {}, []
    for key, mine in typed.items():
        before, theirs = opened.get(key, ""), now.get(key, "")
        if theirs == before and key not in undecided:
            continue
        if mine in (before, theirs) and key not in undecided:
            fresh[key] = theirs
        else:
            differences.append(Difference(key, mine, theirs))
    return fresh, differences


def check(vitals: dict[str, Decimal | None], *, opened: dict, known: dict) -> None:
    """Conflict where another number than both was measured since the page was opened."""
    for key, number in vitals.items():
        mine = "" if number is None else as_text(number)
        if known.get(key, "") not in (opened.get(key, ""), mine):
            raise Conflict(
                _(
                    "Not saved: somebody else has measured meanwhile. Please choose for each value "
                    "below, then save."
                ),
                rule="R-71",
            )
