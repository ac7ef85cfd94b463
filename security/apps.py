from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class SecurityConfig(AppConfig):
    """Who you are, what you may do, what was done, what is secret."""

    name = "security"
    verbose_name = _("Security")

    def ready(self):
        from functools import partial

        from clinic.core import drafts, scheduler, sealing
        from security import (  # noqa: F401
            audit,
            checks,
            crypto,
            kept,
            key_state,
            keyring,
            places,
            rotation,
            signals,
        )
        from security.backup import manifest, schedule
        from security.places.files import StoredFiles
        from security.places.sessions import Sessions

        sealing.register(seal=crypto.seal_blob, open_=crypto.open_blob)
        places.register(
            places.BlobColumn("core.Draft", "content", context=drafts.CONTEXT, row="id")
        )
        places.register(StoredFiles())
        places.register(Sessions())
        scheduler.register("security.rotation", every=30, run=rotation.work_a_slice)
        audit.track_all()
        for purpose in keyring.PURPOSES:
            key_state.register_user(purpose, partial(manifest.backups_needing, purpose))
        scheduler.register("security.backup", every=60, run=schedule.run_due)
        scheduler.register("security.kept", every=3600, run=kept.forget_old)
        post_migrate.connect(signals.sync_roles_at_the_end, dispatch_uid="sync_roles")


class ClinicAdminConfig(AdminConfig):
    """Django admin with our access rule and our sign-in page."""

    default_site = "security.admin_site.ClinicAdminSite"
