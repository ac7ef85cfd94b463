"""Refusal by default, idle limit, the acting person, the client's address, response headers."""

import contextlib
import hashlib
import ipaddress

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from clinic.core.middleware import busy_page
from security import again, audit, kept, second_factor
from security.access import FileClosed, FileMoved
from security.again import screen_of
from security.passwords import is_too_old
from security.permissions import P

FREE_WHILE_PASSWORD_IS_OLD = {"password_change", "logout", "set_language", "type_large"}
# The second step comes first: a page that is asked for before all others must not send away.
FREE_WHILE_PASSWORD_IS_OLD |= {"second_step", "second_step_setup"}

CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)


# A front takes 16 KB of headers and answers 502 to more: a `next` that somebody made long.
LONGEST_PLACE = 4000


class HeadersMiddleware:
    """Strict policy on every answer; pages of signed-in people are never kept by a cache."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", CSP)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), microphone=(), geolocation=()"
        )
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", settings.SECURE_REFERRER_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Cache-Control", "no-store")
        if len(response.headers.get("Location", "")) > LONGEST_PLACE:
            page = response.headers["Location"].partition("?")[0]
            response.headers["Location"] = page if len(page) <= LONGEST_PLACE else "/"
        if settings.TRUSTED_FRONT == "unix":
            _read_to_the_end(request)
        return response


def _read_to_the_end(request) -> None:
    """What a refused form left unread would lie before the next one on the front's connection,
    and that one is answered with 502. The front has all of it already: nobody is waited for."""
    stream = getattr(request, "_stream", None)
    with contextlib.suppress(OSError, ValueError):
        while stream is not None and stream.read(65536):
            pass


class ClientAddressMiddleware:
    """`request.client_address`: told by the trusted front alone, or None when it can't be an IP."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        behind_front = settings.TRUSTED_FRONT == "unix" and not request.META.get("REMOTE_ADDR")
        told = request.META.get("HTTP_X_FORWARDED_FOR" if behind_front else "REMOTE_ADDR", "")
        try:
            address = ipaddress.ip_address(told.strip())
            # ::ffff:1.2.3.4 of a socket for both: limits by network must not meet all of IPv4.
            request.client_address = str(getattr(address, "ipv4_mapped", None) or address)
        except ValueError:
            request.client_address = None
        return self.get_response(request)


class AuditMiddleware:
    """Entries written during the request name its user, address and screen."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        key = request.session.session_key or ""
        context = audit.Acting(
            get_user=lambda: request.user,
            address=request.client_address,
            session_mark=hashlib.sha256(key.encode()).hexdigest()[:16] if key else "",
            screen="",
        )
        with audit.acting(context):
            return self.get_response(request)


def _to_kept_file(request, moved: FileMoved):
    """The same page of the file that is kept, and the words why."""
    words = (
        _("File %(number)s was merged into this one.")
        if request.method == "GET"
        else _(
            "Nothing was saved: file %(number)s was merged into this one meanwhile. Please enter "
            "it here again."
        )
    )
    messages.warning(request, words % {"number": moved.number})
    match = request.resolver_match
    asked = {name: moved.kept if v == moved.old else v for name, v in match.kwargs.items()}
    page = reverse(moved.page or match.view_name, kwargs=asked)
    query = request.META.get("QUERY_STRING", "")
    return redirect(f"{page}?{query}" if query else page)


class AccessMiddleware:
    """Every URL is denied until its view carries a mark that allows the person."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        try:
            return self.judge(request, view)
        except OperationalError as error:  # Django asks no process_exception about this place
            page = busy_page(request, error)
            if page is None:
                raise
            return page

    def process_exception(self, request, exception):
        """A refusal inside a view or verb is noted here, after its transaction was taken back.

        A closed file asks for the reason first, on a page of its own, and then comes back.
        """
        if isinstance(exception, FileMoved):
            return _to_kept_file(request, exception)
        if not isinstance(exception, PermissionDenied):
            return None
        patient = getattr(exception, "patient", None)
        if isinstance(exception, FileClosed) and request.user.has_perm(P.READ_CHART):
            back = request.get_full_path() if request.method == "GET" else ""
            asking = reverse("break_glass", args=[patient])
            return redirect(f"{asking}?{urlencode({'next': back})}" if back else asking)
        audit.record("refused", outcome="refused", subject=patient, screen=screen_of(request))
        return None

    def judge(self, request, view):
        """None when the view may be called, else the answer instead of it."""
        mark = again.mark_for(request, view)
        if mark is None:
            audit.record("refused", outcome="refused", screen=screen_of(request))
            raise PermissionDenied(f"{request.resolver_match.view_name} carries no access mark")
        if mark.public:
            return None
        over = again.if_over(request, mark)
        if over is not None:
            return over
        step = second_factor.owed(request)
        if step and screen_of(request) not in second_factor.FREE:
            return redirect(f"{reverse(step)}?{urlencode({'next': again.here(request)})}")
        if not mark.allows(request.user):
            audit.record("refused", outcome="refused", screen=screen_of(request))
            raise PermissionDenied
        if screen_of(request) not in FREE_WHILE_PASSWORD_IS_OLD and _must_change(request.user):
            return redirect("password_change")
        if kept.FIELD in request.POST:
            return again.show_again(request)
        return None


def _must_change(user) -> bool:
    return user.must_change_password or is_too_old(user)
