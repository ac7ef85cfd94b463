"""A finding must not tell a diagnosis that its reader may not see (R-140)."""

from functools import cached_property

from django.utils.translation import gettext as _

from prescriptions import rights
from prescriptions.access import JUDGED
from prescriptions.models import Prescription
from registration import guarded
from registration.models import Diagnosis

NAMING = "contra."  # rules whose words name the illness on file


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
        if any(name in words for name in self._hidden):
            return _("A contraindication that concerns a sensitive record")
        return words

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
