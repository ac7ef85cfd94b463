"""Drawing what other apps add to a patient's chart."""

from django import template
from django.template.loader import get_template

register = template.Library()


@register.simple_tag(takes_context=True)
def chart_section(context, section) -> str:
    """One registered section, with the context its app computes for this patient."""
    values = section.context(context["patient"], context["request"])
    with context.push(**values):
        return get_template(section.template).template.render(context)
