from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PharmacyConfig(AppConfig):
    name = "pharmacy"
    verbose_name = _("Pharmacy")

    def ready(self):
        from clinic.core.tables import kinds
        from pharmacy.importing.drugs import DrugTable

        kinds.register(DrugTable())
