"""A finished sheet as it was, as plain data."""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Seen:
    """An alert that stood on the sheet when it was handed in."""

    rule: str
    lines: tuple[str, ...] = ()
    level: int = 3
    signed: bool = False
    words: str = ""


@dataclass(frozen=True)
class PastLine:
    """One row that stood on the sheet."""

    key: str
    name: str = "药"
    dose_unit: str = "g"
    route: str = "1"
    frequency: str = "tid"
    is_herb: bool = False
    is_topical: bool = False
    is_antibiotic: bool = False
    is_injection: bool = False
    is_essential: bool = False
    control: str = ""  # the paper class of its control class: "narcotic", "psychotropic_2" or ""


@dataclass(frozen=True)
class Past:
    """Everything that is judged about one sheet."""

    head: dict
    lines: tuple[PastLine, ...]
    seen: tuple[Seen, ...] = ()
    kind: str = "ordinary"
    long_reason: str = ""
    birth_date: date | None = None
    is_signed_by_prescriber: bool = True
    was_dispensed: bool = True
    has_reviewer: bool = True
    has_dispensers: bool = True
    # On what the doctor insisted after the pharmacist's return, item and words.
    insisted: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Verdict:
    """An item that was found; `decided` or for a person to decide."""

    code: str
    decided: bool
    line: str = ""
    rule: str = ""
    words: str = ""
    values: dict = field(default_factory=dict, compare=False)
