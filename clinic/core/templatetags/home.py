"""The line of counters on every home page."""

from django import template

from clinic.core.todo import todos

register = template.Library()


@register.inclusion_tag("includes/todo.html", takes_context=True)
def todo(context) -> dict:
    """What waits for this person elsewhere, on the page where their day begins."""
    request, at_home = context["request"], context.get("at_home")
    if at_home is None or not at_home():
        return {"todos": []}
    here = request.resolver_match.view_name
    return {"todos": todos(request.user, here=here, path=request.path)}
