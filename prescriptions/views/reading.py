"""Reading: the doctor's own list, one sheet, its print."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from clinic.core.errors import RuleBroken
from clinic.core.posting import carry_out
from prescriptions import newest, pages, printing, sheets, signature
from prescriptions.access import readable
from prescriptions.states import AT_WINDOW, RxState
from security import audit
from security.access import needs
from security.permissions import P

# The tabs of the doctor's list: a word and the states it gathers.
TABS = {
    "returned": [RxState.RETURNED],
    "draft": [RxState.DRAFT],
    "review": [RxState.SUBMITTED],
    "pharmacy": [RxState.APPROVED, RxState.UNPAID, *AT_WINDOW],
    "done": [RxState.DISPENSED, RxState.ARCHIVED, RxState.PART_RETURNED, RxState.ALL_RETURNED]
    + [RxState.ISSUED],
    "off": [RxState.VOIDED, RxState.LAPSED],
}


@needs(P.PRESCRIBE)
@require_GET
def prescription_list(request):
    """The doctor's own sheets, newest first, by where they are."""
    show = request.GET.get("show", "")
    lists = newest.NewestOf(request.user, before=request.GET.get("before", ""))
    page = lists.page_of(TABS.get(show, list(RxState)), request.GET.get("page"))
    audit.record_read(
        by=request.user, screen="prescription_list", patients=[row.patient_id for row in page]
    )
    context = {
        "page": page,
        "show": show if show in TABS else "",
        "tabs": {name: lists.number_of(states) for name, states in TABS.items()},
        "all": lists.number_of(RxState),
    }
    return render(request, "prescriptions/prescription_list.html", context)


@needs(P.READ_PRESCRIPTION)
@require_GET
def prescription_show(request, pk):
    """One sheet as it stands, and what happened to it."""
    prescription = readable(request.user, pk)
    audit.record_read(
        by=request.user, screen="prescription_show", patients=[prescription.patient_id]
    )
    context = pages.read(prescription, request.user)
    return render(request, "prescriptions/prescription_show.html", context)


@needs(P.READ_PRESCRIPTION)
@require_http_methods(["GET", "POST"])
def prescription_print(request, pk):
    """The paper. A POST counts one more copy and then prints; a GET only shows it."""
    prescription = readable(request.user, pk)
    document = sheets.archived(prescription)
    if document is None and prescription.state not in printing.PRINTABLE:
        raise Http404
    here = reverse("prescription_print", args=[pk])
    if request.method == "POST":
        response = carry_out(
            request,
            printing.count_print,
            to=lambda sheet: f"{here}?copy={sheet.print_count}",
            prescription=prescription,
        )
        return response or redirect("prescription_show", pk)
    try:
        printing.require_current_allergies(prescription)
    except RuleBroken as error:
        messages.error(request, error.message)
        return redirect("prescription_show", pk)
    audit.record_read(
        by=request.user, screen="prescription_print", patients=[prescription.patient_id]
    )
    context = {
        **sheets.paper_of(prescription, document),
        "prescription": prescription,
        "archived": document,
        "signed_how": signature.signer().words,
        "again": printing.again(prescription.print_count - 1),
        "back_url": reverse("prescription_show", args=[pk]),
        "autoprint": request.GET.get("copy") == str(prescription.print_count),
    }
    return render(request, "prescriptions/prescription_print.html", context)
