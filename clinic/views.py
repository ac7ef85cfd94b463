"""Home by role, health check, and the error pages."""

import logging
import secrets
import sys

from django.db import OperationalError, connection
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from clinic import errors
from clinic.core.middleware import busy_page
from clinic.core.transactions import cannot_write
from clinic.guide import steps as guide
from clinic.navigation import home_of
from security import again
from security.access import public, signed_in

log = logging.getLogger("clinic.errors")


@signed_in
@require_GET
def home(request):
    """Everybody's day begins on the page of their work."""
    place = home_of(request.user)
    if place == "security_home" and guide.is_wanted():
        return redirect("guide")  # a new clinic: its administrator is led, until put off
    return redirect(place) if place else render(request, "clinic/no_role.html")


@public
@require_GET
def healthz(request):
    """ "ok" when the application and its database answer; tells nothing else."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


def bad_request(request, exception=None):
    if isinstance(exception, errors.TOO_MUCH):
        return too_large(request)
    return render(request, "400.html", {"back": errors.came_from(request)}, status=400)


def too_large(request):
    """More than a form or a file may hold; which limit it was is for the person to see."""
    context = {"limits": errors.limits(), "back": errors.came_from(request)}
    return render(request, "413.html", context, status=413)


def forbidden(request, exception=None):
    """Which roles the page is for, and who gives out roles."""
    context = {"roles": errors.who_may(request), "back": errors.came_from(request)}
    context["asked"] = errors.whom_to_ask()
    return render(request, "403.html", context, status=403)


def not_found(request, exception=None):
    return render(request, "404.html", {"back": errors.came_from(request)}, status=404)


def csrf_failure(request, reason=""):
    """The form's token is old: its page was open while somebody signed in in another window.

    Nothing is done; what was typed is offered again when it came from a page of ours.
    """
    try:
        answer = again.after_stale_token(request)
    except OperationalError as error:  # too busy to keep it: the browser still shows what was typed
        answer = busy_page(request, error)
    return answer or render(request, "403.html", {"stale_form": True}, status=403)


def server_error(request):
    """A fault of ours: a reference number for the log, and nothing about a patient.

    A full disk is nobody's mistake in a page: it gets its own words, and what was typed is kept.
    """
    if cannot_write(sys.exc_info()[1]):
        return no_room(request)
    reference = secrets.token_hex(4).upper()
    log.error("reference %s at %s", reference, request.path)
    context = {"reference": reference, "again": errors.page_again(request)}
    return HttpResponse(render_to_string("500.html", context), status=500)


def no_room(request):
    """The database can't write or isn't there; drawn without it."""
    log.error("the database can't be written: disk full, read-only, or the server is gone")
    post = {} if request.method != "POST" else dict(request.POST.lists())
    context = {"posted": post, "address": request.get_full_path(), "method": request.method}
    context["csrf_token"] = get_token(request)
    return HttpResponse(render_to_string("no_room.html", context), status=503)
