"""Taking an import of drugs back: only what nobody has used, checked or changed since."""

import hashlib
from decimal import Decimal

from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.tables.kinds import Row, Status
from clinic.core.transactions import lock
from pharmacy import catalogue, drugs
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
    """Set these facts of a drug as it was read; return what is needed to set them back."""
    seen, drug = drug.changed_at, lock(Drug.objects.filter(pk=drug.pk)).get()
    if seen != drug.changed_at:
        raise RuleBroken(
            _("Somebody is changing this drug just now. Please import the line again."),
            rule="R-122",
        )
    old = {name: plain(getattr(drug, name)) for name in changes}
    _write(drug, changes)
    return {"old": old, "new": {name: plain(getattr(drug, name)) for name in changes}}


def _write(drug: Drug, facts: dict) -> None:
    """Set them as drugs.change_drug does: what a pharmacist compared is then to be checked anew."""
    for name, value in facts.items():
        setattr(drug, name, value)
    if drug.verified and set(facts) - drugs.OF_THE_SHELF:
        drugs.uncheck(drug)
    drug.save()


def take_back(rows: list[Row]) -> None:
    """Delete what these rows created and set back what they changed, where that does no harm."""
    held = {d.pk: d for d in lock(Drug.objects.filter(pk__in=[row.target for row in rows]))}
    for row in reversed(rows):
        drug = held.get(row.target)
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
    if drug.replaced_by.exists():
        return _("Another drug took its place since. It stays on record.")
    if drug.control_classes.exists():
        return _("Its control class is on record for good. Stop it if it is no longer wanted.")
    drug.words.all().delete()
    drug.delete()
    return ""


def _read(name: str, text: str):
    field = Drug._meta.get_field(name)
    return None if field.null and not text else field.to_python(text)


def _set_back(drug: Drug, row: Row) -> str:
    new, old = row.undo.get("new", {}), row.undo.get("old", {})
    if drug.verified or catalogue.is_used(drug):
        return _("It was checked or used since: what this import filled in stays.")
    same = [name for name in new if plain(getattr(drug, name)) == new[name]]
    _write(drug, {name: _read(name, old[name]) for name in same})
    if len(same) < len(new):
        return _("Somebody has changed it since: that stays, the rest was set back.")
    return ""
