"""What is for the machine in a Chinese sentence: paths, addresses, names of programs."""

import re

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()
# From the first to the last Latin letter, digit or sign of a run that holds a letter.
_UNITS = {"GB", "MB", "KB"}
_RUN = re.compile(r"([!-~]*[A-Za-z][!-~]*(?: [!-~]+)*)")


@register.filter
def machine_words(text: str) -> SafeString:
    """Each Latin run of a Chinese text as <code>; other languages have such words everywhere."""
    if not (get_language() or "").startswith("zh"):
        return format_html("{}", text)
    return format_html_join(
        "",
        "{}",
        (
            [
                format_html('<code class="text-body">{}</code>', part)
                if at % 2 and part not in _UNITS
                else part
            ]
            for at, part in enumerate(_RUN.split(str(text)))
        ),
    )
