"""From what a patient calls a drug to the groups it belongs to (R-44, R-176)."""

import re

from patients.models import AllergyGroup
from patients.rules import tidy_name

UNKNOWN = "UNKNOWN"
_REMARK = re.compile(r"[（(].*?[)）]")
_ENDINGS = re.compile("(类药物|类药|类|过敏|药物|药)$")
_LATIN = re.compile(r"[A-Za-z]")


def groups_of(text: str) -> list[AllergyGroup]:
    """The groups that `text` names or belongs to; several where the word is ambiguous.

    First the whole word, by name, member or synonym; else the longest known word inside it.
    Empty for a substance that no group knows: it is then kept as free text.
    """
    wanted = _plain(text)
    if not wanted:
        return []
    words = _words()
    for form in (wanted, _ENDINGS.sub("", wanted)):
        if form in words:
            return words[form]
    inside = [word for word in words if _is_inside(word, wanted)]
    return words[max(inside, key=len)] if inside else []


def _plain(text: str) -> str:
    return _REMARK.sub("", tidy_name(text)).replace(" ", "").upper()


def _words() -> dict[str, list[AllergyGroup]]:
    """Every known word of every group; one query."""
    words: dict[str, list[AllergyGroup]] = {}
    for group in AllergyGroup.objects.all():
        known = [group.name, group.code, *group.members.split(";"), *group.synonyms.split(",")]
        for word in {_plain(word) for word in known} - {"", "—"}:
            words.setdefault(word, []).append(group)
    return words


def _is_inside(word: str, text: str) -> bool:
    # 鱼 is in 鱼腥草 and 碘 in 胺碘酮: a single character names a group only on its own.
    if len(word) < 2 or word not in text:
        return False
    if not _LATIN.match(word):
        return True
    return re.search(rf"(?<![A-Z]){re.escape(word)}(?![A-Z])", text) is not None
