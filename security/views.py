"""Sign-in and out, one's own password and type size."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, logout
from django.contrib.auth import views as auth_views
from django.contrib.auth.forms import PasswordChangeForm
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from security import audit, first_password, kept, own_sessions
from security.access import Mark, public, signed_in
from security.language import CODES
from security.passwords import is_too_old, remember
from security.pins import is_void
from security.signin import SignInForm
from security.switching import device_of, note_full_sign_in, people_here


class SignIn(auth_views.LoginView):
    """The sign-in page; somebody already signed in is sent home."""

    clinic_access = Mark(public=True)
    template_name = "security/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_initial(self):
        owner = kept.owner_of(self.get_redirect_url())
        return super().get_initial() | ({"username": owner.username} if owner else {})

    def get_context_data(self, **kwargs):
        owner = kept.owner_of(self.get_redirect_url())
        here = people_here(device_of(self.request))
        return super().get_context_data(kept_for=owner, by_pin=here, **kwargs)

    def form_valid(self, form):
        response = super().form_valid(form)
        note_full_sign_in(self.request, response)
        if is_void(form.get_user()):
            text = _(
                "Your PIN can't be used any more. Please set a new one: press your name at the top."
            )
            messages.warning(self.request, text)
        return response


@signed_in
@require_POST
def sign_out(request):
    """The session ends; the cookie that names the PC stays, or the PIN would be of no use."""
    logout(request)
    response = redirect("login")
    response["Clear-Site-Data"] = '"storage"'
    return response


class PasswordForm(PasswordChangeForm):
    """Wrong old passwords count like those of the sign-in: an open screen is no place to guess."""

    request = None  # the view tells

    def clean_old_password(self):
        old = self.cleaned_data["old_password"]
        if authenticate(self.request, username=self.user.username, password=old) is None:
            raise ValidationError(
                self.error_messages["password_incorrect"], code="password_incorrect"
            )
        return old


@method_decorator(sensitive_post_parameters(), name="dispatch")
class PasswordChange(auth_views.PasswordChangeView):
    """One's own password; asked for at the first sign-in."""

    clinic_access = Mark()
    template_name = "security/password_change.html"
    form_class = PasswordForm
    success_url = reverse_lazy("home")

    def get_form(self, form_class=None):
        form = super().get_form(form_class)
        form.request = self.request
        return form

    def get_context_data(self, **kwargs):
        return super().get_context_data(too_old=is_too_old(self.request.user), **kwargs)

    def form_valid(self, form):
        if not form.user.must_change_password:  # a one-time password is nobody's former one
            remember(form.user)
        form.user.must_change_password = False
        old = self.request.session.session_key
        response = super().form_valid(form)
        new = self.request.session.session_key
        own_sessions.note_key_change(old, new)
        own_sessions.end_sessions(user=form.user, keep=new)
        first_password.forget(form.user)
        audit.record("password", target=self.request.user)
        messages.success(self.request, _("Your password was changed."))
        return response


@public
@require_POST
def type_large(request):
    """Switch large type on or off, for the person or, before sign-in, for this browser."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    response = HttpResponseRedirect(back)
    if request.user.is_authenticated:
        request.user.type_large = not request.user.type_large
        request.user.save(update_fields=["type_large"])
    elif request.COOKIES.get("type-large") == "1":
        response.delete_cookie("type-large")
    else:
        response.set_cookie("type-large", "1", max_age=365 * 86400, secure=True, samesite="Strict")
    return response


@public
@require_POST
def language(request):
    """The language of one's own screens; before sign-in, of this browser's."""
    response = set_language(request)
    chosen = request.POST.get("language", "")
    if request.user.is_authenticated and chosen in CODES:
        request.user.language = chosen
        request.user.save(update_fields=["language"])
        # A PC is many people's: the next one's screens don't follow this one's choice.
        response.cookies.pop(settings.LANGUAGE_COOKIE_NAME, None)
    return response
