"""The parts of names by which patients are found, kept with every file that is saved.

Whoever writes many files at once calls `index`.
"""

from collections.abc import Iterable
from functools import lru_cache
from itertools import islice, product
from typing import NamedTuple

from clinic.core.transactions import atomic_retry
from patients.models import NamePart
from patients.pinyin import plain_letters, units

SOURCES = {"name", "reading"}
MOST_STARTS = 12  # characters of a name from which on it is found
MOST_WAYS = 8  # of reading it from one of them on


class Part(NamedTuple):
    """What a NamePart says, in its columns' order."""

    rank: int
    text: str
    pinyin: str
    initials: str


@lru_cache(maxsize=4096)
def parts(name: str, reading: str = "") -> tuple[Part, ...]:
    """Everything this name is found by; `reading` is how it is read by somebody's own note."""
    found = units(name)
    by_hand = [plain_letters(word) for word in reading.split()]
    if len(by_hand) == len(found):
        found = [
            (text, list(dict.fromkeys([word, *ways])))
            for (text, ways), word in zip(found, by_hand, strict=True)
        ]
    made = []
    for at in range(min(len(found), MOST_STARTS)):
        text = "".join(text for text, _ways in found[at:])
        for way in islice(product(*(ways for _text, ways in found[at:])), MOST_WAYS):
            made.append(_part(NamePart.OTHER if made else NamePart.WHOLE, text, way))
    if by_hand and len(by_hand) != len(found):
        made.append(_part(NamePart.OTHER, "".join(text for text, _ways in found), by_hand))
    return tuple(dict.fromkeys(made))


def bare(text: str) -> str:
    """Text as parts are kept: small letters, no spaces, dots or dashes."""
    return "".join(piece for piece, _ways in units(text))


def _part(rank: int, text: str, syllables: Iterable[str]) -> Part:
    syllables = [s for s in syllables if s]
    initials = "".join(s if s.isdigit() else s[0] for s in syllables)
    return Part(
        rank,
        text[: NamePart.TEXT],
        "".join(syllables)[: NamePart.PINYIN],
        initials[: NamePart.INITIALS],
    )


@atomic_retry
def index(patients: list, *, new: bool = False) -> None:
    """Write what is missing of these files' parts, and drop what no longer fits."""
    wanted = {(p.pk, part) for p in patients for part in parts(p.name, p.reading)}
    if not new:
        there = NamePart.objects.filter(patient__in=patients)
        old = {
            (patient, Part(*rest)): pk
            for pk, patient, *rest in there.values_list("pk", "patient", *Part._fields)
        }
        gone = [pk for key, pk in old.items() if key not in wanted]
        if gone:
            NamePart.objects.filter(pk__in=gone).delete()
        wanted -= old.keys()
    rows = [NamePart(patient_id=pk, **part._asdict()) for pk, part in sorted(wanted)]
    NamePart.objects.bulk_create(rows, batch_size=500)


def after_save(sender, instance, created, update_fields=None, **_signal) -> None:
    """Of a file whose name stands as it was read, nothing is looked up."""
    if update_fields is not None and not SOURCES & set(update_fields):
        return
    called = (instance.name, instance.reading)
    if created or instance.__dict__.get("indexed_as") != called:
        index([instance], new=created)
        instance.indexed_as = called
