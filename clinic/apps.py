from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClinicConfig(AppConfig):
    """Composes all apps: home pages, navigation, demo data. Imported by none of them."""

    name = "clinic"
    verbose_name = _("Clinic")

    def ready(self):
        from clinic.guide import line
        from security import home_notes

        home_notes.register_line(line.still_open)
