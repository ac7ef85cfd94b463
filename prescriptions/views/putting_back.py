"""Undo of taking a row off, offered by the message of the page."""

from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from clinic.core.posting import carry_out
from prescriptions import pages
from prescriptions.models import PrescriptionItem
from prescriptions.putting_back import put_back
from security.access import needs
from security.permissions import P


@needs(P.PRESCRIBE)
@require_POST
def prescription_item_put_back(request, pk):
    """The row as it was, on the doctor's own sheet."""
    rows = PrescriptionItem.objects.select_related("prescription", "drug")
    item = get_object_or_404(rows, pk=pk, prescription__prescriber=request.user)
    here = pages.edit_url(item.prescription)
    response = carry_out(request, put_back, to=lambda _sheet: f"{here}?at=row", item=item)
    return response or redirect(here)
