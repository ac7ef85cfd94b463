"""A small question for whoever books online: needs no picture, no script, no other computer.

It keeps simple programs out, not determined ones; those meet the limits by address and identity.
The form carries the question signed, for an hour; the verb lets each be used once.
"""

import secrets
from dataclasses import dataclass

from django.core import signing
from django.utils.translation import gettext as _

from clinic.core.text import half_width

SALT = "registration.challenge"
SECONDS = 3600  # shorter than throttles.first_time remembers
MOST = 9


@dataclass(frozen=True)
class Question:
    """Two numbers to be added or taken from each other, and the form's random mark."""

    nonce: str
    first: int
    second: int
    minus: bool

    @property
    def words(self) -> str:
        names = _names()
        text = (
            _("How much is %(first)s minus %(second)s?")
            if self.minus
            else _("How much is %(first)s plus %(second)s?")
        )
        return text % {"first": names[self.first], "second": names[self.second]}

    @property
    def result(self) -> int:
        return self.first - self.second if self.minus else self.first + self.second

    @property
    def token(self) -> str:
        parts = [self.nonce, self.first, self.second, int(self.minus)]
        return signing.dumps(parts, salt=SALT)

    def is_answered_by(self, text: str) -> bool:
        """Digits or the word, narrow or wide."""
        bare = "".join(half_width(text).split()).rstrip("。.").lower()
        return bare in (str(self.result), _names()[self.result])


def ask() -> Question:
    """A new one."""
    first, second = sorted((secrets.randbelow(MOST) + 1, secrets.randbelow(MOST) + 1), reverse=True)
    return Question(secrets.token_urlsafe(16), first, second, minus=bool(secrets.randbelow(2)))


def read(token: str) -> Question | None:
    """The question that this form asked; None when it is not ours or too old."""
    try:
        nonce, first, second, minus = signing.loads(token, salt=SALT, max_age=SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Question(nonce, first, second, bool(minus))


def _names() -> list[str]:
    """Zero to eighteen in words."""
    return [
        _("zero"), _("one"), _("two"), _("three"), _("four"), _("five"), _("six"), _("seven"),
        _("eight"), _("nine"), _("ten"), _("eleven"), _("twelve"), _("thirteen"), _("fourteen"),
        _("fifteen"), _("sixteen"), _("seventeen"), _("eighteen"),
    ]  # fmt: skip
