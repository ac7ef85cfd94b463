"""Corrections with their originals: what stood there, what stands there now (R-60, R-147)."""

from datetime import date, datetime, time

from patients.models import Change, Patient


def note_change(
    *, patient: Patient, what: str, version: int, before: dict, after: dict, by, reason: str = ""
) -> Change | None:
    """Write one correction, called by the verb that makes it, inside its transaction.

    `before` and `after`: values by field; those that are the same in both are left out, and where
    all are, nothing is written. `version`: the one that came about.
    """
    fields = {
        name: [_kept(before.get(name)), _kept(after.get(name))]
        for name in {**before, **after}
        if _kept(before.get(name)) != _kept(after.get(name))
    }
    if not fields:
        return None
    return Change.objects.create(
        patient=patient, what=what, version=version, fields=fields, reason=reason, made_by=by
    )


def _kept(value):
    """As JSON keeps it; nothing is an empty text, however a column says so."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date | datetime | time) else value
