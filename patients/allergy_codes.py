"""Recorded allergies as the short list of the health record's form; the full entry stays (R-61)."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from patients.allergy_groups import UNKNOWN
from patients.models import Allergy, AllergyStatus

NONE, PENICILLIN, SULFONAMIDE, STREPTOMYCIN, OTHER = "1", "2", "3", "4", "5"
GROUPS = {"PCN": PENICILLIN, "SULFA": SULFONAMIDE}
AMINOGLYCOSIDES, STREPTOMYCIN_WORDS = "AMINO", ("链霉素", "streptomycin")


def form_codes(status: str, allergies: Iterable[Allergy]) -> tuple[list[str], str]:
    """(codes of the set drug_allergy in their order, the words beside “other”).

    No code at all where nobody has asked: that is not “none”.
    """
    if status != AllergyStatus.HAS:
        return ([NONE] if status == AllergyStatus.DENIED else []), ""
    rows = [row for row in allergies if row.state == Allergy.State.ACTIVE]
    found = {row.pk: _code(row) for row in rows}
    others = dict.fromkeys(_words(row) for row in rows if found[row.pk] == OTHER)
    return sorted(set(found.values())), "、".join(others)


def _code(allergy: Allergy) -> str:
    word = allergy.substance.lower()
    if allergy.group_code == AMINOGLYCOSIDES and any(w in word for w in STREPTOMYCIN_WORDS):
        return STREPTOMYCIN
    return GROUPS.get(allergy.group_code, OTHER)


def _words(allergy: Allergy) -> str:
    return _("drug not known") if allergy.group_code == UNKNOWN else allergy.substance
