"""The second step of the sign-in, setting it up, and one's own sessions."""

import segno
from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.core.errors import RuleBroken
from clinic.core.posting import carry_out
from clinic.core.site import institution
from security import devices, own_sessions, resets, second_factor
from security.access import signed_in
from security.signin import OwnPasswordForm
from security.switching import device_of, may_use_pin


class CodeForm(forms.Form):
    """Six digits, or a code from the paper; the verbs judge what was typed."""

    code = forms.CharField(
        label=gettext_lazy("One-time code"),
        max_length=40,
        strip=True,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "spellcheck": "false", "autofocus": True}
        ),
    )


class NewCodesForm(OwnPasswordForm):
    """Password and a code of the app, as for a whole sign-in."""

    code = forms.CharField(label=gettext_lazy("One-time code"), max_length=40)


@signed_in
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def second_step(request):
    """A code from the app or from the paper, before anything else opens."""
    if second_factor.owed(request) != "second_step":
        return redirect(second_factor.owed(request) or "home")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _passes(request, form):
        return redirect(_place(request))
    return render(request, "security/second_step.html", {"form": form, "now": timezone.now()})


def _place(request) -> str:
    """Where the person was going before the code was asked for, if that is a page of ours."""
    place = request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        place, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return place if ours else "/"


def _passes(request, form) -> bool:
    code, by = form.cleaned_data["code"], request.user
    try:
        if "recovery" in request.POST:
            left = second_factor.use_recovery_code(code=code, by=by)
            messages.warning(request, _("Recovery codes left: %(count)s") % {"count": left})
        else:
            second_factor.check_code(code=code, by=by)
    except RuleBroken as error:
        form.add_error(error.field, error.message)
        return False
    _new_key(request)
    return True


def _new_key(request) -> None:
    """More is allowed from here on, so the cookie of before is worth nothing."""
    old = request.session.session_key
    request.session.cycle_key()
    own_sessions.note_key_change(old, request.session.session_key)
    second_factor.pass_session(request, request.user)


@signed_in
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def set_up(request):
    """Key and QR code for the app; the first code proves it; then the recovery codes, once.

    By choice, long after the sign-in, the password is asked again: whoever finds a screen open
    must not lock its owner out with a phone of their own.
    """
    if second_factor.is_enrolled(request.user):
        return redirect(second_factor.owed(request) or "home")
    by_choice = second_factor.owed(request) is None
    form = (
        NewCodesForm(request.POST or None, user=request.user, request=request)
        if by_choice
        else CodeForm(request.POST or None)
    )
    if request.method == "POST" and form.is_valid():
        try:
            codes = second_factor.confirm(code=form.cleaned_data["code"], by=request.user)
        except RuleBroken as error:
            form.add_error("code", error.message)
        else:
            _new_key(request)
            return render(request, "security/recovery_codes.html", {"codes": codes})
    seed = second_factor.begin(by=request.user).seed
    told = second_factor.address_for_app(request.user, seed, institution().name)
    picture = segno.make(told, micro=False).svg_inline(scale=4, border=4, light="#fff")
    context = {
        "form": form,
        "by_choice": by_choice,
        "now": timezone.now(),
        # Made by segno of text that we quoted: paths only.
        "qr": mark_safe(picture),  # noqa: S308  # nosec B308 B703
        "key": " ".join(seed[at : at + 4] for at in range(0, len(seed), 4)),
    }
    return render(request, "security/second_step_setup.html", context)


@signed_in
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def new_recovery_codes(request):
    """Ten new codes on paper for the ten old ones."""
    if not second_factor.is_enrolled(request.user):
        return redirect("my_sessions")
    form = NewCodesForm(request.POST or None, user=request.user, request=request)
    if request.method == "POST" and form.is_valid():
        try:
            code = form.cleaned_data["code"]
            codes = second_factor.renew_recovery_codes(code=code, by=request.user)
        except RuleBroken as error:
            form.add_error("code", error.message)
        else:
            return render(request, "security/recovery_codes.html", {"codes": codes})
    return render(request, "security/recovery_codes_new.html", {"form": form})


@signed_in
@require_GET
def my_sessions(request):
    """Where this person is signed in just now."""
    rows = own_sessions.list_open(request.user, request.session.session_key)
    enrolled = second_factor.is_enrolled(request.user)
    context = {
        "sessions": rows,
        "computers": devices.known_to(request.user, device_of(request)),
        "may_pin": may_use_pin(request.user),
        "enrolled": enrolled,
        "may_codes": not request.user.is_demo and not enrolled,
    }
    return render(request, "security/my_sessions.html", context)


@signed_in
@require_POST
def end_session(request):
    """End one of one's own sessions, or all the others."""
    wanted = request.POST.get("session", "")
    only = _number(wanted)
    if only is not None or wanted == "others":
        keep = request.session.session_key
        ended = own_sessions.end_sessions(user=request.user, only=only, keep=keep)
        messages.success(request, _("Sessions ended: %(count)s") % {"count": ended})
    return redirect("my_sessions")


def _number(text: str) -> int | None:
    """The number of a row, when it is one that a database can hold."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


@signed_in
@require_POST
def forget_computer(request):
    """One's own PIN is worth nothing at a computer, or anywhere, until the password is given."""
    wanted = request.POST.get("computer", "")
    only = _number(wanted)
    if only is not None or wanted == "all":
        gone = devices.forget_for(user=request.user, only=only, by=request.user)
        messages.success(request, _("Computers forgotten: %(count)s") % {"count": gone})
    return redirect("my_sessions")


@signed_in
@require_POST
def resets_seen(request):
    """What somebody else did to one's own sign-in was read."""
    answer = carry_out(request, resets.note_seen, to=lambda _none: reverse("home"))
    return answer or redirect("home")
