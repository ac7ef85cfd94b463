from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PharmacyConfig(AppConfig):
    name = "pharmacy"
    verbose_name = _("Pharmacy")

    def ready(self):
        from clinic.core import scheduler
        from pharmacy.takes import work

        scheduler.register("pharmacy.takes", every=60, run=work.go_on)
