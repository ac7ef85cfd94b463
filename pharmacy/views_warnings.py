"""The warnings, what to do about each, and the order list."""

from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.core.paging import page_of_keys
from clinic.core.posting import carry_out
from pharmacy.forms import as_id
from pharmacy.forms_warnings import HandleForm
from pharmacy.watch import handling, orders, reading
from security.access import needs
from security.permissions import P

PAGE = 50


@needs(P.SEE_STOCK)
@require_http_methods(["GET", "POST"])
def stock_warnings(request):
    """Everything that is open, by kind; ticked lines are marked as dealt with."""
    show = request.GET.get("show", "")
    page = page_of_keys(reading.listed(show), reading.whole(), request.GET.get("page"), PAGE)
    form = HandleForm(request.POST or None, rows=page.object_list)
    response = None
    if request.method == "POST" and form.is_valid():
        response = carry_out(
            request,
            handling.handle,
            to=lambda rows: reverse("stock_warnings"),
            form=form,
            done=_("Dealt with. What is still true comes back by itself."),
            ids=form.cleaned_data["chosen"],
            how=form.cleaned_data["how"],
            note=form.cleaned_data["note"],
        )
    return response or _page(request, page, form, show)


def _page(request, page, form, show):
    reading.amounts(page.object_list, orders.everywhere({row.drug_id for row in page}))
    ticked = set(form.data.getlist("chosen")) if form.is_bound else set()
    for row in page:
        row.ticked = str(row.pk) in ticked
    counts = reading.counts()
    return render(
        request,
        "pharmacy/stock_warnings.html",
        {
            "page": page,
            "form": form,
            "show": show,
            "counts": counts,
            "tabs": _tabs(counts, show),
            "day": reading.today_in_numbers(timezone.localdate()),
        },
    )


def _tabs(counts, show):
    words = [("", _("Open"), counts["open"])]
    words += [(kind.value, kind.label, counts[kind]) for kind in reading.ORDER]
    words += [("handled", _("Dealt with"), counts["handled"])]
    return [
        {"name": name, "label": label, "number": number, "current": name == show}
        for name, label, number in words
        if number or name in ("", show)
    ]


@needs(P.RECEIVE_STOCK)
@require_POST
def stock_warnings_undo(request):
    """Put one that was marked as dealt with back on the bell."""
    response = carry_out(
        request,
        handling.open_again,
        to=lambda rows: reverse("stock_warnings"),
        ids=[as_id(text) for text in request.POST.getlist("chosen")],
    )
    return response or redirect("stock_warnings")


@needs(P.SEE_STOCK)
@require_GET
def stock_orders(request):
    """What should be ordered now, to print or to write the order from; with ?all on one page."""
    rows = orders.listed().only("drug", "is_open")
    paginator = Paginator(rows, PAGE)
    if "all" in request.GET:
        paginator.per_page = max(1, paginator.count)
    page = paginator.get_page(request.GET.get("page"))
    lines = orders.shown(page.object_list)
    return render(
        request,
        "pharmacy/stock_orders.html",
        {
            "lines": lines,
            "page": page,
            "today": timezone.localdate(),
            "total": orders.total()
            if page.has_other_pages()
            else sum(line.wanted.amount for line in lines),
        },
    )
