from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PatientsConfig(AppConfig):
    name = "patients"
    verbose_name = _("Patients")

    def ready(self):
        from clinic.core import jobs, scheduler
        from patients import numbers, records
        from patients.exchange import datasets, exporting, person, working
        from security import subjects
        from security.permissions import P

        subjects.register(id_of=numbers.id_of, numbers_of=numbers.numbers_of)
        person.register_all()
        datasets.register_all()
        jobs.register(exporting.KIND, working.work)
        scheduler.register("patients.exports", every=3600, run=exporting.throw_away_old)
        records.register_chart_link(
            "copy", _("Copy of the medical record"), P.EXPORT_FILE, "patient_copy", order=70
        )
        records.register_chart_link(
            "export", _("File as Excel"), P.EXPORT_FILE, "patient_export", order=75
        )
