"""Drawing the panels that higher floors registered, and the boxes of a printed form."""

from django import template
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag(takes_context=True)
def panel(context, part: dict) -> SafeString:
    """One panel's template, with its own context over the page's."""
    drawn = context.template.engine.get_template(part["template"])
    with context.push(**part["context"]):
        return drawn.render(context)


@register.simple_tag
def box(ticked: int = 0) -> str:
    """A box of a printed form."""
    return "☑" if ticked else "□"
