"""The page of figures, one figure over time, and the files behind a figure."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from clinic.statistics import book, gathering, links, plots, shown
from clinic.statistics.asked import Asked, AskForm, compares
from clinic.statistics.figures import BY_KEY, FIGURES
from clinic.statistics.spans import KINDS, so_far
from patients.completeness import incomplete, missing
from registration.reports.catalogue import offered
from security import audit
from security.access import needs
from security.permissions import P

PRINT, EXCEL = "print", "xlsx"
PAGE = 40


@needs(P.SEE_STATISTICS)
@require_http_methods(["GET", "POST"])
def statistics(request):
    """The ten figures; a POST hands out the paper or the workbook and notes that."""
    form, asked = _asked(request)
    kind = request.POST.get("as") if request.method == "POST" else request.GET.get("as")
    if request.method == "POST" and (kind not in (PRINT, EXCEL) or form.errors):
        return HttpResponseRedirect(request.get_full_path())  # the page says what is wrong
    picture = shown.picture(asked)
    if request.method == "POST":
        _note(asked, kind)
        if kind == EXCEL:
            return book.response(picture)
    context = {
        **_context(form, asked),
        "picture": picture,
        "cards": [
            (card, plots.card_plot(card), links.behind(card, asked)) for card in picture.cards
        ],
        "whole_name": _("The whole clinic"),
        "whose": book.whose(picture),
    }
    if kind == PRINT:
        context |= {"autoprint": request.method == "POST", "now": timezone.localtime()}
        context["back_url"] = f"{request.path}?{context['query']}"
        return render(request, "clinic/statistics_print.html", context)
    return render(request, "clinic/statistics.html", context)


@needs(P.SEE_STATISTICS)
@require_GET
def statistics_figure(request, key):
    """One figure: over time, by doctor, by department, and how it is computed."""
    if key not in BY_KEY:
        raise Http404
    form, asked = _asked(request)
    found = shown.trend(asked, BY_KEY[key])
    tables = [
        (_("By doctor"), _("Doctor"), found.doctors),
        (_("By department"), _("Department"), found.departments),
    ]
    title = _("%(figure)s by period") % {"figure": found.figure.title}
    context = {
        **_context(form, asked),
        "trend": found,
        "card": found.card,
        "figures": FIGURES,
        "tables": [table for table in tables if table[-1]],
        "figure": found.figure,
        "plot": plots.trend_plot(found.figure, found.points, title),
        "rows": [(plots.label_of(span), span, cell) for span, cell in reversed(found.points)],
        "link": links.behind(found.card, asked),
        "has_small": any(cell.is_hidden for _span, cell in found.points),
    }
    return render(request, "clinic/statistics_figure.html", context)


@needs(P.WRITE_PATIENT)
@require_GET
def statistics_files(request):
    """The files that lack something, of the patients seen in these days, and what each lacks."""
    _form, asked = _asked(request)
    lacking = gathering.seen_by(asked.span, **asked.whose).filter(incomplete())
    lacking = lacking.select_related("basics").order_by("pk")
    page = Paginator(lacking, PAGE).get_page(request.GET.get("page"))
    rows = [(patient, missing(patient)) for patient in page.object_list]
    rows = [(patient, items, _place(request.user, patient, items)) for patient, items in rows]
    audit.record_read(
        by=request.user,
        screen="statistics_files",
        patients=[patient.pk for patient, *_lacks in rows],
    )
    context = {"asked": asked, "page": page, "rows": rows, "query": urlencode(asked.query)}
    context["may_see"] = request.user.has_perm(P.SEE_STATISTICS)
    return render(request, "clinic/statistics_files.html", context)


def _place(user, patient, items) -> str:
    """The page on which the first missing thing is filled in."""
    pages = {"allergies": "patient_allergies"}
    if user.has_perm(P.WRITE_BASICS):
        pages["histories"] = "patient_basics"
    return reverse(pages.get(items[0].key, "patient_edit"), args=[patient.pk])


def _asked(request) -> tuple[AskForm, Asked]:
    names = ("period", "since", "until", "doctor", "department")
    is_asked = any(name in request.GET for name in names)
    form = AskForm(request.GET if is_asked else None, user=request.user)
    return form, form.asked()


def _context(form: AskForm, asked: Asked) -> dict:
    """What every page of figures needs: the answered form, the usual periods, the way back."""
    start = {**asked.query, "since": asked.span.since, "until": asked.span.until}
    today = timezone.localdate()
    later = asked.span.after if asked.span.kind else None
    return {
        "form": form if form.errors else AskForm(initial=start, user=asked.user),
        "asked": asked,
        "query": urlencode(asked.query),
        "periods": [(kind, words, so_far(kind, today, today)) for kind, words in _periods()],
        "earlier": asked.span.before,
        "later": so_far(asked.span.kind, later, today) if later and later <= today else None,
        "reports": offered(asked.user),
        "compares": compares(asked.user),
    }


def _periods() -> list[tuple[str, str]]:
    return list(
        zip(KINDS, [_("Today"), _("This week"), _("This month"), _("This year")], strict=True)
    )


def _note(asked: Asked, kind: str) -> None:
    """Figures name no patient, and yet it is told who took them out of the house."""
    data = {"since": str(asked.span.since), "until": str(asked.span.until)}
    audit.record("print" if kind == PRINT else "export", screen="statistics", data=data)
