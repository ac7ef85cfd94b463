"""This app's parts of one file's copy and workbook: prescriptions, what was handed out, treatments.

Drugs stay in sight of whoever may read the file (registration.guarded).
"""

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from patients.exchange.parts import Asked, Part, register
from prescriptions.models import DispenseLine, Prescription, PrescriptionItem, Treatment
from prescriptions.recalls import returned_units
from prescriptions.rewriting import NOT_ORDERED
from prescriptions.rows import usage_of

ROW = (
    _("Day"), _("Prescription number"), _("Kind"), _("State"), _("Drug"), _("Strength"),
    _("Usage"), _("Quantity"), _("Unit"), _("Amount"), _("Skin test result"),
    _("Bought outside"), _("Doctor"), _("Reviewed by"),
)  # fmt: skip
HANDED_OUT = (
    _("Time"), _("Prescription number"), _("Drug"), _("Lot"), _("Expires"), _("Quantity"),
    _("Unit"), _("Came back"), _("Handed out by"),
)  # fmt: skip
TREATMENT = (
    _("Ordered at"), _("Treatment"), _("Order in words"), _("Ordered by"), _("Turn"),
    _("State"), _("Begun"), _("Ended"), _("Carried out by"), _("Result"), _("Reaction"),
    _("Lots"), _("Reason"),
)  # fmt: skip


def sheets(patient, asked: Asked) -> list[Prescription]:
    """The wanted sheets with their rows as `live`; a copy holds nothing that was not ordered."""
    rows = PrescriptionItem.objects.filter(removed_at__isnull=True).select_related("drug")
    lines = DispenseLine.objects.select_related("movement__batch", "movement__made_by")
    found = Prescription.objects.filter(patient=patient).select_related("prescriber", "reviewer")
    if asked.on_paper:
        found = found.exclude(state__in=NOT_ORDERED)
    found = found.prefetch_related(
        Prefetch("items", rows.order_by("rank"), to_attr="live"),
        Prefetch("live__lines", lines.order_by("pk")),
    )
    for sheet in (ordered := list(found.order_by("created_at", "pk"))):
        for item in sheet.live:
            item.prescription = sheet
    return [sheet for sheet in ordered if asked.wants(sheet.consultation_id)]


def rows(patient, asked: Asked) -> list[list]:
    return [_row(sheet, item) for sheet in sheets(patient, asked) for item in sheet.live]


def _row(sheet: Prescription, item: PrescriptionItem) -> list:
    return [
        _moment(sheet.submitted_at or sheet.created_at)[:10],
        sheet.number,
        sheet.get_kind_display(),
        sheet.get_state_display(),
        item.drug_name,
        item.strength,
        usage_of(item),
        item.quantity,
        item.base_unit,
        item.amount,
        item.get_skin_test_display() if item.skin_test else "",
        str(_("Yes")) if item.outside else "",
        sheet.prescriber.full_name,
        sheet.reviewer.full_name if sheet.reviewer else "",
    ]


def handed_out(patient, asked: Asked) -> list[list]:
    """By lot: what a recall asks for."""
    lines = [
        (line, item, sheet)
        for sheet in sheets(patient, asked)
        for item in sheet.live
        for line in item.lines.all()
    ]
    for line, item, _sheet in lines:
        line.item = item
    back = returned_units([line for line, _item, _sheet in lines])
    return [
        [
            _moment(line.movement.made_at),
            sheet.number,
            item.drug_name,
            line.movement.batch.lot,
            line.movement.batch.expires_on.isoformat(),
            line.quantity,
            item.base_unit,
            back.get(line.pk, 0),
            line.movement.made_by.full_name,
        ]
        for line, item, sheet in lines
    ]


def treatments(patient, asked: Asked) -> list[list]:
    """One row for each turn."""
    found = Treatment.objects.filter(patient=patient).select_related("service", "ordered_by")
    if asked.on_paper:
        found = found.exclude(state=Treatment.State.CANCELLED)
    found = found.prefetch_related("turns__by").order_by("ordered_at", "pk")
    return [
        _turn(treatment, turn)
        for treatment in found
        if asked.wants(treatment.consultation_id)
        for turn in sorted(treatment.turns.all(), key=lambda turn: turn.number)
    ]


def _turn(treatment: Treatment, turn) -> list:
    return [
        _moment(treatment.ordered_at),
        treatment.service.name,
        treatment.words or "",
        treatment.ordered_by.full_name,
        f"{turn.number} / {treatment.times}",
        turn.get_state_display(),
        _moment(turn.started_at),
        _moment(turn.ended_at),
        turn.by.full_name if turn.by else "",
        turn.result or "",
        turn.reaction or "",
        turn.lots,
        turn.reason or treatment.reason or "",
    ]


def _moment(when) -> str:
    return f"{timezone.localtime(when):%Y-%m-%d %H:%M}" if when else ""


def register_all() -> None:
    """Called when the app is ready."""
    register(Part("prescriptions", _("Prescriptions"), 60, ROW, rows))
    register(Part("dispensing", _("Drugs handed out"), 65, HANDED_OUT, handed_out, on_paper=False))
    register(Part("treatments", _("Treatments"), 70, TREATMENT, treatments))
