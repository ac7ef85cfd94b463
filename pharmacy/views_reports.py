"""The stock's reports, each as page, on paper and as Excel; and the ledger of one drug."""

from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from clinic.core.tables.download import xlsx_response
from pharmacy.forms_reports import ReportForm
from pharmacy.models import Drug, StockMovement
from pharmacy.places import several
from pharmacy.reports.catalogue import REPORTS
from pharmacy.reports.table import plain
from security.access import needs
from security.permissions import P

PAGE = 50


@needs(P.RECEIVE_STOCK)
@require_GET
def stock_report(request, slug="turnover"):
    """One report with what was asked of it."""
    report = REPORTS.get(slug)
    if report is None:
        raise Http404
    form = ReportForm(request.GET or None, report=report)
    if request.GET.get("as") == "xlsx":
        table = report.answer(form.asked(all_pages=True))
        return xlsx_response(plain(table), title=str(report.title))
    asked = form.asked(page=request.GET.get("page", 1))
    if not form.is_bound:
        form = ReportForm(
            initial={name: getattr(asked, name) for name in report.asks}, report=report
        )
    return render(
        request,
        "pharmacy/stock_report.html",
        {
            "report": report,
            "reports": REPORTS.values(),
            "table": report.answer(asked),
            "asked": asked,
            "form": form,
            "query": request.GET.urlencode(),
        },
    )


@needs(P.RECEIVE_STOCK)
@require_GET
def drug_ledger(request, pk):
    """Every movement of one drug in all its batches, the newest first, with its balance."""
    drug = get_object_or_404(Drug, pk=pk)
    rows = StockMovement.objects.filter(drug=drug).order_by("-made_at", "-pk")
    # The places are fetched apart: MariaDB would begin with a table of one or two rows, and sort
    # all that was ever moved of the drug for one page.
    shown = rows.select_related("document", "batch", "made_by").prefetch_related("place")
    page = Paginator(shown, PAGE).get_page(request.GET.get("page"))
    _balances(drug, rows, page)
    context = {"drug": drug, "page": page, "several": several()}
    return render(request, "pharmacy/drug_ledger.html", context)


def _balances(drug, rows, page) -> None:
    """`.of_drug` of each row: what lay here of the drug, in all batches, after the movement."""
    newer = rows[: max(0, page.start_index() - 1)]
    after = newer.aggregate(total=Sum("quantity"))["total"] or 0 if page.number > 1 else 0
    left = (drug.batches.aggregate(total=Sum("on_hand"))["total"] or 0) - after
    for row in page:
        row.of_drug = left
        left -= row.quantity
