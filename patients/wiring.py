"""What this app gives to the registries of the floors below, and to its own."""

from django.db.models.signals import post_save
from django.utils.translation import gettext_lazy as _

from clinic.core import jobs, scheduler
from clinic.core import todo as todos
from clinic.core.tables import kinds
from patients import chart_basics, names, numbers, records, sections, views_received
from patients.exchange import datasets, exporting, fhir_out, formats, person, told, working
from patients.exchange.importing import PatientTable
from patients.followup import lists, todo
from patients.models import Export
from security import access, audit_words, subjects
from security.permissions import P


def fill_registries(patient: type) -> None:
    """Once, when the app is ready."""
    post_save.connect(names.after_save, sender=patient, dispatch_uid="patient_names")
    kinds.register(PatientTable())
    subjects.register(id_of=numbers.id_of, numbers_of=numbers.numbers_of)
    access.register_relation(lists.is_followed)
    todos.register(30, todo.due)
    jobs.register(exporting.KIND, working.work)
    audit_words.register_words("export", Export, told.words)
    scheduler.register("patients.exports", every=3600, run=exporting.throw_away_old)
    formats.register("fhir", "json", lambda export, _asked: fhir_out.content(export)[0])
    person.register_all()
    datasets.register_all()
    sections.register()
    records.register_documents(views_received.documents)
    chart_basics.register()
    _link_pages()


def _link_pages() -> None:
    """The pages of a file to which the chart leads, in the order of its bar."""
    link = records.register_chart_link
    follow_up = {"order": 20, "module": "follow_up"}
    link("followups", _("Follow-ups"), P.FOLLOW_UP, "patient_followups", **follow_up)
    link("allergies", _("Allergies"), P.RECORD_ALLERGY, "patient_allergies", order=30)
    link("basics", _("Basic information"), P.WRITE_BASICS, "patient_basics", order=35)
    link("edit", _("Correct personal data"), P.WRITE_PATIENT, "patient_edit", order=40)
    link("changes", _("Corrections"), P.WRITE_PATIENT, "patient_changes", order=45)
    link("consents", _("Consents"), P.WRITE_PATIENT, "patient_consents", order=50)
    link("copy", _("Copy of the medical record"), P.EXPORT_FILE, "patient_copy", order=70)
    link("export", _("File as Excel"), P.EXPORT_FILE, "patient_export", order=75)
    link("fhir", _("File as FHIR"), P.EXPORT_FILE, "patient_fhir", order=77)
