"""What this app adds to pages of lower floors: the visit's panel, the chart, where a patient is."""

from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from clinic.core.prepared import prepared
from patients.models import AllergyStatus
from prescriptions import herbal
from prescriptions.herb_words import FOR_COMMON_LINE, common_line
from prescriptions.models import Prescription, PrescriptionItem
from prescriptions.pages import edit_url, returned_reason
from prescriptions.rows import FOR_USAGE, usage_of
from prescriptions.services import start
from prescriptions.states import AT_WINDOW, EDITABLE, RxState
from registration.desk import Notice

MOST_IN_CHART, AT_ONCE = 20, 4
WAITING = (RxState.SUBMITTED, RxState.APPROVED, RxState.UNPAID)


def panel(consultation, request) -> dict:
    """The visit's sheets with their rows, and whether another can be started."""
    sheets = list(
        Prescription.objects.filter(consultation=consultation)
        .exclude(state=RxState.VOIDED)
        .select_related("prescriber")
        .order_by("created_at")
    )
    rows = _rows_by_sheet(sheets)
    is_own = consultation.clinician.user_id == request.user.pk
    return {
        "consultation": consultation,
        "sheets": [
            {
                "sheet": sheet,
                "rows": rows.get(sheet.pk, []),
                "herbal_line": common_line(sheet),
                "edit_url": edit_url(sheet),
                "returned": returned_reason(sheet),
                "is_editable": sheet.state in EDITABLE and sheet.prescriber_id == request.user.pk,
            }
            for sheet in sheets
        ],
        "may_start": is_own and consultation.finished_at is None,
        "not_asked": consultation.patient.allergy_status == AllergyStatus.NOT_ASKED,
        "allergy_url": reverse("patient_allergies", args=[consultation.patient_id]),
        "here": reverse("consultation", args=[consultation.pk]),
    }


def start_from_panel(*, consultation, by) -> str:
    """The panel's button: what was typed is saved, then the new sheet opens."""
    return edit_url(start(consultation=consultation, by=by))


def start_herbal(*, consultation, by) -> str:
    """The same for a sheet of herbal pieces (R-15)."""
    return edit_url(herbal.start(consultation=consultation, by=by))


@prepared
def _rows(sheets: list[UUID]):
    rows = PrescriptionItem.objects.filter(prescription__in=sheets, removed_at__isnull=True)
    shown = ("prescription", "drug_name", "strength", "quantity", "base_unit", "skin_test")
    return rows.select_related("drug").only(*shown, *FOR_USAGE).order_by("rank")


@prepared
def _sheets(patient: UUID):
    sheets = Prescription.objects.filter(patient=patient)
    sheets = sheets.exclude(state__in=[RxState.DRAFT, RxState.VOIDED])
    shown = ("number", "created_at", "state", "prescriber__full_name", *FOR_COMMON_LINE)
    sheets = sheets.select_related("prescriber").only(*shown)
    return sheets.order_by("-created_at")[: MOST_IN_CHART + 1]


def _rows_by_sheet(sheets: list[Prescription]) -> dict:
    found: dict = {}
    for item in _rows([sheet.pk for sheet in sheets]):
        found.setdefault(item.prescription_id, []).append({"item": item, "usage": usage_of(item)})
    return found


def medication(patient, request) -> dict:
    """The chart's section: what was prescribed and handed out, newest first."""
    sheets = _sheets(patient)
    rows = _rows_by_sheet(sheets[:MOST_IN_CHART])
    entries = [
        {"sheet": sheet, "rows": rows.get(sheet.pk, []), "herbal_line": common_line(sheet)}
        for sheet in sheets[:MOST_IN_CHART]
    ]
    return {
        "sheets": entries[:AT_ONCE],
        "older_sheets": entries[AT_ONCE:],
        "has_more": len(sheets) > MOST_IN_CHART,
    }


# The same, for the poll of a doctor's queue: that it changed is asked before anybody is looked up.
RETURNED_SQL = (
    "SELECT COUNT(*) FROM prescriptions_prescription p"
    " JOIN registration_clinician c ON c.user_id = p.prescriber_id"
    " WHERE c.id = %s AND p.state = 'returned'"
)


def returned_to(user) -> Notice | None:
    """Tells the doctor, whatever page the queue stands on, that a sheet came back (R-38)."""
    count = Prescription.objects.filter(prescriber=user, state=RxState.RETURNED).count()
    if not count:
        return None
    words = _("Prescriptions returned to you: %(count)s") % {"count": count}
    return Notice(words, f"{reverse('prescription_list')}?show=returned")


def is_in_use(patient) -> bool:
    """True while a sheet of this patient is neither handed out nor off."""
    unfinished = [*EDITABLE, *WAITING, *AT_WINDOW]
    return Prescription.objects.filter(patient=patient, state__in=unfinished).exists()
