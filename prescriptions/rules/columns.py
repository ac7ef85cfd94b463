"""Columns of the library that hold several values."""


def split(text: str) -> frozenset[str]:
    """The values of a column that holds several, separated by ";"."""
    return frozenset(filter(None, (part.strip() for part in text.split(";"))))
