"""Drafts of long forms: kept while typing goes on, thrown away, brought back."""

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from security import long_forms
from security.access import signed_in


@signed_in
@require_POST
def draft_keep(request):
    """Keep what stands in the form of `typed_page` that is sent to `typed_of`.

    Typing is work: unlike a poll it keeps the session alive. Scripts send only what has changed.
    """
    address = request.POST.get("typed_of", "")
    match = long_forms.target_of(address)
    if match is None or not long_forms.may_send(match, request.user):
        words = _("Not kept: this form keeps no drafts. Save it before you leave the page.")
        return JsonResponse({"text": words}, status=409)
    page = request.POST.get(long_forms.PAGE, "")[:500] or address
    draft = long_forms.keep(page=page, address=address, post=request.POST, by=request.user)
    if draft is None:
        words = _("Not kept: it is more than a draft can hold. Save it before you leave the page.")
        return JsonResponse({"text": words}, status=413)
    saved = time_format(timezone.localtime(draft.saved_at), "TIME_FORMAT")
    return JsonResponse({"text": _("Draft saved %(time)s") % {"time": saved}})


@signed_in
@require_POST
def draft_drop(request, pk):
    """Thrown away; the message can take it back."""
    content = long_forms.look_at(pk, by=request.user)
    if content is None or not long_forms.throw_away(draft=pk, by=request.user):
        messages.info(request, _("This draft is gone already."))
        return redirect(_page_of(request))
    undo = f"undo={reverse('draft_bring_back', args=[pk])}?page={_page_of(request)}"
    messages.success(request, _("The draft was thrown away."), extra_tags=undo)
    return redirect(_page_of(request))


@signed_in
@require_POST
def draft_bring_back(request, pk):
    """Undo of throwing away."""
    if not long_forms.bring_back(draft=pk, by=request.user):
        messages.info(request, _("This draft is gone already."))
    return redirect(_page_of(request))


def _page_of(request) -> str:
    """The page it stood on, if that is a page of ours."""
    asked = request.POST.get("page") or request.GET.get("page") or ""
    return asked if long_forms.is_page(asked) else "/"
