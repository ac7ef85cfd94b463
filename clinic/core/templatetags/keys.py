"""Keys that lead somewhere on the page: `{% jump 2 "id_allergy_status_0" "alg" %}`."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def jump(number: int, target: str, heading: str) -> SafeString:
    """Alt and the number of the section go to its first field; the Tab key passes it by.

    A link to a field moves the focus there and presses nothing, which an accesskey of the field
    itself would do with a tile.
    """
    return format_html(
        '<a class="jump" href="#{}" accesskey="{}" tabindex="-1" aria-labelledby="{}">'
        "<kbd>Alt {}</kbd></a>",
        target,
        number,
        heading,
        number,
    )
