"""Errors that users see. Everything else is a fault of ours and becomes a 500 page."""


class RuleBroken(Exception):
    """A rule of the house refuses what was asked.

    `message` says what happened, why, and what to do next (R-155), in the user's language.
    `field` names the form field it belongs to, if there is one; `rule` cites its source.
    """

    def __init__(self, message, *, field: str | None = None, rule: str = ""):
        super().__init__(message)
        self.message = message
        self.field = field
        self.rule = rule

    def __str__(self) -> str:
        return str(self.message)


class AlreadyDone(RuleBroken):
    """The same thing was done before, by a second click or by a colleague."""


class Busy(Exception):
    """The database could not be reached in time; nothing was saved, and trying again is safe."""


class Unanswered(Exception):
    """The database went away while it was committing: it may be saved or not. Look, then decide."""
