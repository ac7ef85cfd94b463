"""Taking an import of drugs back: only what nobody has used, checked or changed since."""

import hashlib
from decimal import Decimal

from django.utils.translation import gettext as _

from clinic.core.tables.kinds import Row, Status
from clinic.core.transactions import lock
from pharmacy import catalogue
from pharmacy.models import Drug

_NOT_PART = {"id", "used_times"}


def mark_of(drug: Drug) -> str:
    """A fingerprint of everything that the drug's row says."""
    parts = [
        f"{field.name}={plain(getattr(drug, field.attname))}"
        for field in Drug._meta.concrete_fields
        if field.name not in _NOT_PART
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def plain(value) -> str:
    """A value as text, the same before and after the database."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return "" if value is None else str(value)


def change(drug: Drug, changes: dict) -> dict:
    """Set these facts; return what is needed to set them back."""
    old = {name: plain(getattr(drug, name)) for name in changes}
    for name, value in changes.items():
        setattr(drug, name, value)
    drug.save(update_fields=list(changes))
    return {"old": old, "new": {name: plain(getattr(drug, name)) for name in changes}}


def take_back(rows: list[Row]) -> None:
    """Delete what these rows created and set back what they changed, where that does no harm."""
    drugs = {d.pk: d for d in lock(Drug.objects.filter(pk__in=[row.target for row in rows]))}
    for row in reversed(rows):
        drug = drugs.get(row.target)
        if drug is None:
            row.status = Status.BACK
            continue
        reason = _remove(drug, row) if "made" in row.undo else _set_back(drug, row)
        row.status = Status.STAYS if reason else Status.BACK
        row.words = [reason] if reason else []


def _remove(drug: Drug, row: Row) -> str:
    if catalogue.is_used(drug):
        return _("It was used since. Stop it if it is no longer wanted.")
    if drug.verified:
        return _("A pharmacist has checked it since. Stop it if it is no longer wanted.")
    if mark_of(drug) != row.undo["made"]:
        return _("Somebody has changed it since. Stop it if it is no longer wanted.")
    if drug.control_classes.exists():
        return _("Its control class is on record for good. Stop it if it is no longer wanted.")
    drug.words.all().delete()
    drug.delete()
    return ""


def _set_back(drug: Drug, row: Row) -> str:
    new, old = row.undo.get("new", {}), row.undo.get("old", {})
    if drug.verified or catalogue.is_used(drug):
        return _("It was checked or used since: what this import filled in stays.")
    same = [name for name in new if plain(getattr(drug, name)) == new[name]]
    for name in same:
        field = Drug._meta.get_field(name)
        setattr(drug, name, None if field.null and not old[name] else field.to_python(old[name]))
    drug.save(update_fields=same)
    if len(same) < len(new):
        return _("Somebody has changed it since: that stays, the rest was set back.")
    return ""
