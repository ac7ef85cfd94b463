"""Drawing the panels that higher floors registered on the consultation page."""

from django import template
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag(takes_context=True)
def panel(context, part: dict) -> SafeString:
    """One panel's template, with its own context over the page's."""
    drawn = context.template.engine.get_template(part["template"])
    with context.push(**part["context"]):
        return drawn.render(context)
