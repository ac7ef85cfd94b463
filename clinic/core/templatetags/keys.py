"""Keys that lead somewhere on the page: `{% jump 2 form.allergy_status "alg" %}`."""

from django import template
from django.forms import BoundField
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def jump(number: int, place: BoundField | str, heading: str) -> SafeString:
    """Alt and the number of the section go to its first field; the Tab key passes it by.

    `place` is that field or its id, `heading` the id of the section's heading, in which {n} stands
    for the number. A link to a field moves the focus there and presses nothing, which an accesskey
    of the field itself would do with a tile.
    """
    if number > 9 or not place:
        return SafeString("")
    return format_html(
        '<a class="jump" id="jump{1}" href="#{0}" accesskey="{1}" tabindex="-1"'
        ' aria-labelledby="{2} jump{1}"><kbd>Alt {1}</kbd></a>',
        _id_of(place),
        number,
        heading.replace("{n}", str(number)),
    )


def _id_of(place: BoundField | str) -> str:
    if isinstance(place, str):
        return place
    return place.id_for_label or place.subwidgets[0].id_for_label
