"""Who got a lot, for those who hand out; every look is recorded."""

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from pharmacy.models import Batch
from prescriptions import lots
from security import audit
from security.access import needs
from security.permissions import P

PAGE = 50


@needs(P.DISPENSE)
@require_GET
def lot_patients(request, pk):
    """Everybody who got some of this batch's lot, from whichever batch of it."""
    batch = get_object_or_404(Batch.objects.select_related("drug"), pk=pk)
    page = Paginator(lots.patients(batch), PAGE).get_page(request.GET.get("page"))
    shown = list(page)
    audit.record_read(by=request.user, screen="lot_patients", patients=shown)
    context = {
        "batch": batch,
        "page": page,
        "rows": lots.rows(batch, shown),
        "recall": lots.open_recall(batch),
    }
    return render(request, "prescriptions/lot_patients.html", context)
