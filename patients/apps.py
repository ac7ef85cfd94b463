from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PatientsConfig(AppConfig):
    name = "patients"
    verbose_name = _("Patients")

    def ready(self):
        from clinic.core.tables import kinds
        from patients import chart_basics, numbers, records, sections
        from patients.exchange.importing import PatientTable
        from security import subjects
        from security.permissions import P

        kinds.register(PatientTable())
        subjects.register(id_of=numbers.id_of, numbers_of=numbers.numbers_of)
        sections.register()
        chart_basics.register()
        # The pages of a file to which the chart leads, in the order of its bar.
        link = records.register_chart_link
        link("allergies", _("Allergies"), P.RECORD_ALLERGY, "patient_allergies", order=30)
        link("basics", _("Basic information"), P.WRITE_BASICS, "patient_basics", order=35)
        link("edit", _("Correct personal data"), P.WRITE_PATIENT, "patient_edit", order=40)
        link("changes", _("Corrections"), P.WRITE_PATIENT, "patient_changes", order=45)
