"""Home by role, health check, and the error pages."""

import logging
import secrets

from django.db import connection
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from clinic.navigation import home_of
from security.access import public, signed_in

log = logging.getLogger("clinic.errors")


@signed_in
@require_GET
def home(request):
    """Everybody's day begins on the page of their work."""
    place = home_of(request.user)
    return redirect(place) if place else render(request, "clinic/no_role.html")


@public
@require_GET
def healthz(request):
    """ "ok" when the application and its database answer; tells nothing else."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


def bad_request(request, exception=None):
    return render(request, "400.html", status=400)


def forbidden(request, exception=None):
    return render(request, "403.html", status=403)


def not_found(request, exception=None):
    return render(request, "404.html", status=404)


def csrf_failure(request, reason=""):
    """The form's token is old: the page was open for long, or in another window."""
    return render(request, "403.html", {"stale_form": True}, status=403)


def server_error(request):
    """A fault of ours: a reference number for the log, and nothing about a patient."""
    reference = secrets.token_hex(4).upper()
    log.error("reference %s at %s", reference, request.path)
    return HttpResponse(render_to_string("500.html", {"reference": reference}), status=500)
