"""Keeps what was sent in a long form and not carried out; forgets it once it was."""

from contextlib import suppress

from django.db import Error

from clinic.core.errors import Busy, Unanswered
from security import long_forms


class KeepTypedMiddleware:
    """A press that led to an error, a lookup or another page leaves a draft behind.

    So nobody needs a script, and a page that came back wrong survives a reload, a sign-out and a
    server that goes away in between.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.method == "POST" and _is_kept_form(request):
            with suppress(Error, Busy, Unanswered):  # the answer that is there is worth more
                _note(request)
        return response


def _is_kept_form(request) -> bool:
    """A long form of somebody signed in, sent by a page of ours and not given back by us.

    What came without our token is refused before; it must not leave a draft of somebody else's.
    """
    match = request.resolver_match
    if not getattr(request, "csrf_processing_done", False) or hasattr(request, "shown_again"):
        return False
    if match is None or not long_forms.is_long(match.func) or not request.user.is_authenticated:
        return False
    return long_forms.may_send(match, request.user)


def _note(request) -> None:
    address = request.get_full_path()
    if getattr(request, "carried_out", False):
        long_forms.carried_out(address=address, post=request.POST, by=request.user)
    elif long_forms.SINCE in request.POST:
        page = request.POST.get(long_forms.PAGE) or address
        long_forms.keep(page=page, address=address, post=request.POST, by=request.user)
