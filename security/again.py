"""Signing in again, and giving back the form that was on its way when the session was over.

Three ways lead here: the session ended, the session is too old or was left alone, and the form's
token is one of before the last sign-in. What was typed is kept for its person, shown to them where
they typed it, and saved when they press the button there: never by the request that was refused.
"""

import time
import uuid
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic.core.site import setting
from security import kept, long_forms, own_sessions, second_factor, switching
from security.access import Mark, mark_of
from security.models import User
from security.permissions import P

SEEN = "seen"
SEEN_STEP = 60  # seconds; the session is saved at most this often
# Nothing is typed there but passwords, PINs and codes, which lie nowhere; or nothing at all.
NEVER_KEPT = second_factor.FREE | {"password_change", "pin_set", "switch", "new_recovery_codes"}
NEVER_KEPT |= {"end_session", "forget_computer", "resets_seen"}
ADMIN_FORMS = ("_add", "_change")


def screen_of(request) -> str:
    return request.resolver_match.view_name or ""


def here(request) -> str:
    return request.get_full_path() if request.method == "GET" else "/"


def mark_for(request, view) -> Mark | None:
    """The view's own mark; Django admin's views all need the administrator's permission."""
    if request.resolver_match.app_names[:1] == ["admin"]:
        return Mark(any_of=(P.ADMINISTER,))
    return mark_of(view)


def if_over(request, mark: Mark):
    """The answer when nobody is signed in here, or not any more; None for a living session."""
    if not request.user.is_authenticated:
        device = switching.device_of(request)
        return sign_in_again(request, mark, device.last_user if device else None)
    if own_sessions.too_old(request):
        return _signed_out(request, mark, _("You were signed out: ten hours have passed."))
    if _is_idle(request, mark):
        return _signed_out(
            request, mark, _("You were signed out because nothing was done for a while.")
        )
    return None


def _is_idle(request, mark: Mark) -> bool:
    """True when the session was left alone too long; otherwise notes that it is in use."""
    now = int(time.time())
    seen = request.session.get(SEEN, now)
    if now - seen > SEEN_STEP and now - seen > _idle_seconds(request.user):
        return True
    # Also back from the future, where a clock that ran ahead has put it: it would keep the session.
    if not mark.passive and (SEEN not in request.session or abs(now - seen) > SEEN_STEP):
        request.session[SEEN] = now
    return False


def _idle_seconds(user) -> int:
    """How long this person's screen may be left alone; less for who sets rules or reads the log."""
    minutes = setting("security.idle_minutes")
    if user.has_perm(P.ADMINISTER) or user.has_perm(P.READ_AUDIT):
        minutes = min(minutes, setting("security.idle_minutes_admin"))
    return minutes * 60


def _signed_out(request, mark: Mark, why: str):
    """End the session and say why; the form that was sent is kept for its owner.

    A poll or another script is only refused: the session it came from tells whose the form is that
    the person sends later, and who reads the page is to be told why they were signed out.
    """
    if mark.passive or _is_by_script(request):
        return HttpResponse(status=401)  # the sign-in page would send a living session back here
    owner = User.objects.get(pk=request.user.pk)  # signing out makes request.user nobody
    logout(request)
    messages.warning(request, why)
    return sign_in_again(request, mark, owner)


def sign_in_again(request, mark: Mark, owner: User | None):
    """The sign-in page; what a person typed and sent is kept for this person alone."""
    if owner is None or not _can_be_kept(request, mark):
        return redirect_to_login(here(request))
    return redirect_to_login(reverse("kept", args=[kept.keep(request, owner)]))


def after_stale_token(request):
    """The answer to a form of ours whose token is too old, or None: then it is only refused.

    A page of somebody else's must not even plant a form to be shown: the browser says where the
    form stood, and only our own address is believed.
    """
    match = request.resolver_match
    mark = mark_for(request, match.func) if match else None
    if mark is None or mark.public or not _sent_by_our_page(request):
        return None
    over = if_over(request, mark)
    if over:
        return over
    if not mark.allows(request.user) or not _can_be_kept(request, mark):
        return None
    return redirect("kept", kept.keep(request, request.user, stale=True))


def _sent_by_our_page(request) -> bool:
    """By the browser's own word, which no page can put into its mouth."""
    ours = (request.scheme, request.get_host())
    try:
        told = urlsplit(request.headers.get("Origin") or request.headers.get("Referer") or "")
    except ValueError:  # no address at all, as "http://["
        return False
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    return (told.scheme, told.netloc) == ours and site == "same-origin"


def _can_be_kept(request, mark: Mark) -> bool:
    """Only a form that the browser itself sent: a script's request shows nobody a page."""
    shown = request.method == "POST" and not (mark.passive or _is_by_script(request))
    return shown and _can_be_shown(request)


def _is_by_script(request) -> bool:
    return request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate"


def _can_be_shown(request) -> bool:
    """In Django admin only a form of one row (security.admin_site shows it): a list's action would
    be carried out at once. A one-time code lies nowhere."""
    screen = screen_of(request)
    in_admin = request.resolver_match.app_names[:1] == ["admin"]
    return screen.endswith(ADMIN_FORMS) if in_admin else screen not in NEVER_KEPT


def show_again(request):
    """A form that is given back is shown (clinic.core.posting), or refused, but never saved."""
    if not _can_be_shown(request):
        return _given_back_before(request)
    if _take_up_draft(request) or kept.give_back(
        name=request.POST[kept.FIELD], address=request.get_full_path(), by=request.user
    ):
        request.shown_again = True
        return None
    return _given_back_before(request)


def _take_up_draft(request) -> bool:
    """A draft of a long form takes the place of what was sent; it stays until the form is done."""
    try:
        name = uuid.UUID(request.POST[kept.FIELD])
    except ValueError:
        return False
    content = long_forms.look_at(name, by=request.user)
    if content is None or content["address"] != request.get_full_path():
        return False
    request.POST = long_forms.as_posted(content)
    return True


def _given_back_before(request):
    messages.warning(
        request, _("This form was given back before. Nothing was saved; please look at the list.")
    )
    return redirect("home")
