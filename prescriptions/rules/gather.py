"""From the database to the plain facts that the rules look at; the only such place."""

from datetime import date, timedelta
from fractions import Fraction

from django.utils import timezone

from clinic.core.site import setting
from patients.age import age_years
from patients.models import Allergy, AllergyGroup
from pharmacy import stock
from pharmacy.models import Drug, Interaction
from prescriptions.dictionary import frequency_of
from prescriptions.doses import Dose
from prescriptions.models import Prescription, PrescriptionItem
from prescriptions.quantity import Pack
from prescriptions.rules.facts import (
    AllergyFact,
    DrugFacts,
    Group,
    InUse,
    Line,
    Pair,
    Prescriber,
    Sheet,
)
from prescriptions.states import RxState

# A drug of these sheets is still being taken while its days last.
TAKEN = {
    RxState.SUBMITTED,
    RxState.APPROVED,
    RxState.UNPAID,
    RxState.PAID,
    RxState.PICKING,
    RxState.DISPENSED,
    RxState.ARCHIVED,
    RxState.PART_RETURNED,
}
LOOK_BACK = timedelta(days=90)  # longer than the longest supply


def split(text: str) -> frozenset[str]:
    """The values of a column that holds several, separated by ";"."""
    return frozenset(filter(None, (part.strip() for part in text.split(";"))))


def drug_facts(drug: Drug, today: date) -> DrugFacts:
    """A row of the library; prefetch `control_classes`."""
    return DrugFacts(
        id=drug.pk,
        name=drug.generic_name,
        pack=Pack.of(drug),
        ingredients=split(drug.ingredients),
        tags=split(drug.class_tags),
        groups=split(drug.allergy_groups),
        grade=drug.antibiotic_grade,
        skin_test=drug.skin_test,
        control=drug.control_class_on(today),
        max_daily=Fraction(drug.max_daily) if drug.max_daily else None,
        max_daily_unit=drug.max_daily_unit,
        active=drug.active,
    )


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
    )


def sheet_of(prescription: Prescription, items: list[PrescriptionItem]) -> Sheet:
    """Everything the rules need about this sheet, in a fixed number of queries.

    Units that this sheet itself has reserved count as available to it.
    """
    today = timezone.localdate()
    patient, consultation = prescription.patient, prescription.consultation
    clinician = consultation.clinician
    free = available_to(prescription, items)
    return Sheet(
        today=today,
        lines=tuple(line_of(item, free[item.drug_id], today) for item in items),
        allergy_status=patient.allergy_status,
        allergy_confirmed_on=_day(patient.allergy_confirmed_at),
        confirm_after_days=setting("allergy.confirm_days"),
        allergies=_allergies(patient),
        groups=_groups(),
        pairs=_pairs(),
        in_use=in_use(patient, today, besides=prescription),
        diagnoses=consultation.diagnoses.filter(removed_at__isnull=True).count(),
        is_emergency=consultation.emergency or clinician.department.emergency,
        max_days=setting("prescription.max_days"),
        is_draft=prescription.state == RxState.DRAFT,
        age=age_years(patient.birth_date, today),
        prescriber=Prescriber(
            may_prescribe=clinician.may_prescribe and clinician.active,
            antibiotic_grade=clinician.antibiotic_grade,
            psychotropic_2=clinician.psychotropic_2,
            narcotic=clinician.narcotic,
            is_own_visit=clinician.user_id == prescription.prescriber_id,
            is_visit_open=consultation.started_at is not None and consultation.finished_at is None,
        ),
    )


def available_to(prescription: Prescription, items: list[PrescriptionItem]) -> dict[int, int]:
    """Base units of each drug that this sheet may count on."""
    free = stock.available([item.drug_id for item in items]) if items else {}
    if prescription.state in RESERVED:
        for item in items:
            free[item.drug_id] += 0 if item.outside else item.quantity
    return free


RESERVED = {RxState.APPROVED, RxState.UNPAID, RxState.PAID, RxState.PICKING}


def _day(moment) -> date | None:
    return timezone.localdate(moment) if moment else None


def _allergies(patient) -> tuple[AllergyFact, ...]:
    rows = Allergy.objects.filter(patient=patient, state=Allergy.State.ACTIVE)
    return tuple(
        AllergyFact(
            group=row.group_code,
            substance=row.substance,
            severe=row.severity == Allergy.Severity.SEVERE,
            reaction=row.reaction or "",
            recorded_by=row.recorded_by.full_name,
            recorded_on=_day(row.recorded_at),
        )
        for row in rows.select_related("recorded_by").order_by("recorded_at")
    )


def _groups() -> dict[str, Group]:
    rows = list(AllergyGroup.objects.all())
    codes = {row.code for row in rows}
    return {
        row.code: Group(
            code=row.code,
            name=row.name,
            members=frozenset(
                _member(part) for part in split(row.members) if len(_member(part)) > 1
            ),
            crosses=frozenset(
                code for code in codes if f"{code}:" in row.cross_reactivity and code != row.code
            ),
        )
        for row in rows
    }


def _member(text: str) -> str:
    """A member without the remark in brackets that a few carry."""
    return text.split("（")[0].split("(")[0].strip()


def _pairs() -> tuple[Pair, ...]:
    return tuple(
        Pair(
            number=row.number,
            a=(row.a_type, row.a_value),
            b=(row.b_type, row.b_value),
            severity=row.severity,
            effect=row.effect,
            advice=row.advice,
        )
        for row in Interaction.objects.order_by("number")
    )


def in_use(patient, today: date, *, besides: Prescription | None = None) -> tuple[InUse, ...]:
    """What the patient still takes from other sheets: days left above none (R-170)."""
    rows = PrescriptionItem.objects.filter(
        prescription__patient=patient,
        prescription__state__in=TAKEN,
        prescription__submitted_at__gte=timezone.now() - LOOK_BACK,
        removed_at__isnull=True,
    )
    if besides is not None:
        rows = rows.exclude(prescription=besides)
    rows = rows.select_related("drug", "prescription").prefetch_related("drug__control_classes")
    found = []
    for row in rows.order_by("prescription__submitted_at", "rank"):
        since = timezone.localdate(row.prescription.submitted_at)
        left = row.days - (today - since).days
        if left > 0:
            found.append(InUse(drug_facts(row.drug, today), left, since))
    return tuple(found)
