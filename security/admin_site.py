import functools

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from security import audit
from security.permissions import P

NOT_READ = {"jsi18n"}  # words of the calendar, the same for everybody


class ClinicAdminSite(AdminSite):
    """For administrators only; sign-in is the same page for everybody."""

    site_header = _("Administration")
    site_title = _("Administration")
    index_title = _("People, settings, dictionaries")
    enable_nav_sidebar = False

    def register(self, model_or_iterable, admin_class=None, **options):
        """auditlog brings a page of its own; the log is for the auditor, on the auditor's page."""
        models = [model_or_iterable] if hasattr(model_or_iterable, "_meta") else model_or_iterable
        ours = [model for model in models if model._meta.label != "security.AuditEntry"]
        super().register(ours, admin_class, **options)

    def has_permission(self, request):
        user = request.user
        return user.is_active and user.is_staff and user.has_perm(P.ADMINISTER)

    def password_change(self, request, extra_context=None):
        """Our own page: it counts wrong tries, ends the other sessions and leaves an entry."""
        return redirect("password_change")

    def login(self, request, extra_context=None):
        return redirect_to_login(request.get_full_path())

    def admin_view(self, view, cacheable=False):
        """Looking at something here leaves an entry, before any of it is sent."""
        shown = super().admin_view(view, cacheable)

        @functools.wraps(shown)
        def noted(request, *args, **kwargs):
            match = request.resolver_match
            if request.method == "GET" and match.url_name not in NOT_READ:
                of = kwargs.get("object_id")
                audit.record("read", screen=match.view_name[:100], data={"of": of} if of else None)
            return shown(request, *args, **kwargs)

        return noted
