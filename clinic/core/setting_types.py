"""What a setting is: its key, its default, which also gives the type, and what it does."""

import re
from dataclasses import dataclass, field
from pathlib import PurePath

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

RULE = re.compile(r" ?[（(]R-\d+[)）]")
YES, NO = {"yes", "是"}, {"no", "否"}


@dataclass(frozen=True)
class Definition:
    """One setting: its key, its default (which also gives the type) and what it does.

    `low` and `high` keep a slip of the finger from stopping the clinic: with no idle minutes at
    all nobody could sign in to correct it.
    """

    key: str
    default: object
    help: str
    low: int = 0
    high: int = 100_000
    folder: bool = False
    choices: dict = field(default_factory=dict)  # of a text, with their words; none: any text
    example: str = ""

    @property
    def meaning(self) -> str:
        """What it does, for people: they know no numbers of rules."""
        return RULE.sub("", str(self.help))

    @property
    def default_words(self) -> str:
        """The default as people write it: yes, no, or the number."""
        return self.words_of(self.default)

    def words_of(self, value) -> str:
        """A typed value as people read it."""
        if isinstance(value, bool):
            return str(_("yes") if value else _("no"))
        return str(self.choices.get(value, value))

    @property
    def stored_default(self) -> str:
        """The default as a row would keep it."""
        if isinstance(self.default, bool):
            return "yes" if self.default else "no"
        return str(self.default)

    @property
    def is_free(self) -> bool:
        """Any text can be written: for machines rather than for readers."""
        return isinstance(self.default, str) and not self.choices

    @property
    def options(self) -> list[tuple[str, object]]:
        """What to choose from, as it is kept; nothing where a number or a text is written."""
        if isinstance(self.default, bool):
            return [("yes", _("yes")), ("no", _("no"))]
        return list(self.choices.items())

    @property
    def default_text(self) -> str:
        return f"({self.default_words})"

    def parse(self, text: str):
        """The typed value of `text`; ValidationError when it fits neither type nor range."""
        if isinstance(self.default, bool):
            if text.strip() not in YES | NO:
                raise ValidationError(_("Please write yes or no."))
            return text.strip() in YES
        if isinstance(self.default, int):
            if not text.strip().isascii() or not text.strip().isdigit():
                raise ValidationError(_("Please write a whole number."))
            return self._in_range(text.strip())
        if self.folder and text.strip() and not PurePath(text.strip()).is_absolute():
            raise ValidationError(_("Please write the whole path of the folder, from / on."))
        if self.choices and text.strip() not in self.choices:
            words = {"choices": ", ".join(self.choices)}
            raise ValidationError(_("Please write one of these: %(choices)s.") % words)
        return text.strip() if self.choices else text

    def _in_range(self, digits: str) -> int:
        if len(digits) > 9 or not self.low <= int(digits) <= self.high:
            raise ValidationError(
                _("Please write a number from %(low)s to %(high)s."),
                params={"low": self.low, "high": self.high},
            )
        return int(digits)
