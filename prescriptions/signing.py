"""Passing a level-2 alert: a reason from the list, and the doctor signs again (R-20, R-43)."""

from django.utils.translation import gettext as _

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.transactions import atomic_retry
from prescriptions import alerts, reasons
from prescriptions.models import AlertRecord, Prescription
from prescriptions.moves import editable


@atomic_retry
def override(
    *, prescription: Prescription, fingerprint: str, reason: str, text: str = "", by
) -> AlertRecord:
    """Note that the prescriber insists on what this alert asks about.

    The caller has asked for the password again: signing is more than being signed in.
    """
    prescription = editable(prescription, by)
    found = alerts.opinion(prescription)
    finding = next((f for f in found.open if f.fingerprint == fingerprint), None)
    if finding is None:
        raise AlreadyDone(
            _("Nothing to sign: the row was changed or this was signed already. Please look again.")
        )
    if reason not in reasons.LISTS[finding.rule.reasons]:
        raise RuleBroken(_("Not signed: please choose a reason."), field="reason", rule="R-43")
    if reason == reasons.OTHER and not text:
        raise RuleBroken(_("Not signed: please write the other reason."), field="text", rule="R-43")
    items = {item.pk.hex: item for item in found.items}
    record = alerts.record(
        prescription,
        finding,
        AlertRecord.Outcome.OVERRIDDEN,
        items,
        by=by,
        reason=reasons.stored(reason, text),
    )
    if finding.rule.reasons == "long":
        prescription.long_reason = reason
    prescription.version += 1
    prescription.save()
    return record
