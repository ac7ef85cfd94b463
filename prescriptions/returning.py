"""Drugs that the patient brings back after they were handed out (R-117).

The goods move by the pharmacy's return document; here the sheet's state follows it, in the same
transaction. Lock order: prescription, then batches.
"""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.forms import CleanTextMixin
from clinic.core.on_record import on_record
from clinic.core.transactions import atomic_retry
from pharmacy import papers
from pharmacy.models import StockDocument, StockMovement
from pharmacy.papers.returns import Out
from pharmacy.units import packs_and_pieces
from prescriptions import treatments
from prescriptions.models import DispenseLine, Prescription
from prescriptions.moves import locked, move
from prescriptions.states import BACK, RETURNABLE, RxState

# The only ones: what was once handed out is not taken back for others.
REASONS = {
    "quality": gettext_lazy("Quality of the drug"),
    "error": gettext_lazy("Error in dispensing"),
    "adverse": gettext_lazy("Adverse reaction"),
    "death": gettext_lazy("Death of the patient"),
    "transfer": gettext_lazy("Transfer to another institution"),
}

FAULTY = "quality"


def documents_of(prescription: Prescription):
    """What handed the sheet out: one document, or one for each second person."""
    rows = StockDocument.objects.filter(
        kind=StockDocument.Kind.DISPENSING, reference=prescription.number
    )
    return rows.order_by("pk")


def out_of(prescription: Prescription) -> list[Out]:
    """Each line that was handed out, with what the patient still has of it."""
    return [out for doc in documents_of(prescription) for out in papers.out_with_patients(doc)]


@atomic_retry
def take_back(
    *,
    prescription: Prescription,
    rows: list[tuple[StockMovement, int, bool]],
    reason: str,
    words: str = "",
    by,
) -> list[StockDocument]:
    """(movement that handed out, base units, intact) for each line; the documents made of it."""
    prescription = locked(prescription)
    if reason not in REASONS:
        raise RuleBroken(_("Please choose the reason."), field="reason", rule="R-117")
    if not rows:
        raise RuleBroken(
            _("Please write how many packs come back, in at least one line."), rule="R-117"
        )
    if reason == FAULTY and any(intact for _movement, _units, intact in rows):
        raise RuleBroken(
            _(
                "Not taken back: what comes back for its quality goes to nobody else. Please mark "
                "every line as not intact."
            ),
            field="reason",
            rule="R-117",
        )
    said = "：".join(filter(None, [on_record(REASONS[reason]), words.strip()]))
    made = []
    for document in documents_of(prescription):
        of_it = [row for row in rows if row[0].document_id == document.pk]
        if of_it:
            made += papers.take_back(document=document, rows=of_it, reason=said, by=by)
    return made


def follow(*, document: StockDocument, rows: list, reason: str, by) -> None:
    """The sheet whose drugs come back, by whichever page, says so (R-34)."""
    found = _sheet_of(document)
    if found is None or not rows:
        return
    prescription = locked(found)
    if prescription.state not in RETURNABLE:
        raise AlreadyDone(
            _("Not taken back: %(number)s is now “%(state)s”. Please look at it again.")
            % {"number": prescription.number, "state": prescription.get_state_display()},
            rule="R-34",
        )
    still = _left(prescription, rows)
    if prescription.state != RxState.ARCHIVED:
        state = RxState.PART_RETURNED if any(still.values()) else RxState.ALL_RETURNED
        move(prescription, state, by=by, reason=_said(rows, reason))
    why = on_record(gettext_lazy("The drugs were brought back."))
    treatments.drugs_came_back(prescription, still, by=by, reason=why)


def _left(prescription: Prescription, rows: list) -> dict:
    """What the patient keeps of each row that was handed out, in base units."""
    coming = {movement.pk: units for movement, units, _intact in rows}
    lines = DispenseLine.objects.filter(item__prescription=prescription)
    item_of = dict(lines.values_list("movement", "item"))
    left: dict = {}
    for out in out_of(prescription):
        item = item_of[out.movement.pk]
        left[item] = left.get(item, 0) + max(0, out.left - coming.get(out.movement.pk, 0))
    return left


def hold(document: StockDocument) -> None:
    """Lock the sheet of a return that is being undone; batches come after it."""
    found = _sheet_of(document)
    if found is not None:
        locked(found)


def settle(*, document: StockDocument, by) -> None:
    """The patient has the drugs after all: the sheet says again what is with them (R-34)."""
    found = _sheet_of(document)
    if found is None:
        return
    prescription = locked(found)
    if prescription.state not in BACK:
        return
    outs = out_of(prescription)
    left, all_of_it = sum(out.left for out in outs), sum(-out.movement.quantity for out in outs)
    state = RxState.PART_RETURNED if left < all_of_it else RxState.DISPENSED
    if left and state != prescription.state:
        words = _("The return %(number)s was taken back.") % {"number": document.number}
        move(prescription, state, by=by, reason=words)


def _sheet_of(document: StockDocument) -> Prescription | None:
    return Prescription.objects.filter(number=document.reference or "").first()


def _said(rows, reason: str) -> str:
    parts = [
        f"{movement.batch.drug.generic_name} {packs_and_pieces(movement.batch.drug, units)}"
        for movement, units, _intact in rows
    ]
    return f"{reason}：{'、'.join(parts)}"[:500]


class BackReasonForm(CleanTextMixin, forms.Form):
    """Why drugs come back; other reasons than these there are none."""

    half_width_fields = ("reason",)

    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"),
        choices=[("", gettext_lazy("Choose the reason")), *REASONS.items()],
        error_messages={"required": gettext_lazy("Please choose the reason.")},
    )
    words = forms.CharField(label=gettext_lazy("In words"), max_length=100, required=False)
