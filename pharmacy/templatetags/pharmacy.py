"""How quantities, expiry dates and the law's marks on drugs look on every page."""

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.core.templatetags.ui import tag
from pharmacy import catalogue, navigation
from pharmacy.expiry import rung
from pharmacy.money import line_total
from pharmacy.units import packs_and_pieces
from pharmacy.watch import steps
from security.permissions import P

register = template.Library()

EXPIRY_TAGS = {0: "harm", 1: "harm-line", 3: "warn", 6: "warn"}


@register.filter
def packs(drug, quantity) -> str:
    """{{ drug|packs:quantity }}: base units as packs and pieces."""
    return packs_and_pieces(drug, quantity)


@register.filter
def money(amount) -> str:
    """{{ amount|money }}: 1,398.00; a cost keeps its third and fourth decimal where it has them."""
    text = f"{amount:,.4f}"
    return text[:-2] + text[-2:].rstrip("0")


@register.filter
def at_cost(line):
    """{{ line|at_cost|money }}: the difference of a stock-take's line at the batch's cost."""
    return line_total(line.batch.cost, line.difference, line.batch.drug.units_per_pack)


@register.filter
def at_price(line):
    """The same at the price of when the take began."""
    return line_total(line.price, line.difference, line.batch.drug.units_per_pack)


@register.filter
def yuan(amount) -> str:
    """{{ amount|yuan }}: ¥11.20, -¥11.20."""
    return f"{'-' if amount < 0 else ''}¥{money(abs(amount))}"


@register.filter
def expiry_tag(expires_on) -> SafeString:
    """How near an expiry date is, in a word; nothing while there is time."""
    today = timezone.localdate()
    step = rung(expires_on, today)
    if step is None:
        return SafeString("")
    days = (expires_on - today).days
    word = _("Expired") if step == 0 else _("%(days)s days left") % {"days": days}
    return format_html('<span class="tag tag-{}">{}</span>', EXPIRY_TAGS[step], word)


@register.filter
def drug_marks(drug) -> SafeString:
    """The marks of control class and outer use, as they stand on the box."""
    return format_html_join(
        " ",
        '<span class="drugmark drugmark-{}">{}</span>',
        catalogue.marks(drug, timezone.localdate()),
    )


@register.inclusion_tag("pharmacy/_sections.html", takes_context=True)
def sections(context):
    """The strip of words above every stock page."""
    request = context["request"]
    here = request.resolver_match.view_name if request.resolver_match else ""
    return {"items": navigation.sections(request.user, here)}


WARNING_TAGS = {
    "out": "harm-line",
    "expired": "harm",
    "low": "info",
    "refill": "info",
    "over": "",
    "slow": "",
}


@register.simple_tag
def warning_tag(row) -> SafeString:
    """The word of a stock warning in its shape; near expiry says how near."""
    if row.kind == row.Kind.NEAR:
        months = ngettext("Within %(n)s month", "Within %(n)s months", row.level) % {"n": row.level}
        return tag(months, EXPIRY_TAGS.get(row.level, "warn"))
    return tag(row.get_kind_display(), WARNING_TAGS[row.kind])


@register.simple_tag(takes_context=True)
def warning_step(context, row) -> SafeString:
    """Where the next step about a stock warning is done, as a link."""
    url, words = steps.next_step(row, context["request"].user.has_perm(P.MANAGE_STOCK))
    return format_html(
        '<a class="row-act" href="{}">{}<span class="visually-hidden"> {}</span></a>',
        url,
        words,
        row.drug.generic_name,
    )
