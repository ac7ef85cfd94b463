"""The line of counters on every home page."""

from django import template

from clinic.core.todo import todos

register = template.Library()


@register.inclusion_tag("includes/todo.html", takes_context=True)
def todo(context) -> dict:
    """What waits for this person elsewhere than on this page."""
    request = context["request"]
    return {"todos": todos(request.user, but=request.path)}
