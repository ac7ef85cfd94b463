"""A finding must not tell a diagnosis that its reader may not see (R-140)."""

from functools import cached_property

from django.utils.translation import gettext as _

from prescriptions import reasons, rights
from prescriptions.access import JUDGED, may_see_diagnosis
from prescriptions.models import Prescription
from registration import guarded
from registration.consultation import diagnoses_of
from registration.models import Diagnosis

NAMING = "contra."  # rules whose words name the illness on file


def is_closed(prescription: Prescription, user, standing: list | None = None) -> bool:
    """True when the visit's diagnosis is not for this person, in whatever words."""
    consultation = prescription.consultation
    standing = diagnoses_of(consultation) if standing is None else standing
    codes = [diagnosis.code for diagnosis in standing]
    return guarded.is_guarded(consultation, codes) and not may_see_diagnosis(prescription, user)


class Veil:
    """Over the findings of one sheet, for one reader; asks the database once, and only if needed.

    The doctor of the sheet was told when it was written, the pharmacy is until the drugs are out.
    """

    def __init__(self, prescription: Prescription, user):
        self.prescription, self.user = prescription, user

    def over(self, rule: str | None, words: str | None) -> str:
        """The words, or neutral ones in their place."""
        if not words or not (rule or "").startswith(NAMING):
            return words or ""
        if self._is_closed or any(name in words for name in self._hidden):
            return _("A contraindication that concerns a sensitive record")
        return words

    def over_reason(self, reason: str | None) -> str:
        """A doctor's reason: of one in their own words only that it is another one."""
        reason = reason or ""
        own_words = reason.startswith(f"{reasons.OTHER}:")
        return reasons.OTHER if own_words and self._is_closed else reason

    @cached_property
    def _is_closed(self) -> bool:
        return is_closed(self.prescription, self.user)

    @cached_property
    def _hidden(self) -> set[str]:
        sheet, user = self.prescription, self.user
        if sheet.prescriber_id == user.pk or (rights.judges(user) and sheet.state in JUDGED):
            return set()
        reader = guarded.Reader(user)
        rows = Diagnosis.objects.filter(consultation__patient=sheet.patient_id)
        return {
            row.name
            for row in rows.select_related("consultation__clinician")
            if guarded.is_guarded(row.consultation, [row.code])
            and not reader.may_see(row.consultation)
        }
