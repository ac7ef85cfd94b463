"""The papers of the evaluation: a GET shows, a POST hands out a sheet or a file and notes that."""

from datetime import timedelta

from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinic.core.tables.download import xlsx_response
from prescriptions.evaluation.reports import COMPLIANCE, MONTHLY, REPORTS
from prescriptions.forms_evaluation import FiguresForm
from registration.reports.table import Report, plain
from registration.views.reports import EXCEL, PRINT, note_handed_out, note_read, sheet
from security.access import needs
from security.permissions import P

PAGE = "prescriptions/evaluation_report.html"


@needs(P.REVIEW_PRESCRIPTION)
@require_http_methods(["GET", "POST"])
def rx_compliance(request):
    """Compliance by month, doctor or item."""
    return _paper(request, COMPLIANCE)


@needs(P.REVIEW_PRESCRIPTION)
@require_http_methods(["GET", "POST"])
def rx_monthly_form(request):
    """处方点评工作表 of a month."""
    return _paper(request, MONTHLY)


def _paper(request, report: Report):
    is_asked = any(name in request.GET for name in ("since", "until", "doctor"))
    form = FiguresForm(request.GET if is_asked else None, report=report, user=request.user)
    group = request.GET.get("group", "")
    group = group if group in dict(report.groups) else ""
    if request.method == "POST":
        return _hand_out(request, report, form, group)
    on_paper = request.GET.get("as") == PRINT
    asked = form.asked(group=group, page=request.GET.get("page", 1), on_paper=on_paper)
    table = report.answer(asked)
    note_read(request, report, table)
    if on_paper:
        return sheet(request, report, asked, table)
    if not form.is_bound:
        start = {"since": asked.since, "until": asked.until}
        form = FiguresForm(initial=start, report=report, user=request.user)
    context = {
        "report": report,
        "reports": REPORTS.values(),
        "table": table,
        "asked": asked,
        "form": form,
        "periods": _periods(report.longest),
        "query": request.GET.urlencode(),
    }
    return render(request, PAGE, context)


def _hand_out(request, report: Report, form: FiguresForm, group: str):
    kind = request.POST.get("as")
    if kind not in (PRINT, EXCEL) or (form.is_bound and not form.is_valid()):
        return HttpResponseRedirect(request.get_full_path())  # the page says what is wrong
    asked = form.asked(group=group, on_paper=True)
    table = report.answer(asked)
    note_handed_out(report, asked, table, "print" if kind == PRINT else "export")
    if kind == PRINT:
        return sheet(request, report, asked, table, autoprint=True)
    return xlsx_response(plain(table), title=str(report.title))


def _periods(longest: int) -> list[dict]:
    today = timezone.localdate()
    before = today.replace(day=1) - timedelta(days=1)
    return [
        {"label": label, "since": since, "until": until}
        for label, since, until in [
            (_("This month"), today.replace(day=1), today),
            (_("Last month"), before.replace(day=1), before),
            (_("This year"), today.replace(month=1, day=1), today),
        ]
        if (until - since).days < longest
    ]
