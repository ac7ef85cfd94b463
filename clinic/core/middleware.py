"""Answers that would otherwise be no page: a locked database, an address that only takes forms."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError, connection
from django.http import QueryDict
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.datastructures import MultiValueDict

from clinic.core.errors import Busy, Unanswered
from clinic.core.once import token_of
from clinic.core.site import settings_remembered
from clinic.core.text import row_number
from clinic.core.transactions import is_busy, is_gone


class HeadMiddleware:
    """Answers HEAD as GET without the body: load balancers and link checkers ask so.

    Views know GET and POST only, and what they do on anything else than GET would be wrong here.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method != "HEAD":
            return self.get_response(request)
        request.method = "GET"
        response = self.get_response(request)
        request.method = "HEAD"
        if response.streaming:
            response.streaming_content = ()
        else:
            response.content = b""
        return response


class SettingsMiddleware:
    """The clinic's settings are asked for once in a request, and stay what they were."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with settings_remembered():
            return self.get_response(request)


class BusyMiddleware:
    """Answers Busy with 503 and the sentence that nothing was saved; Unanswered with what to do.

    A page whose database went away while it was read is read once more.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        match = request.resolver_match
        if request.method == "GET" and is_gone(exception) and match:
            connection.close()  # the next one may be to a server that lives; reading twice is safe
            return match.func(request, *match.args, **match.kwargs)
        if is_gone(exception):
            connection.close()  # a verb was committed before, perhaps: nobody may say it wasn't
            exception = Unanswered()
        return busy_page(request, exception)


def busy_page(request, exception: Exception):
    """The page for an exception that means "busy", or that nobody knows; else None."""
    if isinstance(exception, Unanswered):
        return render(request, "unanswered.html", {"is_once": token_of(request)}, status=503)
    busy = isinstance(exception, Busy) or (
        isinstance(exception, OperationalError) and is_busy(exception)
    )
    if not busy:
        return None
    response = render(request, "503.html", status=503)
    response["Retry-After"] = "5"
    return response


class TooLargeMiddleware:
    """A body over the limit is answered before it is read; nginx answers so before us.

    Django would drop such a file and say that none was chosen.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        told = request.META.get("CONTENT_LENGTH") or "0"
        length = row_number(told)
        is_odd = not length and told != "0"
        if is_odd or length > settings.FILE_UPLOAD_MAX_MEMORY_SIZE:
            request.POST, request._files = QueryDict(), MultiValueDict()
            raise SuspiciousOperation("a length that is none") if is_odd else RequestDataTooBig
        return self.get_response(request)


class ToldMiddleware:
    """A refusal stands on its form (posting.carry_out); where a view led elsewhere instead of
    showing the form, it is told there: nobody takes for done what was refused."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if hasattr(request, "refusal") and 300 <= response.status_code < 400:
            messages.error(request, request.refusal)
        return response


class WrongMethodMiddleware:
    """Django answers an opened form's address with an empty 405, and browsers with their own page.

    People get there by reloading, by "large type" or by signing in again on a page that came back
    with an error.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.status_code != 405 or response.content or request.method != "GET":
            return response
        page = render(request, "405.html", {"parent": _parent(request.path)}, status=405)
        page["Allow"] = response["Allow"]
        return page


def _parent(path: str) -> str:
    """The address above this one where there is a page, as /documents/7/ of /documents/7/post/."""
    above = path.rstrip("/").rpartition("/")[0] + "/"
    try:
        resolve(above)
    except Resolver404:
        return ""
    return above
