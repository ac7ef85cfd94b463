import functools

from django.contrib import messages
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from clinic.core.posting import given_back_words
from security import audit
from security.permissions import P

NOT_READ = {"jsi18n"}  # words of the calendar, the same for everybody


class Lookup(AutocompleteSelect):
    """Shown again with a value that is no key of anything: Django asks the database for it."""

    def optgroups(self, name, value, attr=None):
        return super().optgroups(name, [key for key in value if self._is_key(key)], attr)

    def _is_key(self, key) -> bool:
        try:
            self.field.target_field.clean(key, None)
        except ValidationError:
            return False
        return True


class ShowsAgain:
    """A form that is given back after signing in again is shown, whatever stands in it."""

    def changeform_view(self, request, *args, **kwargs):
        if getattr(request, "shown_again", False):
            messages.warning(request, given_back_words())
        return super().changeform_view(request, *args, **kwargs)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request) and "widget" not in kwargs:
            kwargs["widget"] = Lookup(db_field, self.admin_site, using=kwargs.get("using"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_changelist_instance(self, request):
        """A number in the address that no column holds is a wrong filter like any other."""
        try:
            return super().get_changelist_instance(request)
        except OverflowError as error:
            raise IncorrectLookupParameters(error) from error

    def get_object(self, request, object_id, from_field=None):
        """Django takes an empty `_to_field` for the name of a field."""
        return super().get_object(request, object_id, from_field or None)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        if not getattr(request, "shown_again", False):
            return form
        # Not valid, whatever was typed: so nothing is saved until its person presses the button.
        return type(form.__name__, (form,), {"is_valid": lambda self: False})


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
        base = admin_class or ModelAdmin
        super().register(ours, type(base.__name__, (ShowsAgain, base), {}), **options)

    def get_urls(self):
        """Without the way to "the object's own page": nothing here has one, and Django answers
        what is no key with a 500 there."""
        return [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]

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
