"""Sign-in and out, one's own password and type size, and the auditor's screen."""

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth import views as auth_views
from django.core.paginator import Paginator
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST
from django.views.i18n import set_language

from security import audit, kept, own_sessions
from security.access import Mark, needs, public, signed_in
from security.audit_search import AuditFilterForm, in_words, search
from security.passwords import is_too_old, remember
from security.permissions import P
from security.signin import SignInForm
from security.switching import device_of, note_full_sign_in, people_here

PAGE = 50


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
        return response


@signed_in
@require_POST
def sign_out(request):
    """The session ends; the cookie that names the PC stays, or the PIN would be of no use."""
    logout(request)
    response = redirect("login")
    response["Clear-Site-Data"] = '"storage"'
    return response


@method_decorator(sensitive_post_parameters(), name="dispatch")
class PasswordChange(auth_views.PasswordChangeView):
    """One's own password; asked for at the first sign-in."""

    clinic_access = Mark()
    template_name = "security/password_change.html"
    success_url = reverse_lazy("home")

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


@needs(P.READ_AUDIT)
@require_GET
def audit_list(request):
    """Who did what, when, from where; newest first."""
    form = AuditFilterForm(request.GET or None)
    page = Paginator(search(form), PAGE).get_page(request.GET.get("page"))
    page.object_list = [in_words(entry) for entry in page.object_list]
    audit.record("audit_read", screen="audit_list")
    return render(request, "security/audit_list.html", {"form": form, "page": page})
