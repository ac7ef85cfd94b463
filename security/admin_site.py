from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.utils.translation import gettext_lazy as _

from security.permissions import P


class ClinicAdminSite(AdminSite):
    """For administrators only; sign-in is the same page for everybody."""

    site_header = _("Administration")
    site_title = _("Administration")
    index_title = _("People, settings, dictionaries")
    enable_nav_sidebar = False

    def has_permission(self, request):
        user = request.user
        return user.is_active and user.is_staff and user.has_perm(P.ADMINISTER)

    def login(self, request, extra_context=None):
        return redirect_to_login(request.get_full_path())
