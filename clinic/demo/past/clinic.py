"""What the made-up days know by heart, so that a visit costs no question to the database."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.utils import timezone

from clinic.core.site import institution, settings_of
from clinic.demo.past.shelf import Shelf
from patients.models import Patient
from pharmacy.models import Drug
from prescriptions.models import PrescriptionItem
from prescriptions.rules.gather import ASKED_OF_SITE, ESSENTIAL, TAKEN, interaction_pairs
from prescriptions.rules.gather_allergies import allergy_facts, allergy_groups
from registration.models import Clinician, Diagnosis, Icd10Code, Session, WeeklySchedule
from registration.scheduling import planned


@dataclass
class Use:
    """A drug that a patient got, when and for how long."""

    drug: Drug
    day: date
    days: int


@dataclass
class Known:
    """The clinic as the pieces of work see it; `people` are its accounts by user name."""

    people: dict
    shelf: Shelf = None
    drugs: dict = field(default_factory=dict)
    uses: dict = field(default_factory=lambda: defaultdict(list))
    conditions: dict = field(default_factory=lambda: defaultdict(list))
    sessions: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)
    window: object = None  # until when the window is busy

    @classmethod
    def load(cls, people: dict) -> "Known":
        known = cls(people)
        rows = Drug.objects.filter(active=True).prefetch_related("control_classes")
        known.drugs = {drug.code: drug for drug in rows}
        known.by_pk = {drug.pk: drug for drug in known.drugs.values()}
        known.essentials = {
            drug.subcategory: drug.generic_name
            for drug in sorted(known.drugs.values(), key=lambda one: -one.pk)
            if drug.essential == ESSENTIAL
        }
        known.groups, known.pairs = allergy_groups(), interaction_pairs()
        known.site = settings_of(
            *ASKED_OF_SITE, "queue.priority_age", "record.archive_hours", "prescription.child_age"
        )
        known.institution = institution()
        known.clinicians = list(
            Clinician.objects.select_related("user", "department", "room").order_by("pk")
        )
        known.icd10 = dict(Icd10Code.objects.values_list("code", "name"))
        known.plans = {
            (plan.clinician_id, plan.weekday, plan.period): plan
            for plan in WeeklySchedule.objects.select_related("clinician")
        }
        known.read_shelf()
        known._read_past()
        return known

    def read_shelf(self) -> None:
        """After a delivery or a count."""
        self.shelf = Shelf()

    def _read_past(self) -> None:
        """What was done before this run, where an earlier one was interrupted."""
        items = PrescriptionItem.objects.filter(
            prescription__state__in=TAKEN, removed_at__isnull=True
        ).select_related("prescription")
        for item in items.order_by("prescription__submitted_at", "rank"):
            day = timezone.localdate(item.prescription.submitted_at)
            if item.drug_id in self.by_pk:
                use = Use(self.by_pk[item.drug_id], day, item.days)
                self.uses[item.prescription.patient_id].append(use)
        rows = Diagnosis.objects.filter(removed_at__isnull=True).select_related("consultation")
        for row in rows.order_by("added_at"):
            day = timezone.localdate(row.added_at)
            self.conditions[row.consultation.patient_id].append((row.code, row.name, day))

    def file(self, pk) -> Patient:
        """The file of somebody who was read with `read_files`."""
        return self.files[pk]

    def read_files(self, keys) -> None:
        """The files of these people, with what each of them can't stand."""
        self.files = Patient.objects.prefetch_related("allergies").in_bulk(list(keys))
        for found in self.files.values():
            found.known_allergies = allergy_facts(found) if found.allergies.all() else ()

    def session(self, clinician, day: date, minutes: int) -> Session:
        """The doctor's session of that moment, made from the week's plan where there is none."""
        period = "am" if minutes < 12 * 60 else "pm"
        key = (clinician.pk, day, period)
        if key not in self.sessions:
            self.sessions[key], _made = Session.objects.get_or_create(
                clinician=clinician,
                date=day,
                period=period,
                defaults=planned(self.plans[clinician.pk, day.weekday(), period]),
            )
        return self.sessions[key]
