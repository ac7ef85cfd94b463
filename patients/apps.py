from django.apps import AppConfig
from django.db.models.signals import post_save
from django.utils.translation import gettext_lazy as _


class PatientsConfig(AppConfig):
    name = "patients"
    verbose_name = _("Patients")

    def ready(self):
        from patients import names, numbers
        from security import subjects

        subjects.register(id_of=numbers.id_of, numbers_of=numbers.numbers_of)
        patient = self.get_model("Patient")
        post_save.connect(names.after_save, sender=patient, dispatch_uid="patient_names")
