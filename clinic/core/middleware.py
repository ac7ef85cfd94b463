"""A database that stays locked becomes a page that says so, never a 500."""

from django.db import OperationalError
from django.shortcuts import render

from clinic.core.errors import Busy
from clinic.core.transactions import is_busy


class BusyMiddleware:
    """Answers Busy with 503 and the sentence that nothing was saved."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        return busy_page(request, exception)


def busy_page(request, exception: Exception):
    """The page for an exception that means "busy", else None."""
    busy = isinstance(exception, Busy) or (
        isinstance(exception, OperationalError) and is_busy(exception)
    )
    if not busy:
        return None
    response = render(request, "503.html", status=503)
    response["Retry-After"] = "5"
    return response
