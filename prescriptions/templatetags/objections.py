"""What came back with a sheet, in words."""

from django import template

from prescriptions import objections

register = template.Library()


@register.filter
def objection_titles(event) -> list:
    """Number and title of each item that this event names."""
    return objections.titles(event)
