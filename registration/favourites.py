"""The diagnoses a doctor and the clinic use most stand first (R-74).

One encrypted row per doctor holds codes with counts. It names no patient, and no day.
"""

from collections import Counter

from clinic.core.text import half_width
from clinic.core.transactions import atomic_retry, lock
from registration import icd10
from registration.models import DiagnosisUse, Icd10Code

MOST_KEPT = 400  # codes of one doctor; the rarest go first
MOST_OWN = 20


@atomic_retry
def count(*, code: str, by) -> None:
    """One more use of this diagnosis by this doctor."""
    DiagnosisUse.objects.get_or_create(user=by, defaults={"counts": {}})
    use = lock(DiagnosisUse.objects.filter(user=by)).get()
    counts = Counter(use.counts)
    counts[code] += 1
    use.counts = dict(counts.most_common(MOST_KEPT))
    if code not in use.counts:  # a new one among many that were used as rarely
        use.counts[code] = counts[code]
    use.save(update_fields=["counts"])


def order(user) -> dict[str, tuple[int, int]]:
    """By code: how often this doctor and how often the clinic has used it. One query."""
    own: Counter = Counter()
    clinic: Counter = Counter()
    for use in DiagnosisUse.objects.all():
        clinic.update(use.counts)
        if use.user_id == user.pk:
            own = Counter(use.counts)
    codes = [*own, *(code for code, _times in clinic.most_common(MOST_KEPT))]
    return {code: (own[code], clinic[code]) for code in codes}


def most_used(user, limit: int = MOST_OWN) -> list[Icd10Code]:
    """The doctor's own most used diagnoses, then the clinic's."""
    times = order(user)
    codes = sorted(times, key=lambda code: (times[code], code), reverse=True)
    rows = _rows(codes[: limit * 2])
    return [rows[code] for code in codes if code in rows][:limit]


def search(text: str, *, user, limit: int = 12) -> list[Icd10Code]:
    """Like icd10.search, those used before in front; for no words the most used ones."""
    words = half_width(text).strip().upper()
    if not words:
        return most_used(user, limit)
    times = order(user)
    used = [row for row in _rows(times).values() if _fits(row, words)]
    used.sort(key=lambda row: (times[row.code], -len(row.name)), reverse=True)
    used = used[:limit]
    there = {row.pk for row in used}
    return (used + [row for row in icd10.search(text, limit) if row.pk not in there])[:limit]


def _fits(row: Icd10Code, words: str) -> bool:
    """A code or initials that begin so, or a part of the name."""
    if not words.isascii():
        return words in row.name.upper()
    return row.code.upper().startswith(words) or row.initials.startswith(words)


def _rows(codes) -> dict[str, Icd10Code]:
    return {row.code: row for row in Icd10Code.objects.filter(code__in=list(codes), active=True)}
