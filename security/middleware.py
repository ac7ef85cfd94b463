"""Refusal by default, idle limit, the acting person, the client's address, response headers."""

import hashlib
import ipaddress
import time

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from clinic.core.middleware import busy_page
from clinic.core.site import setting
from security import audit, kept, own_sessions, second_factor, switching
from security.access import FileClosed, Mark, mark_of
from security.models import User
from security.passwords import is_too_old
from security.permissions import P

SEEN = "seen"
SEEN_STEP = 60  # seconds; the session is saved at most this often
FREE_WHILE_PASSWORD_IS_OLD = {"password_change", "logout", "set_language", "type_large"}
# The second step comes first: a page that is asked for before all others must not send away.
FREE_WHILE_PASSWORD_IS_OLD |= {"second_step", "second_step_setup"}

CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)


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
        return response


class ClientAddressMiddleware:
    """`request.client_address`: told by the trusted front alone, or None when it can't be an IP."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        behind_front = settings.TRUSTED_FRONT == "unix" and not request.META.get("REMOTE_ADDR")
        told = request.META.get("HTTP_X_FORWARDED_FOR" if behind_front else "REMOTE_ADDR", "")
        try:
            request.client_address = str(ipaddress.ip_address(told.strip()))
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
        if not isinstance(exception, PermissionDenied):
            return None
        patient = getattr(exception, "patient", None)
        if isinstance(exception, FileClosed) and request.user.has_perm(P.READ_CHART):
            back = request.get_full_path() if request.method == "GET" else ""
            asking = reverse("break_glass", args=[patient])
            return redirect(f"{asking}?{urlencode({'next': back})}" if back else asking)
        audit.record("refused", outcome="refused", subject=patient, screen=_screen(request))
        return None

    def judge(self, request, view):
        """None when the view may be called, else the answer instead of it."""
        mark = self.mark(request, view)
        if mark is None:
            audit.record("refused", outcome="refused", screen=_screen(request))
            raise PermissionDenied(f"{request.resolver_match.view_name} carries no access mark")
        if mark.public:
            return None
        if not request.user.is_authenticated:
            device = switching.device_of(request)
            return _sign_in_again(request, mark, device.last_user if device else None)
        if own_sessions.too_old(request):
            return _signed_out(request, mark, _("You were signed out: ten hours have passed."))
        if self.idle(request, mark):
            return _signed_out(
                request, mark, _("You were signed out because nothing was done for a while.")
            )
        step = second_factor.owed(request)
        if step and _screen(request) not in second_factor.FREE:
            return redirect(f"{reverse(step)}?{urlencode({'next': _here(request)})}")
        if not mark.allows(request.user):
            audit.record("refused", outcome="refused", screen=_screen(request))
            raise PermissionDenied
        if _screen(request) not in FREE_WHILE_PASSWORD_IS_OLD and _must_change(request.user):
            return redirect("password_change")
        if kept.FIELD in request.POST:
            return _show_again(request)
        return None

    @staticmethod
    def mark(request, view) -> Mark | None:
        """The view's own mark; Django admin's views all need the administrator's permission."""
        if request.resolver_match.app_names[:1] == ["admin"]:
            return Mark(any_of=(P.ADMINISTER,))
        return mark_of(view)

    @staticmethod
    def idle(request, mark: Mark) -> bool:
        """True when the session was left alone too long; otherwise notes that it is in use."""
        now = int(time.time())
        seen = request.session.get(SEEN, now)
        if now - seen > SEEN_STEP and now - seen > _idle_seconds(request.user):
            return True
        if not mark.passive and (SEEN not in request.session or now - seen > SEEN_STEP):
            request.session[SEEN] = now
        return False


def _must_change(user) -> bool:
    return user.must_change_password or is_too_old(user)


def _idle_seconds(user) -> int:
    """How long this person's screen may be left alone; less for who sets rules or reads the log."""
    minutes = setting("security.idle_minutes")
    if user.has_perm(P.ADMINISTER) or user.has_perm(P.READ_AUDIT):
        minutes = min(minutes, setting("security.idle_minutes_admin"))
    return minutes * 60


def _screen(request) -> str:
    return request.resolver_match.view_name or ""


def _here(request) -> str:
    return request.get_full_path() if request.method == "GET" else "/"


def _signed_out(request, mark: Mark, why: str):
    """End the session and say why; the form that was sent is kept for its owner."""
    owner = User.objects.get(pk=request.user.pk)  # signing out makes request.user nobody
    logout(request)
    messages.warning(request, why)
    return _sign_in_again(request, mark, owner)


def _sign_in_again(request, mark: Mark, owner):
    """The sign-in page; what a person typed and sent is kept for this person alone.

    Only a form that the browser itself sent: a script's request shows nobody a page.
    """
    by_script = request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate"
    if request.method != "POST" or owner is None or mark.passive or by_script:
        return _to_login(request)
    if not _can_show_again(request):
        return _to_login(request)
    name = kept.keep(request, owner)
    return redirect_to_login(reverse("kept", args=[name]))


def _can_show_again(request) -> bool:
    """Django admin would save at once what it is to show; a one-time code lies nowhere."""
    admin = request.resolver_match.app_names[:1] == ["admin"]
    return not admin and _screen(request) not in second_factor.FREE


def _show_again(request):
    """A form that is given back is shown (clinic.core.posting), or refused, but never saved."""
    if _can_show_again(request) and kept.give_back(
        name=request.POST[kept.FIELD], address=request.get_full_path(), by=request.user
    ):
        request.shown_again = True
        return None
    messages.warning(
        request, _("This form was given back before. Nothing was saved; please look at the list.")
    )
    return redirect("home")


def _to_login(request):
    return redirect_to_login(_here(request))
