"""`{% keeps_typed %}` inside a long form, and what its page offers of an earlier day."""

import time

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from security import long_forms

register = template.Library()


@register.simple_tag(takes_context=True)
def keeps_typed(context) -> SafeString:
    """What is typed into this form is kept on the server (security.long_forms, js/keep.js)."""
    request = context.get("request")
    if request is None:
        return SafeString("")
    opened = request.POST.get(long_forms.SINCE, "") if request.method == "POST" else ""
    since = opened if opened.isascii() and opened.isdigit() else str(int(time.time() * 1000))
    return format_html(
        '<input type="hidden" name="{}" value="{}" data-draft-url="{}" data-draft-lost="{}">'
        '<input type="hidden" name="typed_page" value="{}">',
        long_forms.SINCE,
        since,
        reverse("draft_keep"),
        _(
            "The server can't be reached. What you typed is still on this page and is kept as "
            "soon as it is back."
        ),
        _page_of(request),
    )


def _page_of(request) -> str:
    """Where the form stands; after an error it is shown at the address that it was sent to."""
    told = request.POST.get(long_forms.PAGE, "") if request.method == "POST" else ""
    return told if long_forms.is_page(told) else request.path


@register.simple_tag(takes_context=True)
def typed_offers(context) -> list[long_forms.Offer]:
    """The person's drafts of this page; none on an answer to a form, where the text stands."""
    request = context.get("request")
    user = getattr(request, "user", None)
    match = getattr(request, "resolver_match", None)
    if user is None or match is None or request.method != "GET" or not user.is_authenticated:
        return []
    if not long_forms.is_long(match.func):
        return []
    return long_forms.offers(request.path, by=user)
