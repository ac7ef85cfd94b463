"""The strip above the cashier's pages, and the word about a shift that was left open."""

from django import template

from clinic.cashier import navigation, shifts
from clinic.cashier.models import Shift
from security.permissions import P

register = template.Library()


@register.inclusion_tag("cashier/_sections.html", takes_context=True)
def cashier_sections(context) -> dict:
    """The words of the strip, and one's own shift of an earlier day if it is still open."""
    request = context["request"]
    user, here = request.user, request.resolver_match.url_name
    takes = user.has_perm(P.TAKE_MONEY)
    late: Shift | None = shifts.left_open().filter(open_key=user).first() if takes else None
    return {"items": navigation.sections(user, here), "late": late, "here": here}
