from django.apps import AppConfig
from django.db.models.signals import post_save
from django.utils.translation import gettext_lazy as _


class RegistrationConfig(AppConfig):
    """Departments, schedules, visits, the queue and the consultation."""

    name = "registration"
    verbose_name = _("Registration")

    def ready(self):
        from clinic.core import scheduler
        from patients import records
        from registration import (
            bookings_desk,
            care,
            desk,
            duties,
            fhir,
            icd10_words,
            merging,
            no_shows,
            queue,
            record_check,
            signing,
        )
        from security import access, home_notes

        code = self.get_model("Icd10Code")
        post_save.connect(icd10_words.after_save, sender=code, dispatch_uid="icd10_words")
        access.register_relation(care.is_treating)
        records.register_in_use(care.has_open_visit)
        records.register_last_visits(care.last_visit_days)
        records.register_recent_visits(care.recent_visits)
        records.register_beginning("booking", bookings_desk.begin_file)
        records.register_merge_handler(merging.move)
        records.register_fhir(fhir.contribute)
        records.register_section(
            "visits",
            title=_("Visits"),
            order=20,
            template="registration/_chart_visits.html",
            context=care.visits_section,
        )
        desk.register_panel(
            "signing",
            order=5,
            template="registration/_record_signed.html",
            context=signing.panel,
        )
        desk.register_panel(
            "reports",
            order=6,
            template="registration/_report_duties.html",
            context=duties.panel,
            act=duties.act,
        )
        desk.register_notice(signing.notice)
        desk.register_notice(duties.notice)
        home_notes.register(duties.told_administrator)
        home_notes.register(record_check.told_administrator)
        scheduler.register("registration.lapse", every=3600, run=queue.lapse_old)
        scheduler.register("registration.missed", every=600, run=no_shows.close_missed)
        scheduler.register("registration.records", every=3600, run=record_check.verify_weekly)
