from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PatientsConfig(AppConfig):
    name = "patients"
    verbose_name = _("Patients")

    def ready(self):
        from patients import numbers
        from patients.followup import lists
        from security import access, subjects

        access.register_relation(lists.is_followed)
        subjects.register(id_of=numbers.id_of, numbers_of=numbers.numbers_of)
