"""The day's papers (R-165): a GET shows, a POST hands out a sheet or a file and notes that."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clinic.core.tables.download import xlsx_response
from registration import bookings_desk
from registration.forms_reports import PaperForm, usual_periods
from registration.reports.catalogue import READERS, REPORTS, offered
from registration.reports.table import Asked, Report, Table, plain
from security import audit
from security.access import needs

PRINT, EXCEL = "print", "xlsx"


def _paper(name: str):
    """The view of one paper, for those who read it."""
    report = REPORTS[name]

    @needs(*READERS[name])
    @require_http_methods(["GET", "POST"])
    def view(request):
        if request.method == "POST":
            return _hand_out(request, report)
        return _show(request, report)

    return view


outpatient_log = _paper("outpatient_log")
registration_report = _paper("registration_report")
no_shows = _paper("no_shows")
waiting_times = _paper("waiting_times")


def _form(request, report: Report) -> PaperForm:
    is_asked = any(name in request.GET for name in ("since", "until", "doctor"))
    return PaperForm(request.GET if is_asked else None, report=report, user=request.user)


def _group(request, report: Report) -> str:
    asked = request.GET.get("group", "")
    return asked if asked in dict(report.groups) else ""


def _show(request, report: Report):
    """The page; or, with `as=print`, the sheet as it would be printed."""
    form = _form(request, report)
    on_paper = request.GET.get("as") == PRINT
    asked = form.asked(
        group=_group(request, report), page=request.GET.get("page", 1), on_paper=on_paper
    )
    table = report.answer(asked)
    note_read(request, report, table)
    if on_paper:
        return sheet(request, report, asked, table)
    if not form.is_bound:
        start = {"since": asked.since, "until": asked.until}
        form = PaperForm(initial=start, report=report, user=request.user)
    context = {
        "report": report,
        "reports": offered(request.user),
        "table": table,
        "asked": asked,
        "form": form,
        "periods": usual_periods(),
        "query": request.GET.urlencode(),
    }
    return render(request, "registration/report.html", context)


def _hand_out(request, report: Report):
    form = _form(request, report)
    kind = request.POST.get("as")
    if kind not in (PRINT, EXCEL) or (form.is_bound and not form.is_valid()):
        return HttpResponseRedirect(request.get_full_path())  # the page says what is wrong
    asked = form.asked(group=_group(request, report), on_paper=True)
    table = report.answer(asked)
    note_handed_out(report, asked, table, "print" if kind == PRINT else "export")
    if kind == PRINT:
        return sheet(request, report, asked, table, autoprint=True)
    return xlsx_response(plain(table), title=str(report.title))


def sheet(
    request,
    report: Report,
    asked: Asked,
    table: Table,
    template: str = "registration/report_print.html",
    **more,
) -> HttpResponse:
    """The paper; another room's own template extends ours."""
    query = request.GET.copy()
    query.pop("as", None)
    context = {
        "report": report,
        "table": table,
        "asked": asked,
        "now": timezone.localtime(),
        "query": query.urlencode(),
        "back_url": f"{request.path}?{query.urlencode()}",
        **more,
    }
    return render(request, template, context)


def note_read(request, report: Report, table: Table) -> None:
    audit.record_read(by=request.user, screen=report.url_name, patients=table.patients)
    bookings_desk.note_read(by=request.user, screen=report.url_name, bookings=table.bookings)


def note_handed_out(report: Report, asked: Asked, table: Table, event: str) -> None:
    """A table without people in it is nobody's business."""
    if not table.patients and not table.bookings:
        return
    data = {"since": str(asked.since), "until": str(asked.until), "entries": len(table.rows)}
    if table.bookings:
        data["bookings"] = sorted(booking.pk.hex for booking in table.bookings)
    people = sorted(set(table.patients))
    audit.record(event, subjects=people, screen=report.url_name, data=data)
