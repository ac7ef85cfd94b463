from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PrescriptionsConfig(AppConfig):
    """From the first drug written to the drugs handed out."""

    name = "prescriptions"
    verbose_name = _("Prescriptions")

    def ready(self):
        from clinic.core import scheduler
        from clinic.core import todo as todos
        from patients import hints, records
        from pharmacy import papers, recalling
        from prescriptions import (
            archive,
            archive_search,
            archive_watch,
            beside,
            cautions,
            countersigning,
            datasets,
            exporting,
            fhir,
            followup_drugs,
            in_use,
            lapsing,
            lots,
            merging,
            moves,
            printing_herbal,
            recalls,
            repeating,
            returning,
            sheets,
            todo,
            treatment_pages,
            treatments,
            whereabouts,
        )
        from prescriptions.evaluation import verbs as evaluation
        from prescriptions.models import Prescription
        from registration import desk, polling
        from security import home_notes
        from security.permissions import P

        desk.register_panel(
            "prescription",
            order=10,
            template="prescriptions/_panel.html",
            context=beside.panel,
            act=beside.start_from_panel,
        )
        desk.register_panel(
            "treatment",
            order=20,
            template="prescriptions/_treatment_panel.html",
            context=treatment_pages.panel,
            act=treatment_pages.order_from_panel,
            module="treatments",
        )
        records.register_section(
            "treatments",
            title=_("Treatments"),
            order=35,
            template="prescriptions/_chart_treatments.html",
            context=treatment_pages.chart,
            module="treatments",
        )
        moves.register_follower(treatments.follow)
        sheets.register_maker(Prescription.Form.HERBAL, printing_herbal.sheet_herbal)
        hints.register_finder("lot", permission=P.DISPENSE, find=lots.find)
        desk.register_act("herbal", beside.start_herbal)
        desk.register_orders(lines=repeating.lines, repeat=repeating.repeat)
        whereabouts.register()
        lists = ("review_list", "dispense_list")
        todos.register(10, todo.of_pharmacy, shown_on=lists, module="pharmacy")
        todos.register(20, todo.skin_tests)
        todos.register(21, todo.due, module="treatments")
        desk.register_notice(beside.returned_to)
        polling.watch(beside.RETURNED_SQL)
        desk.register_notice(countersigning.notice)
        polling.watch(countersigning.WAITING_SQL)
        records.register_section(
            "medication",
            title=_("Prescriptions"),
            order=30,
            template="prescriptions/_chart_medication.html",
            context=beside.medication,
        )
        records.register_section(
            "in-use",
            title=_("Medication in use"),
            order=15,
            template="prescriptions/_chart_in_use.html",
            context=in_use.section,
            place=records.Place.HALF,
        )
        records.register_asked_about(in_use.since)
        records.register_cautions(cautions.cautions)
        records.register_documents(archive_search.documents)
        records.register_in_use(beside.is_in_use)
        records.register_merge_handler(merging.move)
        records.register_fhir(fhir.contribute)
        exporting.register_all()
        datasets.register_all()
        records.register_visit_values(followup_drugs.visit_values)
        recalling.register_unfinished(recalls.unfinished)
        papers.register_before(returning.follow)
        papers.register_undone(hold=returning.hold, settle=returning.settle)
        scheduler.register("prescriptions.lapse", every=600, run=lapsing.lapse_expired)
        scheduler.register("prescriptions.archive", every=600, run=archive.archive_finished)
        scheduler.register("prescriptions.verify", every=3600, run=archive_watch.verify_nightly)
        home_notes.register(archive_watch.told_administrator)
        scheduler.register("prescriptions.judge", every=300, run=evaluation.judge_waiting)
