"""Receipts: what was just taken with the change large, the paper, and the refund."""

from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from clinic.cashier import giving_back, refunds
from clinic.cashier.forms_money import PaperForm, RefundForm
from clinic.cashier.models import Receipt
from clinic.cashier.receipts import note_print
from clinic.core.posting import carry_out, repeated
from clinic.core.site import setting
from security import audit
from security.access import needs
from security.permissions import P

RECEIPTS = Receipt.objects.select_related(
    "bill__patient",
    "bill__registration__session__clinician__department",
    "bill__registration__session__clinician__user",
    "made_by",
    "refunds",
)


@needs(P.TAKE_MONEY)
@require_GET
def receipt_show(request, pk):
    """What was taken or given back, and what to do next."""
    receipt = get_object_or_404(RECEIPTS, pk=pk)
    return _show(request, receipt, "receipt_show", "cashier/receipt.html")


@needs(P.TAKE_MONEY)
@require_http_methods(["GET", "POST"])
def receipt_paper(request, pk):
    """The paper, 58 or 80 mm wide or A5; a POST counts a print of it, and a reprint says so."""
    receipt = get_object_or_404(RECEIPTS, pk=pk)
    form = PaperForm(request.POST or request.GET)
    paper = form.cleaned_data["paper"] if form.is_valid() else setting("cashier.receipt_paper")
    if request.method == "POST":
        here = f"{reverse('receipt_paper', args=[pk])}?paper={paper}&print=1"
        response = carry_out(
            request, note_print, to=lambda _row: here, receipt=receipt, paper=paper
        )
        return response or redirect("receipt_show", pk)
    return _show(request, receipt, "receipt_paper", "cashier/receipt_paper.html", paper=paper)


def _show(request, receipt, screen: str, template: str, **more):
    audit.record_read(by=request.user, screen=screen, patients=[receipt.bill.patient_id])
    payments = list(receipt.payments.order_by("pk"))
    prints = receipt.prints.count()
    printing = "print" in request.GET
    context = {
        "receipt": receipt,
        "visit": receipt.bill.registration,
        "patient": receipt.bill.patient,
        "lines": list(receipt.lines.order_by("rank")),
        "payments": payments,
        "change": next((row.change for row in payments if row.given is not None), None),
        "given": next((row.given for row in payments if row.given is not None), None),
        "insured": sum(line.payer_share for line in receipt.lines.all()),
        "refunds": list(receipt.refunded_by.order_by("made_at")),
        "prints": prints,
        # The print that was just counted is the first, or a copy of it.
        "copy": max(0, prints - 1 if printing else prints),
        "autoprint": printing,
        "usual_paper": setting("cashier.receipt_paper"),
        "back_url": reverse("receipt_show", args=[receipt.pk]),
        **more,
    }
    return render(request, template, context)


@needs(P.REFUND_MONEY)
@require_http_methods(["GET", "POST"])
def receipt_refund(request, pk):
    """Which lines go back, how many of each, by which way; the others say why they stay."""
    receipt = get_object_or_404(RECEIPTS, pk=pk)
    if again := repeated(request):
        return again
    backs = giving_back.of_receipt(receipt)
    if receipt.kind == Receipt.Kind.REFUND:
        return redirect("receipt_show", pk)
    form = RefundForm(request.POST or None, receipt=receipt, backs=backs)
    if request.method == "POST" and form.is_valid():
        response = carry_out(
            request,
            refunds.refund,
            to=lambda made: reverse("receipt_show", args=[made.pk]),
            form=form,
            done=_("The money was entered as given back."),
            receipt=receipt,
            quantities=form.quantities,
            ways=form.ways,
            reason=form.cleaned_data["reason"],
        )
        if response:
            return response
    audit.record_read(by=request.user, screen="receipt_refund", patients=[receipt.bill.patient_id])
    context = {
        "receipt": receipt,
        "visit": receipt.bill.registration,
        "patient": receipt.bill.patient,
        "form": form,
        "left": [(refunds.Way(way).label, amount) for way, amount in form.left.items()],
        "whole": giving_back.sums(backs),
        "is_possible": any(back.most for back in backs),
    }
    return render(request, "cashier/refund.html", context)
