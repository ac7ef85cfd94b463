"""Changing clinical data so that it is known who changed what, and since which version (R-157)."""

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Max, Model
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import AlreadyDone
from clinic.core.models import ClinicalChange
from clinic.core.numbers import next_number
from clinic.core.transactions import atomic_retry, lock

SERIES = "clinical"


def version() -> int:
    """The number of the latest change; 0: as it was shipped. One query."""
    return ClinicalChange.objects.aggregate(most=Max("number"))["most"] or 0


def note(row: Model, *, key: str, before: dict, after: dict, by) -> ClinicalChange | None:
    """Record what changed of a row, inside the transaction that saved it; None: nothing did."""
    changes = [
        [name, _plain(before.get(name)), _plain(value)]
        for name, value in after.items()
        if _plain(before.get(name)) != _plain(value)
    ]
    if not changes:
        return None
    return ClinicalChange.objects.create(
        number=next_number(SERIES),
        area=row._meta.label_lower,
        key=key,
        label=str(row)[:200],
        changes=changes,
        made_by=by,
    )


def _plain(value):
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def values_of(row: Model, names) -> dict:
    """The values of these fields as they are."""
    return {name: getattr(row, name) for name in names}


@atomic_retry
def change(*, row: Model, key: str, values: dict, seen: int | None = None, by) -> Model:
    """Save a row of sourced data, new or changed, with who and when.

    `seen` is the number of the latest change of this row that its editor had before them.

    Whoever changes what the rules read takes the mark "checked" off, unless they set it anew.
    """
    old = None if row.pk is None else lock(type(row).objects.filter(pk=row.pk)).get()
    if old and seen is not None and latest(row, key) != seen:
        raise AlreadyDone(
            _(
                "Not saved: somebody else changed this meanwhile. Please compare it with what was "
                "changed, below, and save again."
            ),
            rule="R-157",
        )
    before = values_of(old, values) if old else {}
    for name, value in values.items():
        setattr(row, name, value)
    content = {name for name in values if name not in ("checked", "source")}
    touched = any(before.get(name) != values[name] for name in content)
    if row.checked and (touched or not (old and old.checked)):
        row.checked = bool(values.get("checked"))
    row.checked_by, row.checked_at = (by, timezone.now()) if row.checked else (None, None)
    row.save()
    after = {**values, "checked": row.checked}
    note(
        row, key=key, before=before | ({"checked": old.checked} if old else {}), after=after, by=by
    )
    return row


def latest(row: Model, key: str) -> int:
    """The number of its latest change; 0: as it was shipped."""
    rows = ClinicalChange.objects.filter(area=row._meta.label_lower, key=key)
    return rows.aggregate(most=Max("number"))["most"] or 0


def history(row: Model, key: str, most: int = 50) -> list[ClinicalChange]:
    """What was changed of this row, the latest first."""
    rows = ClinicalChange.objects.filter(area=row._meta.label_lower, key=key)
    return list(rows.select_related("made_by").order_by("-number")[:most])


def in_words(change: ClinicalChange) -> list[tuple]:
    """(field, before, after) as people read it; before None: there was nothing."""
    return [
        (_label(change.area, name), _word(old), _word(new)) for name, old, new in change.changes
    ]


def _label(area: str, name: str) -> str:
    try:
        return str(apps.get_model(area)._meta.get_field(name).verbose_name)
    except (LookupError, FieldDoesNotExist):  # what was recorded outlives the field
        return name


def _word(value):
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return value
