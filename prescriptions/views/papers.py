"""The archive of sheets, the clinic's own layout, and the papers that go with the drugs."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from clinic.core.days import typed_date
from clinic.core.posting import carry_out
from clinic.core.site import setting
from prescriptions import (
    archive_search,
    layout,
    printing_bags,
    printing_infusion,
    register_list,
    signature,
)
from prescriptions.access import in_pharmacy, readable
from prescriptions.forms_papers import ArchiveForm, LayoutForm, initial_of
from prescriptions.models import Prescription
from prescriptions.sample_sheet import sample
from prescriptions.states import RxState
from security import audit
from security.access import needs
from security.permissions import P

PAGE = 50
WESTERN = Prescription.Form.WESTERN


@needs(P.PRESCRIBE, P.REVIEW_PRESCRIPTION, P.DISPENSE)
@require_http_methods(["GET", "POST"])
def archive_list(request):
    """Archived sheets by number, patient, doctor, day and class.

    Asked by a POST that changes nothing: no patient's name stands in an address (R-140).
    """
    form = ArchiveForm(request.POST)
    rows = archive_search.found(request.user, form.cleaned_data) if form.is_valid() else []
    page = Paginator(rows, PAGE).get_page(request.POST.get("page"))
    audit.record_read(
        by=request.user,
        screen="archive_list",
        patients=[document.prescription.patient_id for document in page],
    )
    context = {
        "form": form,
        "page": page,
        "rows": [archive_search.as_row(document) for document in page],
        "signed_how": signature.signer().words,
    }
    return render(request, "prescriptions/archive_list.html", context)


@needs(P.ADMINISTER)
@require_http_methods(["GET", "POST"])
def paper_layout(request):
    """How sheets are printed, with the paper beside the form; saving makes a new version."""
    if request.method == "POST":
        form = LayoutForm(request.POST)
        if form.is_valid() and request.POST.get("do") != "look":
            response = carry_out(
                request,
                layout.save_layout,
                to=lambda _row: reverse("paper_layout"),
                form=form,
                done=_("Saved: sheets are printed this way from now on."),
                form_of_sheet=WESTERN,
                layout=form.layout,
            )
            if response:
                return response
        shown = form.layout
    else:
        shown = layout.current(WESTERN)
        form = LayoutForm(initial=initial_of(shown))
    context = {"form": form, "sheet": sample(shown), "history": layout.history(WESTERN)}
    part = request.POST.get("part") == "preview"
    name = "_layout_preview.html" if part else "paper_layout.html"
    return render(request, f"prescriptions/{name}", context)


@needs(P.DISPENSE)
@require_GET
def bag_labels(request, pk):
    """Labels for the bags, one for each drug that is handed out (R-161)."""
    prescription = in_pharmacy(pk)
    _read(request, "bag_labels", prescription)
    context = {
        "labels": printing_bags.labels(prescription, rest=request.GET.get("of") == "rest"),
        "size": setting("prescription.label_paper"),
        "prescription": prescription,
        "back_url": _back(request, prescription),
    }
    return render(request, "prescriptions/bag_labels.html", context)


@needs(P.DISPENSE, P.SKIN_TEST)
@require_GET
def infusion_card(request, pk):
    """The card that hangs beside an infusion: groups, drip, times, who did it."""
    prescription = in_pharmacy(pk)
    if request.user.has_perm(P.READ_PRESCRIPTION):  # a doctor: of files open to them
        readable(request.user, pk)
    groups = printing_infusion.groups(prescription)
    if not groups or prescription.state == RxState.VOIDED:
        messages.info(request, _("There is no infusion on this sheet."))
        return redirect(_back(request, prescription))
    _read(request, "infusion_card", prescription)
    context = {
        **printing_infusion.card(prescription, groups),
        "back_url": _back(request, prescription),
    }
    return render(request, "prescriptions/infusion_card.html", context)


@needs(P.REVIEW_PRESCRIPTION, P.DISPENSE)
@require_GET
def prescription_register(request):
    """All sheets of a day on a list to print."""
    day = typed_date(request.GET.get("day")) or timezone.localdate()
    rows = register_list.of_day(day)
    audit.record_read(
        by=request.user,
        screen="prescription_register",
        patients=[row["sheet"].patient_id for row in rows],
    )
    context = {"rows": rows, "day": day, "now": timezone.localtime(), **register_list.totals(rows)}
    return render(request, "prescriptions/prescription_register.html", context)


def _read(request, screen: str, prescription: Prescription) -> None:
    audit.record_read(by=request.user, screen=screen, patients=[prescription.patient_id])


def _back(request, prescription: Prescription) -> str:
    if not request.user.has_perm(P.DISPENSE):
        return reverse("skin_test_list")
    waits = prescription.state in (RxState.PAID, RxState.PICKING)
    return reverse("dispense" if waits else "prescription_show", args=[prescription.pk])
