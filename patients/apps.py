from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PatientsConfig(AppConfig):
    name = "patients"
    verbose_name = _("Patients")

    def ready(self):
        from patients import chart_basics, numbers, records
        from security import subjects

        subjects.register(id_of=numbers.id_of, numbers_of=numbers.numbers_of)
        records.register_section(
            "basics",
            title=_("Earlier illness"),
            order=15,
            template="patients/_chart_basics.html",
            context=chart_basics.section,
        )
