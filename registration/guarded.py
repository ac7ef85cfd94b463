"""Records of the highest level: their diagnosis is for the doctor who made it (R-140, level 5).

A record is guarded because a diagnosis stands in the table below, or because the doctor said so.
The first is worked out from the encrypted codes and stored nowhere; the second lies encrypted in
every record, so that no column tells whose illness has to be hidden.

Drugs stay in sight of whoever may read the file: not to know them would harm the next patient who
gets a second drug, and interactions are worked out over them.
"""

from collections.abc import Iterable
from uuid import UUID

from security import glass

YES, NO = "1", "0"
# First and last category of ICD-10, both included. From memory of GB/T 39725's examples (special
# diseases: HIV, venereal, mental) and of what patients most often ask to be kept from others.
RANGES = [
    ("A50", "A64", "sexually transmitted"),
    ("B20", "B24", "HIV disease"),
    ("F00", "F99", "mental and behavioural"),
    ("N46", "N46", "male infertility"),
    ("N97", "N97", "female infertility"),
    ("O03", "O08", "abortion"),
    ("R75", "R75", "laboratory evidence of HIV"),
    ("T74", "T74", "maltreatment"),
    ("X60", "X84", "self-harm"),
    ("Y05", "Y07", "assault and maltreatment"),
    ("Z21", "Z21", "HIV carrier"),
    ("Z30", "Z33", "contraception, procreation, pregnancy"),
]


def is_listed(code: str) -> bool:
    """True when the table guards this diagnosis by itself."""
    category = code.strip().upper()[:3]
    return any(first <= category <= last for first, last, _why in RANGES)


def is_guarded(consultation, codes: Iterable[str]) -> bool:
    """True when the diagnosis of this visit is not for everybody who may read the file."""
    return consultation.guarded == YES or any(is_listed(code) for code in codes)


class Reader:
    """What one person may see of guarded records; asks the database once for each patient."""

    def __init__(self, user):
        self.user = user
        self._broken: dict[UUID, bool] = {}

    def may_see(self, consultation) -> bool:
        """The doctor of the visit, and whoever gave a reason for this patient."""
        if consultation.clinician.user_id == self.user.pk:
            return True
        patient = consultation.patient_id
        if patient not in self._broken:
            self._broken[patient] = glass.is_broken(self.user, patient)
        return self._broken[patient]
