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
        from patients.exchange import parts
        from registration import (
            bookings_desk,
            care,
            datasets,
            desk,
            duties,
            exporting,
            fhir,
            followups,
            icd10_words,
            merging,
            no_shows,
            queue,
            record_check,
            signing,
        )
        from registration.chart import parts as chart_parts
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
        chart_parts.register()
        exporting.register_all()
        datasets.register_all()
        parts.register_visits(exporting.lines)
        parts.register_visited(exporting.visited)
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
        desk.register_panel(
            "follow_up",
            order=7,
            template="registration/_follow_up.html",
            context=followups.panel,
            module="follow_up",
        )
        for kind in followups.KINDS:
            desk.register_act(f"{followups.ACT}{kind}", followups.act_for(kind), module="follow_up")
        desk.register_notice(followups.notice, module="follow_up")
        records.register_visit_values(followups.visit_values)
        desk.register_notice(signing.notice)
        desk.register_notice(duties.notice)
        home_notes.register(duties.told_administrator)
        home_notes.register(record_check.told_administrator)
        scheduler.register("registration.lapse", every=3600, run=queue.lapse_old)
        scheduler.register("registration.missed", every=600, run=no_shows.close_missed)
        scheduler.register("registration.records", every=3600, run=record_check.verify_weekly)
