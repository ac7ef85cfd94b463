"""Drawing what other apps add to a patient's chart."""

from django import template
from django.template.loader import get_template

register = template.Library()


@register.simple_tag(takes_context=True)
def chart_section(context, part) -> str:
    """One registered section, with what its app found for this patient (records.Drawn)."""
    with context.push(**part.values):
        return get_template(part.section.template).template.render(context)
