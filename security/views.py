"""Sign-in and out, one's own password and type size."""

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth import views as auth_views
from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from security import audit
from security.access import Mark, public, signed_in
from security.signin import SignInForm


class SignIn(auth_views.LoginView):
    """The sign-in page; somebody already signed in is sent home."""

    clinic_access = Mark(public=True)
    template_name = "security/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True


@signed_in
@require_POST
def sign_out(request):
    logout(request)
    response = redirect("login")
    response["Clear-Site-Data"] = '"cookies"'
    return response


@method_decorator(sensitive_post_parameters(), name="dispatch")
class PasswordChange(auth_views.PasswordChangeView):
    """One's own password; asked for at the first sign-in."""

    clinic_access = Mark()
    template_name = "security/password_change.html"
    success_url = reverse_lazy("home")

    def form_valid(self, form):
        form.user.must_change_password = False
        response = super().form_valid(form)
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


language = public(require_POST(set_language))
