"""A site without a pharmacist: a second person looks at each sheet instead (R-177).

Off until an administrator declares it with reason and licence text; what was reviewed meanwhile
keeps the mark `Prescription.reviewed_as`.
"""

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.transactions import atomic_retry
from prescriptions.review_models import NoPharmacist
from security.permissions import P


def is_declared() -> bool:
    """True while the administrator's declaration holds."""
    return NoPharmacist.objects.filter(ended_at__isnull=True).exists()


@atomic_retry
def declare(*, reason: str, licence: str, by) -> NoPharmacist:
    """From now on a second person reviews."""
    _check_administrator(by)
    for field, text in (("reason", reason), ("licence", licence)):
        if not text.strip():
            raise RuleBroken(
                _("Not switched on: it needs the reason and the text of the licence."),
                field=field,
                rule="R-177",
            )
    if is_declared():
        raise AlreadyDone(_("It is declared already that there is no pharmacist."))
    return NoPharmacist.objects.create(
        reason=reason.strip(), licence=licence.strip(), declared_by=by
    )


@atomic_retry
def end(*, by) -> int:
    """There is a pharmacist again; how many declarations this ended."""
    _check_administrator(by)
    rows = NoPharmacist.objects.filter(ended_at__isnull=True)
    for row in rows:
        row.ended_at, row.ended_by = timezone.now(), by
        row.save()
    return len(rows)


def _check_administrator(by) -> None:
    if not by.has_perm(P.ADMINISTER):
        raise RuleBroken(
            _("Only an administrator says whether there is a pharmacist."), rule="R-177"
        )
