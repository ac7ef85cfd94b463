"""Drugs that a patient brings back, from the sheet that handed them out (R-117)."""

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinic.core.posting import carry_out, gone_on
from pharmacy import controlled, papers
from pharmacy.paper_forms import BackForm
from prescriptions import pages, returning
from prescriptions.access import in_pharmacy
from prescriptions.moves import no_longer
from prescriptions.states import RETURNABLE
from security import audit
from security.access import needs
from security.long_forms import keeps_typed
from security.permissions import P


@keeps_typed
@needs(P.DISPENSE)
@require_http_methods(["GET", "POST"])
def prescription_return(request, pk):
    """What was handed out, and how many packs of each line come back."""
    prescription = in_pharmacy(pk)
    data = request.POST if request.method == "POST" else None
    if prescription.state not in RETURNABLE:
        return gone_on(request, no_longer(prescription), "prescription_show", pk)
    forms = [BackForm(data, out=out) for out in returning.out_of(prescription)]
    form = returning.BackReasonForm(data)
    valid = [one.is_valid() for one in [form, *forms]] if data is not None else [False]
    if all(valid):
        rows = [one.row for one in forms if one.row]
        response = carry_out(
            request,
            returning.take_back,
            to=lambda _made: reverse("prescription_show", args=[pk]),
            form=form,
            done=_done(rows),
            prescription=prescription,
            rows=rows,
            **form.cleaned_data,
        )
        if response:
            return response
    audit.record_read(
        by=request.user, screen="prescription_return", patients=[prescription.patient_id]
    )
    context = {**pages.about(prescription, request.user), "rows": _with_whys(forms), "form": form}
    return render(request, "prescriptions/prescription_return.html", context)


def _with_whys(forms: list[BackForm]) -> list[dict]:
    """Beside each line, why it can't go back on the shelf."""
    drugs = {form.out.movement.batch.drug for form in forms}
    classes = controlled.classes_of([drug.pk for drug in drugs], timezone.localdate())
    return [
        {
            "form": form,
            "batch": form.out.movement.batch,
            "why": papers.is_never_sold_again(drug, classes.get(drug.pk, "")),
        }
        for form in forms
        for drug in [form.out.movement.batch.drug]
    ]


def _done(rows) -> str:
    if all(intact for _movement, _units, intact in rows):
        return _("The drugs are back.")
    return _(
        "The drugs are back. What is not intact lies apart until a colleague has looked at it and "
        "posted its document."
    )
