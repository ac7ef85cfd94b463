"""How a name is read, where the table of characters does not know (R-83)."""

import re

from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from patients.pinyin import MAX_INITIALS, MAX_PINYIN, full_pinyin, initials, plain_letters

_ALLOWED = re.compile(r"[^\W\d_](?:[^\W\d_]|['’ -])*")
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\ue000-\uf8ff\U00020000-\U0003ffff]")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def tidy_reading(text: str, name: str) -> str:
    """The syllables with one space between them; RuleBroken where they can't be this name's."""
    text = " ".join((text or "").split())
    if not text:
        return ""
    if _HAN.search(text) or not _ALLOWED.fullmatch(text):
        _refuse(_("Pinyin consists of letters. Please write it like “zeng xiu ying”, or clear it."))
    han = _HAN.findall(name)
    is_han_only = len(han) == len(_SELECTORS.sub("", name))
    if is_han_only and len(text.split()) != len(han):
        _refuse(
            _(
                "The name has %(name)s characters, the pinyin %(count)s syllables. "
                "Please write one for each, with a space between them."
            )
            % {"name": len(han), "count": len(text.split())}
        )
    return text


def search_keys(name: str, reading: str = "") -> dict:
    """By what the name is found when somebody types letters."""
    if not reading:
        return {"pinyin": full_pinyin(name), "initials": initials(name)}
    words = [plain_letters(word) for word in reading.split()]
    return {
        "pinyin": "".join(words)[:MAX_PINYIN],
        "initials": "".join(word[:1] for word in words).upper()[:MAX_INITIALS],
    }


def _refuse(message: str):
    raise RuleBroken(message, field="reading", rule="R-83")
