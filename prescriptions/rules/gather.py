"""From the database to the plain facts that the rules look at; the only such place."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from clinic.core import modules
from clinic.core.days import moment
from clinic.core.models import Institution
from clinic.core.prepared import prepared
from clinic.core.site import institution, settings_of
from clinic.core.together import asked_together
from patients.age import age_months, age_years
from pharmacy import catalogue, stock
from pharmacy.models import Drug
from prescriptions import pain_files
from prescriptions.dictionary import frequency_of
from prescriptions.doses import Dose, concentration, listed_routes, usual_most
from prescriptions.herb_words import HERB, note_name
from prescriptions.models import AlertRecord, Prescription, PrescriptionItem
from prescriptions.quantity import Pack
from prescriptions.rules.columns import split
from prescriptions.rules.facts import (
    NARCOTIC,
    Condition,
    DrugFacts,
    InUse,
    Line,
    Prescriber,
    Sheet,
)
from prescriptions.rules.gather_allergies import allergies_of, allergy_facts, allergy_groups
from prescriptions.rules.gather_herbs import herbal_facts
from prescriptions.rules.gather_pairs import interaction_pairs
from prescriptions.rules.rights import HEIGHT, INTO_A_VEIN, reach
from prescriptions.states import EDITABLE, RESERVING, RxState
from registration.models import Consultation, Diagnosis

Kind = Institution.Kind
PATENT = "中成药"
ASKED_OF_SITE = ("allergy.confirm_days", "prescription.max_days", "prescription.solvents_free")
ASKED_OF_SITE += ("antibiotics.into_vein",)
ESSENTIAL, NOT_ESSENTIAL = "Y", "N"
# A drug of these sheets is still being taken while its days last.
TAKEN = {
    RxState.SUBMITTED,
    RxState.APPROVED,
    RxState.UNPAID,
    RxState.PAID,
    RxState.PICKING,
    RxState.PART_DISPENSED,
    RxState.DISPENSED,
    RxState.ARCHIVED,
    RxState.PART_RETURNED,
    RxState.ISSUED,
}
LOOK_BACK = timedelta(days=90)  # longer than the longest supply
REMEMBERED = timedelta(days=365)  # diagnoses of earlier visits
MOST_CONDITIONS = 200
EPISODE = timedelta(days=14)  # one illness


def drug_facts(drug: Drug, today: date, *, control: bool = True) -> DrugFacts:
    """A row of the library; prefetch `control_classes`, or say that the class doesn't matter."""
    single, single_unit = _most_at_once(drug)
    return DrugFacts(
        id=drug.pk,
        name=drug.generic_name,
        pack=Pack.of(drug),
        ingredients=split(drug.ingredients),
        tags=split(drug.class_tags),
        groups=split(drug.allergy_groups),
        grade=drug.antibiotic_grade,
        skin_test=drug.skin_test,
        control=drug.control_class_on(today) if control else "",
        max_daily=_exact(drug.max_daily),
        max_daily_unit=drug.max_daily_unit,
        active=drug.active,
        max_daily_per_kg=_exact(drug.max_daily_per_kg),
        max_single=single,
        max_single_per_kg=_exact(drug.max_single_per_kg),
        max_single_unit=single_unit,
        per_ml=concentration(drug.strength),
        form=drug.dosage_form,
        is_patent=drug.category == PATENT,
        routes=listed_routes(drug.routes),
        subcategory=drug.subcategory,
        storage=drug.storage,
        essential=drug.essential,
        pregnancy=drug.pregnancy,
        children=drug.children,
        elderly=drug.elderly,
        caution=drug.caution,
        checked=drug.verified,
    )


def _exact(number) -> Fraction | None:
    return Fraction(number) if number else None


def _most_at_once(drug: Drug) -> tuple[Fraction | None, str]:
    """The maximum of a single dose; of herbal pieces the upper end of what is usual."""
    if drug.max_single or HERB not in split(drug.class_tags):
        return _exact(drug.max_single), drug.max_single_unit
    most = usual_most(drug.usual_dose)
    return (Fraction(most.amount), most.unit) if most else (None, drug.max_single_unit)


def line_of(item: PrescriptionItem, available: int, today: date) -> Line:
    """A row of the sheet."""
    return Line(
        key=item.pk.hex,
        rank=item.rank,
        drug=drug_facts(item.drug, today),
        dose=Dose(item.dose, item.dose_unit),
        frequency=frequency_of(item.frequency),
        days=item.days,
        quantity=item.quantity,
        computed=item.computed,
        skin_test=item.skin_test,
        outside=item.outside,
        available=available,
        route=item.route,
        remark=item.remark,
        group=item.group,
        drip=item.drip,
        herb_note=note_name(item.herb_note),
    )


def sheet_of(
    prescription: Prescription, items: list[PrescriptionItem], *, counts_stock: bool = True
) -> Sheet:
    """Everything the rules need about this sheet, in a fixed number of queries.

    Units that this sheet itself has reserved count as available to it. Whoever has no use for what
    the rules say of the stock leaves it uncounted.
    """
    with asked_together(*_asked_of_the_file(prescription)):
        return _sheet_of(prescription, items, counts_stock=counts_stock)


def _asked_of_the_file(prescription: Prescription) -> list[tuple]:
    """What is asked of the visit and the patient, as `_sheet_of` asks it."""
    patient, visit = prescription.patient_id, prescription.consultation_id
    taken = (patient, _since(LOOK_BACK), prescription.pk, _handed_in(prescription))
    return [
        (_whole_visit, (visit,)),
        (_rows_taken, taken),
        (_diagnosed, (patient, visit, _since(REMEMBERED))),
        (allergies_of, (patient,)),
    ]


def _since(back: timedelta) -> datetime:
    """A whole day more rather than a part of it less."""
    return moment(timezone.localdate() - back)


def _sheet_of(prescription: Prescription, items: list[PrescriptionItem], *, counts_stock: bool):
    today = timezone.localdate()
    visit = _whole_visit.first(prescription.consultation_id)
    patient, clinician = visit.patient, visit.clinician
    free = available_to(prescription, items) if counts_stock else plenty_of(items)
    site = settings_of(*ASKED_OF_SITE)
    lines = [line_of(item, free[item.drug_id], today) for item in items]
    taken = _taken(patient, besides=prescription, before=_handed_in(prescription))
    in_use = _left_over(taken, today)
    conditions = _conditions(patient, visit)
    allergies = allergy_facts(patient)  # whatever the status says
    sheet = Sheet(
        today=today,
        lines=_with_essentials(_with_last_use(lines, taken)),
        allergy_status=patient.allergy_status,
        allergy_confirmed_on=_day(patient.allergy_confirmed_at),
        allergy_from_papers=patient.allergy_confirmed_at is None,
        confirm_after_days=site["allergy.confirm_days"],
        allergies=allergies,
        groups=allergy_groups() if allergies else {},
        pairs=interaction_pairs([line.drug for line in lines] + [used.drug for used in in_use]),
        in_use=in_use,
        diagnoses=sum(condition.on is None for condition in conditions),
        is_emergency=visit.emergency or clinician.department.emergency,
        max_days=site["prescription.max_days"],
        is_draft=prescription.state == RxState.DRAFT,
        age=age_years(patient.birth_date, today),
        months=age_months(patient.birth_date, today),
        sex=patient.sex,
        weight=_weight(visit.vitals),
        conditions=conditions,
        prescriber=_prescriber(prescription, visit),
        issued_on=_day(_handed_in(prescription)),
        valid_until=prescription.valid_until,
        solvents_counted=not site["prescription.solvents_free"],
        is_assessed=prescription.patient_agreed and bool(prescription.assessment),
        **herbal_facts(prescription, visit, conditions),
        has_pain_file=_has_pain_file(patient, lines),
    )
    return replace(
        sheet,
        infusion_allowed=_may_infuse(sheet, allowed=bool(site["antibiotics.into_vein"])),
        over_grade_before=_was_over_grade(sheet, prescription),
    )


def _has_pain_file(patient, lines: list[Line]) -> bool:
    """Asked for narcotics alone: of other sheets it is nobody's business."""
    return any(line.drug.control in NARCOTIC for line in lines) and pain_files.in_force(patient)


@prepared
def _whole_visit(visit: UUID):
    """With all that is asked of it, whatever the caller had at hand."""
    rows = Consultation.objects.select_related("patient", "clinician__department")
    return rows.filter(pk=visit)


def _prescriber(prescription: Prescription, visit: Consultation) -> Prescriber:
    clinician = visit.clinician
    return Prescriber(
        may_prescribe=clinician.may_prescribe and clinician.active,
        antibiotic_grade=clinician.antibiotic_grade,
        psychotropic_2=clinician.psychotropic_2,
        narcotic=clinician.narcotic,
        is_own_visit=clinician.user_id == prescription.prescriber_id,
        is_visit_open=visit.started_at is not None and visit.finished_at is None,
        title=clinician.title,
        is_patient=clinician.narcotic and clinician.user.full_name == visit.patient.name,
    )


def _weight(vitals: dict | None) -> Fraction | None:
    text = (vitals or {}).get("weight")
    return Fraction(text) if text else None


def _conditions(patient, visit: Consultation) -> tuple[Condition, ...]:
    """The diagnoses of this visit and of the last year, the newest first."""
    since = _since(REMEMBERED)
    return tuple(
        Condition(
            code=row.code,
            name=row.name,
            suspected=row.suspected,
            on=None if row.consultation_id == visit.pk else _day(row.added_at),
        )
        for row in _diagnosed(patient, visit, since)
    )


@prepared
def _diagnosed(patient: UUID, visit: UUID, since: datetime):
    rows = Diagnosis.objects.filter(consultation__patient=patient, removed_at__isnull=True)
    rows = rows.filter(Q(added_at__gte=since) | Q(consultation=visit))
    return rows.order_by("-added_at")[:MOST_CONDITIONS]


def _may_infuse(sheet: Sheet, *, allowed: bool) -> bool:
    """Centres and township hospitals may; stations and clinics once it was approved (R-50)."""
    asked = any(line.drug.is_antibiotic and line.route in INTO_A_VEIN for line in sheet.lines)
    return allowed or not asked or institution().kind in (Kind.CENTRE, Kind.TOWNSHIP)


def _was_over_grade(sheet: Sheet, prescription: Prescription) -> bool:
    """This patient got a drug above the doctor's right by an emergency lately (R-175)."""
    height = reach(sheet.prescriber)
    above = any(HEIGHT.get(line.drug.grade, 0) > height for line in sheet.lines)
    if not (sheet.is_emergency and above):
        return False
    rows = AlertRecord.objects.filter(
        prescription__patient_id=prescription.patient_id,
        outcome=AlertRecord.Outcome.OVERRIDDEN,
        made_at__gte=timezone.now() - EPISODE,
    )
    return any(row.rule == "right.emergency" for row in rows.exclude(prescription=prescription))


def _with_essentials(lines: list[Line]) -> tuple[Line, ...]:
    """Beside a drug that is no essential one: an essential drug of its subcategory in stock."""
    others = [line for line in lines if line.drug.essential == NOT_ESSENTIAL]
    if not others:
        return tuple(lines)
    rows = Drug.objects.filter(
        subcategory__in={line.drug.subcategory for line in others if line.drug.subcategory},
        essential=ESSENTIAL,
        active=True,
        batches__on_hand__gt=0,
    )
    named = dict(rows.order_by("-pk").values_list("subcategory", "generic_name"))
    return tuple(
        replace(line, essential_instead=named.get(line.drug.subcategory, ""))
        if line in others
        else line
        for line in lines
    )


def available_to(prescription: Prescription, items: list[PrescriptionItem]) -> dict[int, int]:
    """Base units of each drug that this sheet may count on."""
    if not modules.is_on("pharmacy"):
        return plenty_of(items)
    free = stock.available([item.drug_id for item in items]) if items else {}
    if prescription.state in RESERVING:
        for item in items:
            free[item.drug_id] += 0 if item.outside else item.quantity
    return free


def plenty_of(items: list[PrescriptionItem]) -> dict[int, int]:
    return {item.drug_id: catalogue.PLENTY for item in items}


def _day(moment) -> date | None:
    return timezone.localdate(moment) if moment else None


def _handed_in(prescription: Prescription) -> datetime | None:
    """When the sheet left the doctor: a later one was judged beside it, not the other way."""
    return None if prescription.state in EDITABLE else prescription.submitted_at


def _taken(
    patient, *, besides: Prescription | None = None, before: datetime | None = None
) -> list[PrescriptionItem]:
    """The rows of other sheets that went out or are on their way, as far back as any supply."""
    rows = _rows_taken(patient, _since(LOOK_BACK), besides, before)
    return sorted(rows, key=lambda row: (row.prescription.submitted_at, row.rank))


@prepared
def _rows_taken(patient: UUID, since: datetime, besides: UUID | None, before: datetime | None):
    rows = PrescriptionItem.objects.filter(
        prescription__patient=patient,
        prescription__state__in=TAKEN,
        prescription__submitted_at__gte=since,
        removed_at__isnull=True,
    )
    if besides is not None:
        rows = rows.exclude(prescription=besides)
    if before is not None:
        rows = rows.filter(prescription__submitted_at__lt=before)
    # Sorted by `_taken`: MariaDB would put these broad rows into a table of its own for that.
    return rows.select_related("drug", "prescription").order_by()


def in_use(patient, today: date, *, besides: Prescription | None = None) -> tuple[InUse, ...]:
    """What the patient still takes from other sheets: days left above none (R-170)."""
    return _left_over(_taken(patient, besides=besides), today)


def _left_over(rows: list[PrescriptionItem], today: date) -> tuple[InUse, ...]:
    found = []
    for row in rows:
        since = timezone.localdate(row.prescription.submitted_at)
        left = row.days - (today - since).days
        if left > 0:
            found.append(InUse(drug_facts(row.drug, today, control=False), left, since))
    return tuple(found)


def _with_last_use(lines: list[Line], rows: list[PrescriptionItem]) -> list[Line]:
    """Beside a drug that needs a skin test: how long ago one of its group was taken (R-45)."""
    if not any(line.drug.needs_skin_test for line in lines):
        return lines
    now = timezone.now()
    used = [
        (split(row.drug.allergy_groups), row.prescription.dispensed_at + timedelta(days=row.days))
        for row in rows
        if row.prescription.dispensed_at
    ]

    def hours(line: Line) -> int | None:
        ends = [end for groups, end in used if groups & line.drug.groups]
        return max(0, int((now - max(ends)).total_seconds() // 3600)) if ends else None

    return [
        replace(line, hours_since_use=hours(line)) if line.drug.needs_skin_test else line
        for line in lines
    ]
