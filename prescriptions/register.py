"""The register of narcotics and class-I psychotropics: who got what of which lot (R-30, R-120).

Used ampoules of what was injected have to come back and are open until they do (R-40).
"""

from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry
from patients.masking import mask_id
from pharmacy.special_book import Period
from prescriptions.models import DispenseLine, EmptyReturn, Prescription
from prescriptions.moves import locked
from prescriptions.recalls import returned_units
from registration import guarded

WITH = (
    "item__prescription__patient",
    "item__prescription__prescriber",
    "item__prescription__consultation__clinician",
    "item__drug",
    "movement__batch",
    "movement__made_by",
    "movement__document__witness",
)
INJECTED = "注射"


def lines(period: Period | None = None, *, lot: str = "") -> QuerySet[DispenseLine]:
    """Everything that was handed out on such a sheet, the oldest first."""
    rows = DispenseLine.objects.filter(item__prescription__kind=Prescription.Kind.NARCOTIC)
    if period:
        rows = rows.filter(movement__made_at__gte=period.begins, movement__made_at__lt=period.ends)
    if lot:
        rows = rows.filter(movement__batch__lot=lot)
    rows = rows.annotate(came_back=Coalesce(Sum("empties__quantity"), 0))
    return rows.select_related(*WITH).order_by("movement__made_at", "pk")


def open_lines() -> QuerySet[DispenseLine]:
    """Injections whose used ampoules have not all come back, whenever they were handed out."""
    rows = lines().filter(item__drug__dosage_form__contains=INJECTED)
    return rows.filter(came_back__lt=F("quantity"))


def rows_of(found: list[DispenseLine], *, revealed: bool = False) -> list[dict]:
    """The rows in words, in a fixed number of queries; numbers in full where that was asked for."""
    sheets = {line.item.prescription_id for line in found}
    collectors = _collectors(sheets)
    back = returned_units(found)
    return [_row(line, collectors, back, revealed) for line in found]


def _collectors(sheets) -> dict:
    rows = Prescription.objects.filter(pk__in=sheets).prefetch_related("collectors")
    return {sheet.pk: list(sheet.collectors.all()) for sheet in rows}


def _row(line: DispenseLine, collectors: dict, back: dict, revealed: bool) -> dict:
    sheet, movement = line.item.prescription, line.movement
    patient, shown = sheet.patient, (lambda text: text or "") if revealed else mask_id
    at = [row for row in collectors[sheet.pk] if row.made_at <= movement.made_at]
    agent = at[-1] if at and not at[-1].is_patient else None
    returned = back[line.pk]
    return {
        "line": line,
        "sheet": sheet,
        "patient": patient,
        "age": patient.age_on(timezone.localdate(movement.made_at)),
        "id_number": shown(patient.id_number),
        "diagnosis": _diagnosis(sheet),
        "agent": agent,
        "agent_id": shown(agent.id_number) if agent else "",
        "returned": returned,
        "is_injected": INJECTED in line.item.drug.dosage_form,
        "missing": max(0, line.quantity - returned - line.came_back),
    }


def _diagnosis(sheet: Prescription) -> str:
    """As it was signed; a guarded one stands in the record alone (R-140)."""
    signed = (sheet.head or {}).get("diagnoses", [])
    if guarded.is_guarded(sheet.consultation, [code for code, _name in signed]):
        return _("confidential, see the record")
    return "；".join(name for _code, name in signed)


@atomic_retry
def take_empties(*, line: DispenseLine, quantity: int, by) -> EmptyReturn:
    """Used ampoules of this line came back, counted by `by` (R-40)."""
    locked(line.item.prescription)
    line = lines().get(pk=line.pk)
    (row,) = rows_of([line])
    if not row["is_injected"] or not 1 <= quantity <= row["missing"]:
        raise RuleBroken(
            _("At most %(left)s used ampoules of this line are still out. Please count again.")
            % {"left": row["missing"] if row["is_injected"] else 0},
            field="quantity",
            rule="R-40",
        )
    return EmptyReturn.objects.create(line=line, quantity=quantity, made_by=by)
