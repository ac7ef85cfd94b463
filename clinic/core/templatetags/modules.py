"""`{% module "pharmacy" as has_pharmacy %}`: whether the clinic uses this part."""

from django import template

from clinic.core.modules import is_on

register = template.Library()


@register.simple_tag
def module(code: str) -> bool:
    return is_on(code)
