from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from security import triggers


class PharmacyConfig(AppConfig):
    name = "pharmacy"
    verbose_name = _("Pharmacy")

    def ready(self):
        triggers.never_changed("pharmacy_stockmovement", "The stock ledger is never changed.")
