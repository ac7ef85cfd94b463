"""Changing a setting from a page of ours; the list in Django admin writes the same rows."""

from django.core.exceptions import ValidationError

from clinic.core.errors import RuleBroken
from clinic.core.models import Setting
from clinic.core.site import DEFINITIONS
from clinic.core.transactions import atomic_retry


@atomic_retry
def change(*, key: str, value: str, by) -> None:
    """The site's own value of a setting; the default needs no row."""
    definition = DEFINITIONS[key]
    try:
        definition.parse(value)
    except ValidationError as error:
        raise RuleBroken(" ".join(error.messages)) from error
    row = Setting.objects.filter(key=key).first() or Setting(key=key)
    if row.value != value and (row.pk or value != definition.stored_default):
        row.value = value
        row.save()
