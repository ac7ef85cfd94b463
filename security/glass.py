"""Breaking the glass: a file is opened with a reason, for a while, and the auditor sees it."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.site import setting
from clinic.core.transactions import atomic_retry
from security import audit
from security.models import BreakGlass
from security.permissions import P

SHORTEST = 4  # letters of one's own words, where the list of reasons says nothing


def is_broken(user, patient: UUID) -> bool:
    """True while a reason that this person gave for this patient still counts."""
    now = timezone.now()
    return BreakGlass.objects.filter(user=user, patient=patient, until__gt=now).exists()


@atomic_retry
def break_glass(*, patient: UUID, reason: str, words: str = "", by) -> BreakGlass:
    """Open this patient's file for `by` for some hours. The coded reason stands in the audit log,
    the words only in the row, encrypted: they may tell what the patient has."""
    if not by.has_perm(P.READ_CHART):
        raise RuleBroken(_("Only doctors open patients' files."), rule="R-142")
    if reason not in BreakGlass.Reason.values:
        raise RuleBroken(_("Please choose why you need this file."), field="reason")
    if reason == BreakGlass.Reason.OTHER and len(words.strip()) < SHORTEST:
        raise RuleBroken(
            _("Please say in a few words why you need this file."), field="words", rule="R-143"
        )
    until = timezone.now() + timedelta(hours=setting("security.open_file_hours"))
    row = BreakGlass.objects.create(
        user=by, patient=patient, reason=reason, words=words.strip() or None, until=until
    )
    audit.record(
        "break_glass", subject=patient, target=row, data={"reason": reason}, screen="break_glass"
    )
    return row


def told(entry) -> str:
    """For the auditor: the reason of a `break_glass` entry, with the words that were typed."""
    row = BreakGlass.objects.filter(pk=entry.object_pk).first() if entry.object_pk else None
    if row is None:
        reason = (entry.additional_data or {}).get("reason", "")
        return str(dict(BreakGlass.Reason.choices).get(reason, reason))
    return "：".join(filter(None, [str(row.get_reason_display()), row.words]))
