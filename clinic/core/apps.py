from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    """The ground: what every app needs and what needs no app of ours."""

    name = "clinic.core"
    label = "core"
    verbose_name = _("Institution and settings")

    def ready(self):
        from clinic.core import jobs, scheduler, site, threads
        from clinic.core.tables import engine, imports

        threads.keep_by_thread()
        jobs.connect()
        engine.connect()
        for changed in (post_save, post_delete):
            changed.connect(site.forget_settings, sender="core.Setting")
        scheduler.register("core.tables", every=3600, run=imports.tidy)
