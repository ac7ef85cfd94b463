"""The shelf: what is there, what comes in, and what is known about each drug. No patient data."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.core.errors import RuleBroken
from clinic.core.paging import page_of_keys
from clinic.core.posting import carry_out
from pharmacy import alerts, catalogue, holding, receiving, scanning
from pharmacy.lists.form import ListForm, said_of
from pharmacy.models import Batch, StockWarning
from pharmacy.navigation import ladder, tabs
from pharmacy.places import several
from pharmacy.watch import orders, reading
from security.access import needs
from security.long_forms import keeps_typed
from security.permissions import P

PAGE = 50
FIRST = 6  # warnings beside the shelf; all of them are a link away


@needs(P.SEE_STOCK)
@require_GET
def stock_list(request):
    """The whole shelf, narrowed by a warning or by words; drug names are nobody's secret."""
    today = timezone.localdate()
    show = request.GET.get("show", "")
    sort = request.GET.get("sort") if request.GET.get("sort") in alerts.SORTS else "name"
    text = request.GET.get("q", "")
    counts = alerts.counts()
    page = page_of_keys(
        catalogue.matching(alerts.listed(today, show, sort), text),
        alerts.shelf(today).prefetch_related("control_classes"),
        request.GET.get("page"),
        PAGE,
        counted=None if text.strip() else counts.get(show, counts["all"]),
    )
    for drug in page:
        drug.available = max(0, drug.usable - drug.reserved)
        drug.is_low = drug.active and drug.everywhere < drug.lower_limit
    first = [] if show or text else _first_warnings(request.user)
    if several():
        alerts.by_place(page.object_list)
    return render(
        request,
        "pharmacy/stock_list.html",
        {
            "page": page,
            "today": today,
            "q": text,
            "show": show,
            "sort": sort,
            "ladder": ladder(counts, show),
            "tabs": tabs(counts, show),
            "first": first,
        },
    )


def _first_warnings(user) -> list:
    """What is to be dealt with first, for whoever deals with it."""
    if not user.has_perm(P.RECEIVE_STOCK):
        return []
    rows = list(
        reading.whole().filter(StockWarning.NOW, is_open=True).order_by("urgency", "pk")[:FIRST]
    )
    reading.amounts(rows, orders.everywhere({row.drug_id for row in rows}))
    return rows


@keeps_typed
@needs(P.RECEIVE_STOCK)
@require_http_methods(["GET", "POST"])
def stock_receive(request):
    """A delivery, line by line; kept as a draft until it is taken in as a whole."""
    if request.method == "GET":
        draft = receiving.draft_of(request.user)
        typed = receiving.with_blank_line(draft or receiving.EMPTY)
        return _delivery_page(
            request, receiving.Delivery(typed, fresh=True, by=request.user), has_draft=bool(draft)
        )
    typed = receiving.typed_in(request.POST)
    step = request.POST.get("do", "save")
    if step == "discard":
        _discard(request)
        return redirect("stock_receive")
    if step == "file" or request.FILES:  # whatever was pressed: its lines are to be looked at first
        return _bring_list(request, typed)
    if step != "save":
        receiving.keep(receiving.after(step, typed), by=request.user)
        request.carried_out = True  # all of it stands in the delivery's own draft now
        return redirect("stock_receive")
    delivery = receiving.Delivery(receiving.with_a_line(typed), by=request.user)
    response = None
    if delivery.is_valid():
        response = carry_out(
            request,
            receiving.take_in,
            to=lambda document: reverse("stock_document", args=[document.number]),
            form=delivery.head,
            done=_("The delivery is on the shelf."),
            delivery=delivery,
        )
    else:
        receiving.keep(typed, by=request.user)
        request.carried_out = True
    return response or _delivery_page(request, delivery, has_draft=not delivery.is_valid())


def _discard(request) -> None:
    """Thrown away at once; the message brings it back."""
    request.carried_out = True
    if receiving.discard(by=request.user):
        undo = f"undo={reverse('stock_receive_bring_back')}"
        messages.success(request, _("The delivery you were typing was thrown away."), undo)


@needs(P.RECEIVE_STOCK)
@require_POST
def stock_receive_bring_back(request):
    """Undo of throwing the delivery away."""
    if not receiving.bring_back(by=request.user):
        messages.info(request, _("This draft is gone already."))
    return redirect("stock_receive")


def _bring_list(request, typed: dict):
    """The rows of the supplier's file become lines; where it can't be read all stays as it was."""
    form = ListForm(files=request.FILES)
    if form.is_valid():
        try:
            brought = receiving.with_file(typed, form.cleaned_data["file"].read())
        except RuleBroken as error:
            form.add_error("file", error.message)
        else:
            receiving.keep(brought.typed, by=request.user)
            request.carried_out = True
            messages.info(request, said_of(brought))
            return redirect("stock_receive")
    receiving.keep(typed, by=request.user)
    delivery = receiving.Delivery(receiving.with_blank_line(typed), fresh=True, by=request.user)
    for line in delivery.lines:
        line.focus = ""  # the cursor goes to the file's field
    return _delivery_page(request, delivery, has_draft=True, list_form=form)


def _delivery_page(request, delivery, *, has_draft: bool, list_form=None):
    today = timezone.localdate()
    context = {
        "delivery": delivery,
        "form": delivery.head,
        "list_form": list_form or ListForm(),
        "has_draft": has_draft,
        "today": today,
        "ladder": ladder(alerts.counts(), ""),
        "to_do": alerts.to_do(today),
    }
    return render(request, "pharmacy/stock_receive.html", context)


@needs(P.SEE_STOCK)
@require_GET
def stock_ledger(request, pk):
    """One batch: every movement with the balance after it, the newest first (R-107)."""
    batch = get_object_or_404(Batch.objects.select_related("drug", "place"), pk=pk)
    rows = batch.movements.select_related("document", "made_by").order_by("-pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {"batch": batch, "page": page, "several": several(), **holding.about(batch)}
    return render(request, "pharmacy/stock_ledger.html", context)


@needs(P.RECEIVE_STOCK, P.MANAGE_DRUGS)
@require_POST
def drug_choices(request):
    """The list under the drug field of a delivery line."""
    text = request.POST.get("q", "")
    drugs = catalogue.scanned_or_typed(text)
    costs = catalogue.last_costs([drug.pk for drug in drugs])
    for drug in drugs:
        drug.last_cost = costs.get(drug.pk, "")
    context = {"drugs": drugs, "trace_code": scanning.trace_code(text)}
    return render(request, "pharmacy/drug_choices.html", context)
