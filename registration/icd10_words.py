"""The parts of names by which diagnoses are found, kept with every diagnosis that is saved.

A name is looked up from any of its characters on: `支气管炎` and `ZQGY` both find 急性支气管炎 by a
range of an index, also among forty thousand. Whoever writes many at once calls `index`.
"""

from itertools import zip_longest

from clinic.core.readings import library
from clinic.core.text import half_width
from clinic.core.transactions import atomic_retry
from registration.models import Icd10Code, Icd10Part

LONGEST = Icd10Part.LONGEST
LONGEST_INITIALS = Icd10Code._meta.get_field("initials").max_length
# In names of diseases these are read so; the usual reading is another one.
READINGS = {"椎": "Z", "龈": "Y", "膀": "P", "卒": "C", "咯": "K", "调": "T"}
SOURCES = {"name", "initials"}


def initials_of(name: str) -> str:
    """The first letter of each character; Latin letters and digits as they are."""
    letters = []
    for character in name:
        if character.isascii():
            letters.append(character.upper() if character.isalnum() else "")
        elif character in READINGS:
            letters.append(READINGS[character])
        else:
            read = library().lazy_pinyin(character, errors="ignore")
            letters.append(read[0][0].upper() if read and read[0][0].isalpha() else "")
    return "".join(letters)[:LONGEST_INITIALS]


def parts_of(code: Icd10Code) -> list[tuple[str, str]]:
    """The name from each character on, the initials from the second on to the last but one.

    Each row holds one part of either; they are no pair.
    """
    name = plain(code.name)
    texts = [name[at : at + LONGEST] for at in range(len(name))]
    letters = [code.initials[at : at + LONGEST] for at in range(1, len(code.initials) - 1)]
    return list(zip_longest(texts, letters, fillvalue=""))


def plain(text: str) -> str:
    """As names are kept and asked for: no difference of width or case."""
    return half_width(text).strip().upper()


@atomic_retry
def index(codes: list[Icd10Code], *, new: bool = False) -> None:
    """Write the parts of these diagnoses anew; of `new` ones there are none yet."""
    if not new:
        Icd10Part.objects.filter(code__in=codes).delete()
    Icd10Part.objects.bulk_create(
        [
            Icd10Part(code=code, text=text, initials=letters)
            for code in codes
            for text, letters in parts_of(code)
        ],
        batch_size=500,
    )


def after_save(sender, instance, created, update_fields=None, **_signal) -> None:
    if update_fields is None or SOURCES & set(update_fields):
        index([instance], new=created)
