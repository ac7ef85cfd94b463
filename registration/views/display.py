"""The waiting-room screen: public, without any session, asked every few seconds."""

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import condition, require_GET

from registration import screen
from registration.etag import etag_of
from security.access import public

SECONDS = 5


def _version(request, *args, **kwargs) -> str:
    return etag_of(screen.version())


@public
@require_GET
def display(request):
    """The whole page. Drawn without the request: it knows no user and opens no session."""
    context = {**screen.picture(), "seconds": SECONDS}
    return HttpResponse(render_to_string("registration/display.html", context))


@public
@require_GET
@condition(etag_func=_version)
def display_fragment(request):
    """What changes of it; 304 before anything else is read."""
    return HttpResponse(render_to_string("registration/_display_rows.html", screen.picture()))
