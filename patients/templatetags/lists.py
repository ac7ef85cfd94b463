"""Pieces of lists of patients."""

from functools import cache

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from clinic.core.templatetags.ui import tag
from patients.models import AllergyStatus

register = template.Library()


@register.simple_tag
def allergy_tags(row: dict) -> SafeString:
    """The allergy status of one row (patients.listing), as words in a shape (R-44)."""
    status = row["patient"].allergy_status
    if status == AllergyStatus.HAS:
        return format_html_join(
            "",
            '<span class="tag {}">{}</span> ',
            (
                ("tag-harm" if one["severe"] else "tag-harm-line", one["label"])
                for one in row["allergies"]
            ),
        )
    return _without(status == AllergyStatus.DENIED, get_language())


@cache
def _without(is_denied: bool, _language: str | None) -> SafeString:
    """Drawn once for each language, not for each row."""
    return tag(_("None known"), "ok") if is_denied else tag(_("Not asked"), "warn")
