"""Fee items: their list, one of them with its prices and reductions, and the import of a list."""

from django.core.paginator import Paginator
from django.db.models import Case, Count, When
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from clinic.cashier import fee_items
from clinic.cashier.forms_fees import FeeForm, NewFeeForm, PriceForm, ReductionForm
from clinic.cashier.importing import NAME
from clinic.cashier.models import FeeItem
from clinic.core.posting import carry_out
from clinic.core.tables.steps import Steps
from clinic.core.text import row_number
from security.access import needs
from security.long_forms import keeps_typed
from security.permissions import P

PAGE = 50
# In the order in which a patient meets them.
RANK = Case(*(When(kind=kind, then=n) for n, kind in enumerate(FeeItem.Kind.values)))
STEPS = Steps(NAME, "fee_import", "fee_import_show")


@needs(P.MANAGE_FEES)
@require_GET
def fee_list(request):
    """Every item with its price in force and the next one; the strip chooses a kind."""
    text = request.GET.get("q", "")
    show = request.GET.get("show", "")
    rows = fee_items.matching(FeeItem.objects.select_related("department", "service"), text)
    if show in FeeItem.Kind.values:
        rows = rows.filter(kind=show, active=True)
    else:
        rows = rows.filter(active=show != "off")
    page = Paginator(rows.order_by(RANK, "code"), PAGE).get_page(request.GET.get("page"))
    page.object_list = fee_items.with_prices(page.object_list)
    context = {"page": page, "q": text, "show": show, "tabs": _tabs(show)}
    return render(request, "cashier/fee_list.html", context)


def _tabs(show: str) -> list[dict]:
    counts = dict(
        FeeItem.objects.filter(active=True).values_list("kind").annotate(n=Count("pk")).order_by()
    )
    stopped = FeeItem.objects.filter(active=False).count()
    tabs = [("", _("Items in use"), sum(counts.values()))]
    tabs += [(kind, label, counts.get(kind, 0)) for kind, label in FeeItem.Kind.choices]
    tabs.append(("off", _("Stopped"), stopped))
    return [
        {"show": name, "label": label, "count": count, "current": name == show}
        for name, label, count in tabs
        if count or not name
    ]


@keeps_typed
@needs(P.MANAGE_FEES)
@require_http_methods(["GET", "POST"])
def fee_new(request):
    """A new item with its first price."""
    form = NewFeeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        response = carry_out(
            request,
            fee_items.make,
            to=lambda item: reverse("fee_show", args=[item.pk]),
            form=form,
            done=_("Saved."),
            **form.cleaned_data,
        )
        if response:
            return response
    return render(request, "cashier/fee_new.html", {"form": form})


@needs(P.MANAGE_FEES)
@require_http_methods(["GET", "POST"])
def fee_show(request, pk):
    """One item: its words, its prices and planned ones, for whom it is cheaper."""
    item = get_object_or_404(FeeItem, pk=pk)
    step, _dash, which = request.POST.get("do", "").partition("-")
    forms = {
        "form": FeeForm(request.POST if step == "change" else None, instance=item),
        "price_form": PriceForm(request.POST if step == "price" else None, prefix="p"),
        "less_form": ReductionForm(request.POST if step == "less" else None, prefix="r"),
    }
    if request.method == "POST":
        response = _act(request, item, step, which, forms)
        if response:
            return response
    fresh = FeeItem.objects.select_related("department", "service").get(pk=pk)
    [fresh] = fee_items.with_prices([fresh])
    context = {
        "item": fresh,
        "history": fee_items.price_history(fresh),
        "reductions": fresh.reductions.all(),
        "today": timezone.localdate(),
        **forms,
    }
    return render(request, "cashier/fee_show.html", context)


def _act(request, item: FeeItem, step: str, which: str, forms: dict):
    """What the pressed button asks for; None where the page is to be shown again."""
    here = reverse("fee_show", args=[item.pk])
    verbs = {
        "change": (fee_items.save_item, forms["form"]),
        "price": (fee_items.set_price, forms["price_form"]),
        "less": (fee_items.add_reduction, forms["less_form"]),
    }
    if step in verbs:
        verb, form = verbs[step]
        if not form.is_valid():
            return None
        # A model form writes into its instance: the verb reads the row itself.
        target = {"item": FeeItem(pk=item.pk)}
        return _carry(request, verb, here, form, **target, **form.cleaned_data)
    number = row_number(which)
    if step == "withdraw":
        price = get_object_or_404(item.prices, pk=number)
        return _carry(request, fee_items.withdraw_price, here, price=price)
    if step == "end":
        reduction = get_object_or_404(item.reductions, pk=number)
        return _carry(request, fee_items.end_reduction, here, reduction=reduction)
    return None


def _carry(request, verb, here: str, form=None, **arguments):
    return carry_out(request, verb, to=lambda _made: here, form=form, done=_("Saved."), **arguments)


# --- import -------------------------------------------------------------------------------------


@needs(P.MANAGE_FEES)
@require_http_methods(["GET", "POST"])
def fee_import(request):
    """Choose a price list; earlier imports stand below."""
    return STEPS.list_page(request, "cashier/fee_import.html")


@needs(P.MANAGE_FEES)
@require_http_methods(["GET", "POST"])
def fee_import_show(request, pk):
    """One import, wherever it stands."""
    return STEPS.show_page(request, pk, "cashier/fee_import_show.html")


@needs(P.MANAGE_FEES)
@require_GET
def fee_import_refused(request, pk):
    """The refused lines with their reasons."""
    return STEPS.refused_page(pk)
