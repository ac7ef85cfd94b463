"""The one way in which set-up fails on purpose."""


class SetupError(Exception):
    """A failure with one plain sentence for the person at the terminal."""
