"""Skin tests: the list of those that wait, and their results (R-45)."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinic.core.posting import carry_out
from prescriptions.forms import SkinTestForm
from prescriptions.models import PrescriptionItem
from prescriptions.skin_tests import OPEN, RESULTS, record_skin_test
from prescriptions.skin_timer import put_on, show_ends
from prescriptions.states import RxState
from prescriptions.treatment_list import give_allergies
from security import audit
from security.access import needs
from security.permissions import P

MOST_TESTS = 60


@needs(P.SKIN_TEST)
@require_GET
def skin_test_list(request):
    """Tests that wait for their result: name, drug, since when; nothing else of the sheet."""
    rows = PrescriptionItem.objects.filter(
        skin_test="pending", removed_at__isnull=True, prescription__state__in=OPEN
    ).exclude(prescription__state=RxState.DRAFT)
    rows = rows.select_related("prescription__patient", "prescription__consultation__registration")
    rows = rows.prefetch_related("prescription__patient__allergies")
    rows = list(rows.order_by("skin_test_at", "pk")[:MOST_TESTS])
    show_ends(rows)
    give_allergies([row.prescription.patient for row in rows])
    audit.record_read(
        by=request.user,
        screen="skin_test_list",
        patients=[row.prescription.patient_id for row in rows],
    )
    return render(request, "prescriptions/skin_test_list.html", {"rows": rows, "results": RESULTS})


@needs(P.SKIN_TEST, P.PRESCRIBE)
@require_POST
def skin_test(request, pk):
    """The state of a row's skin test: by its doctor while writing, later the result."""
    rows = PrescriptionItem.objects.select_related("prescription__patient", "drug")
    item = get_object_or_404(rows, pk=pk, removed_at__isnull=True)
    if item.prescription.state == RxState.DRAFT:
        item = get_object_or_404(rows, pk=pk, prescription__prescriber=request.user)
    back = _back(request)
    form = SkinTestForm(request.POST)
    if "put_on" in request.POST:
        form.is_valid()  # the state is chosen later
        lot = form.cleaned_data.get("lot", "")
        response = carry_out(request, put_on, to=lambda _item: back, item=item, lot=lot)
        return response or HttpResponseRedirect(back)
    if not form.is_valid():
        wrong = _("Not saved: please choose the state of the skin test.")
        if "put_on_at" in form.errors:
            wrong = _("Not saved: please write the time it was put on as 9:05.")
        messages.error(request, wrong)
        return HttpResponseRedirect(back)
    response = carry_out(
        request,
        record_skin_test,
        to=lambda _item: back,
        done=_("The skin test of %(drug)s is saved.") % {"drug": item.drug_name},
        item=item,
        state=form.cleaned_data["state"],
        lot=form.cleaned_data["lot"],
        put_on_at=form.cleaned_data["put_on_at"],
    )
    return response or HttpResponseRedirect(back)


def _back(request) -> str:
    """The page the form stood on, if it is one of ours."""
    here = request.POST.get("next", "")
    if here.startswith("/") and url_has_allowed_host_and_scheme(here, {request.get_host()}):
        return here
    return reverse("skin_test_list")
