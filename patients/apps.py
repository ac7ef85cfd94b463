from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PatientsConfig(AppConfig):
    name = "patients"
    verbose_name = _("Patients")

    def ready(self):
        from clinic.core.tables import kinds
        from patients import numbers
        from patients.exchange.importing import PatientTable
        from security import subjects

        kinds.register(PatientTable())
        subjects.register(id_of=numbers.id_of, numbers_of=numbers.numbers_of)
