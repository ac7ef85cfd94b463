"""Price documents: planned, in force, printed (R-122)."""

from django.core.paginator import Paginator
from django.db.models import Count, Min
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.core.posting import carry_out
from pharmacy import prices
from pharmacy.forms import as_id
from pharmacy.models import Drug, DrugPrice, StockDocument
from pharmacy.price_sheet import PriceSheet
from security.access import needs
from security.long_forms import keeps_typed
from security.permissions import P

PAGE = 50


def _documents():
    return (
        StockDocument.objects.filter(kind=StockDocument.Kind.PRICE)
        .select_related("made_by")
        .annotate(drugs=Count("prices"), since=Min("prices__since"), state_now=Min("prices__state"))
    )


@needs(P.MANAGE_DRUGS)
@require_GET
def price_list(request):
    """Every price document, the newest first."""
    page = Paginator(_documents().order_by("-pk"), PAGE).get_page(request.GET.get("page"))
    for document in page:
        document.state_word = DrugPrice.State(document.state_now or "applied").label
    return render(request, "pharmacy/price_list.html", {"page": page})


@keeps_typed
@needs(P.MANAGE_DRUGS)
@require_http_methods(["GET", "POST"])
def price_new(request):
    """Drugs and their new prices; found one by one, saved together."""
    if request.method == "GET":
        first = Drug.objects.filter(pk=as_id(request.GET.get("drug")), active=True).first()
        sheet = PriceSheet(first=first)
        return render(request, "pharmacy/price_new.html", {"sheet": sheet, "form": sheet.head})
    sheet = PriceSheet(request.POST)
    step = request.POST.get("do", "add")
    response = None
    if step.startswith("remove-"):
        sheet.remove(step.removeprefix("remove-"))
    elif step != "save":
        sheet.add(request.POST)
    elif sheet.is_valid():
        response = carry_out(
            request,
            prices.change_prices,
            to=lambda document: reverse("price_show", args=[document.number]),
            form=sheet.head,
            done=_("The price change is posted."),
            lines=sheet.lines,
            reason=sheet.head.cleaned_data["reason"],
            effective_at=sheet.effective_at,
        )
    if step != "save":  # nothing was asked of the head yet
        sheet.head = type(sheet.head)(
            initial={name: request.POST.get(name, "") for name in sheet.head.fields}
        )
    return response or render(
        request, "pharmacy/price_new.html", {"sheet": sheet, "form": sheet.head}
    )


def _one(number: str) -> tuple[StockDocument, list[DrugPrice]]:
    documents = StockDocument.objects.select_related("made_by", "reversed_by")
    document = get_object_or_404(documents, number=number, kind=StockDocument.Kind.PRICE)
    return document, list(document.prices.select_related("drug").order_by("pk"))


def _context(number: str) -> dict:
    document, rows = _one(number)
    for row in rows:
        row.change = row.price - row.before
    return {"document": document, "rows": rows, "first": rows[0] if rows else None}


@needs(P.SEE_STOCK, P.MANAGE_DRUGS)
@require_GET
def price_show(request, number):
    """One price document."""
    context = _context(number)
    first = context["first"]
    is_planned = bool(first and first.state == DrugPrice.State.PLANNED)
    context["may_withdraw"] = is_planned and request.user.has_perm(P.MANAGE_DRUGS)
    return render(request, "pharmacy/price_show.html", context)


@needs(P.SEE_STOCK, P.MANAGE_DRUGS)
@require_GET
def price_print(request, number):
    """The notice that is put up or filed."""
    back = reverse("price_show", args=[number])
    return render(request, "pharmacy/price_print.html", {**_context(number), "back_url": back})


@needs(P.MANAGE_DRUGS)
@require_POST
def price_withdraw(request, number):
    """Take a planned change back."""
    document, _rows = _one(number)
    here = reverse("price_show", args=[number])
    response = carry_out(
        request,
        prices.withdraw_prices,
        to=lambda _reversal: here,
        done=_("The price change is withdrawn."),
        document=document,
        reason=request.POST.get("reason", "")[:200],
    )
    return response or redirect("price_show", number)
