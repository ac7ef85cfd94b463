from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class SecurityConfig(AppConfig):
    """Who you are, what you may do, what was done, what is secret."""

    name = "security"
    verbose_name = _("Security")

    def ready(self):
        from security import signals, triggers, wiring

        wiring.connect()
        triggers.guard_ledgers(self.apps.get_models())  # those of every app are there by now
        post_migrate.connect(signals.sync_roles_at_the_end, dispatch_uid="sync_roles")
        pre_migrate.connect(
            triggers.drop_before_migrate, sender=self, dispatch_uid="triggers_before"
        )
        post_migrate.connect(triggers.make_after_migrate, sender=self, dispatch_uid="triggers")


class ClinicAdminConfig(AdminConfig):
    """Django admin with our access rule and our sign-in page."""

    default_site = "security.admin_site.ClinicAdminSite"
