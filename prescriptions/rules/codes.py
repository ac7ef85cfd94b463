"""ICD-10 codes against lists such as "N17-N19;K70.3": ranges are of three-letter categories."""

from functools import cache

from prescriptions.rules.facts import Condition, Sheet


@cache
def ranges(spec: str) -> tuple[tuple[str, str], ...]:
    """The list as pairs of first and last."""
    parts = [part.strip() for part in spec.split(";") if part.strip()]
    pairs = [part.partition("-") for part in parts]
    return tuple((low, high or low) for low, _dash, high in pairs)


def is_among(code: str, spec: str) -> bool:
    """True for a code inside one of the ranges: K70.31 is in K70.3, in K70 and in K65-K77."""
    return any(low <= code[: len(low)] and code[: len(high)] <= high for low, high in ranges(spec))


def found(sheet: Sheet, spec: str) -> Condition | None:
    """The patient's condition of that list: what this visit found before what is on file."""
    rows = [c for c in sheet.conditions if is_among(c.code, spec)]
    return min(rows, key=lambda c: (c.on is not None, c.suspected), default=None)
