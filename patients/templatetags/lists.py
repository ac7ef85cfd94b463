"""Pieces of lists of patients."""

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
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
    if status == AllergyStatus.DENIED:
        return tag(_("None known"), "ok")
    return tag(_("Not asked"), "warn")
