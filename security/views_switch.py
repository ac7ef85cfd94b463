"""Switching user by PIN at a shared PC, one's own PIN, and a form given back after signing in."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from clinic.core.posting import carry_out
from security import kept
from security.access import public, signed_in
from security.pins import LONGEST, SHORTEST, is_void, tidy_pin
from security.signin import OwnPasswordForm
from security.switching import TRIES, device_of, may_use_pin, people_here, set_pin, switch_to


@public
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def switch(request):
    """Names of those who gave their password here today; one's name, one's PIN, Enter."""
    people = people_here(device_of(request))
    sent = request.POST or request.GET
    chosen = next((user for user in people if user.uid == _uid(sent.get("who"))), None)
    place = _safe(request, sent.get("next"))
    wrong = False
    void = chosen is not None and is_void(chosen)  # no try: nobody could type it right
    if request.method == "POST" and not void:
        if switch_to(request, user=chosen, pin=request.POST.get("pin", "")):
            return HttpResponseRedirect(place or "/")
        wrong = True
    context = {
        "people": people,
        "chosen": chosen,
        "wrong": wrong,
        "void": void,
        "next": place,
        "tries": TRIES,
    }
    return render(request, "security/switch.html", context)


def _uid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _safe(request, place: str | None) -> str:
    ours = url_has_allowed_host_and_scheme(
        place or "", allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return place if ours else ""


class PinForm(OwnPasswordForm):
    """The password and twice the new PIN."""

    pin = forms.CharField(
        label=gettext_lazy("New PIN"),
        max_length=LONGEST * 2,
        help_text=gettext_lazy("Six digits or more, no date and nothing like 123456."),
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    pin_again = forms.CharField(
        label=gettext_lazy("New PIN again"),
        max_length=LONGEST * 2,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def clean(self):
        cleaned = super().clean()
        first, second = cleaned.get("pin"), cleaned.get("pin_again")
        if first and second and tidy_pin(first) != tidy_pin(second):
            self.add_error("pin_again", _("The two PINs differ. Please type the PIN again."))
        return cleaned


@signed_in
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def pin_set(request):
    """One's own PIN for the PCs where one gave the password today."""
    form = PinForm(request.POST or None, user=request.user, request=request)
    if request.method == "POST" and form.is_valid():
        response = carry_out(
            request,
            set_pin,
            to=lambda _none: "/",
            form=form,
            done="",
            pin=form.cleaned_data["pin"],
            device=device_of(request),
        )
        if response:
            messages.success(request, _("Your PIN was set. Your next switch here takes the PIN."))
            return response
    context = {"form": form, "may": may_use_pin(request.user), "shortest": SHORTEST}
    return render(request, "security/pin_set.html", context)


@signed_in
@never_cache
@require_GET
def kept_form(request, name):
    """What the person typed before the session ended, ready to be shown where it was typed."""
    content = kept.look_at(name, by=request.user)
    if content is None:
        messages.warning(
            request,
            _(
                "Nothing of yours is kept here: it was typed by somebody else, or it was given "
                "back before."
            ),
        )
        return redirect("home")
    return render(request, "security/kept.html", {"kept": content, "name": name})
