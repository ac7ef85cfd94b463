"""Freezing batches and calling lots back. No patient data: who got a lot stands in
prescriptions.views.recalls, for those who hand out."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Sum
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.core.posting import carry_out
from pharmacy import freezing, recalling
from pharmacy.forms_recalls import CloseForm, HoldForm, LotForm, RecallForm
from pharmacy.models import Batch, Drug, Recall
from pharmacy.places import several
from security.access import needs
from security.long_forms import keeps_typed
from security.permissions import P

PAGE = 50
MOST_LOTS = 20
MOST_AT_RISK = 50


@needs(P.MANAGE_STOCK)
@require_POST
def batch_hold(request, pk):
    """Freeze or release, from the page of the batch."""
    batch = get_object_or_404(Batch, pk=pk)
    form = HoldForm(request.POST)
    if not form.is_valid():
        messages.error(request, form.errors.get("reason", [_("Please write the reason.")])[0])
        return redirect("stock_ledger", pk)
    wanted = form.cleaned_data
    freezes = wanted["do"] == "freeze"
    response = carry_out(
        request,
        freezing.freeze if freezes else freezing.unfreeze,
        to=lambda _rows: reverse("stock_ledger", args=[pk]),
        done=_("Frozen: nothing of it goes out.")
        if freezes
        else _("Unfrozen: it may go out again."),
        batch=batch,
        reason=wanted["reason"],
        everywhere=wanted["everywhere"],
    )
    return response or redirect("stock_ledger", pk)


@needs(P.MANAGE_STOCK)
@require_GET
def recall_list(request):
    """Open recalls first, then the newest."""
    rows = Recall.objects.select_related("drug", "made_by").order_by("-state", "-pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(request, "pharmacy/recall_list.html", {"page": page})


@keeps_typed
@needs(P.MANAGE_STOCK)
@require_http_methods(["GET", "POST"])
def recall_new(request):
    """First the lot, then what the letter says; saving freezes all of it at once."""
    if request.method == "GET":
        batch = _batch(request.GET.get("batch", ""))
        if batch is None:
            return _choose_lot(request)
        return _form_page(request, batch, RecallForm(initial={"batch": batch.pk}))
    form = RecallForm(request.POST)
    batch = _batch(request.POST.get("batch", ""))
    if batch is None:
        raise Http404
    if form.is_valid():
        response = carry_out(
            request,
            recalling.recall_lot,
            to=lambda recall: reverse("recall_show", args=[recall.pk]),
            form=form,
            done=_("The lot is frozen everywhere. Now look after the patients who got it."),
            drug=batch.drug,
            lot=batch.lot,
            source=form.cleaned_data["source"],
            level=form.cleaned_data["level"],
            reason=form.cleaned_data["reason"],
        )
        if response:
            return response
    return _form_page(request, batch, form)


def _batch(pk: str) -> Batch | None:
    if not (pk.isascii() and pk.isdigit() and len(pk) < 13):
        return None
    return Batch.objects.select_related("drug").filter(pk=int(pk)).first()


def _choose_lot(request):
    form = LotForm(request.GET if "lot" in request.GET else None)
    found = []
    if form.is_valid():
        rows = Batch.objects.filter(lot=form.cleaned_data["lot"]).order_by("drug_id", "pk")
        by_drug = {batch.drug_id: batch for batch in rows.select_related("drug")[: MOST_LOTS * 5]}
        found = list(by_drug.values())[:MOST_LOTS]
    return render(request, "pharmacy/recall_lot.html", {"form": form, "found": found})


def _form_page(request, batch: Batch, form: RecallForm):
    same = Batch.objects.filter(drug_id=batch.drug_id, lot=batch.lot).order_by()
    sums = same.aggregate(left=Sum("on_hand"), batches=Count("pk"))
    return render(request, "pharmacy/recall_new.html", {"batch": batch, "form": form, "sums": sums})


@needs(P.MANAGE_STOCK)
@require_GET
def recall_show(request, pk):
    """What is left of the lot and where, which promises can't be kept, and how it ended."""
    return _recall_page(request, _recall(pk), CloseForm())


@needs(P.MANAGE_STOCK)
@require_POST
def recall_close(request, pk):
    """The end of a recall; batches stay frozen until they are released one by one."""
    recall = _recall(pk)
    form = CloseForm(request.POST)
    if form.is_valid():
        response = carry_out(
            request,
            recalling.close_recall,
            to=lambda closed: reverse("recall_show", args=[closed.pk]),
            form=form,
            done=_("The recall is closed. Batches that are still here stay frozen."),
            recall=recall,
            outcome=form.cleaned_data["outcome"],
        )
        if response:
            return response
    return _recall_page(request, recall, form)


def _recall(pk) -> Recall:
    rows = Recall.objects.select_related("drug", "made_by", "closed_by")
    return get_object_or_404(rows, pk=pk)


def _recall_page(request, recall: Recall, form: CloseForm):
    drug = Drug.objects.prefetch_related("control_classes").get(pk=recall.drug_id)
    batches = Batch.objects.filter(drug=drug, lot=recall.lot).select_related("place")
    batches = list(batches.order_by("-on_hand", "pk")[:PAGE])
    context = {
        "recall": recall,
        "drug": drug,
        "batches": batches,
        "left": sum(batch.on_hand for batch in batches),
        "several": several(),
        "at_risk": recalling.at_risk(drug)[:MOST_AT_RISK] if recall.state == "open" else [],
        "form": form,
    }
    return render(request, "pharmacy/recall_show.html", context)
