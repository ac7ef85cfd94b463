"""Counting on the screen, typing in a paper sheet, and the sheets themselves."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from clinic.core.posting import carry_out, gone_on
from pharmacy import takes
from pharmacy.forms import as_id
from pharmacy.takes import pages
from pharmacy.takes.forms import CountForm, FoundForm, WhenForm, now_typed
from pharmacy.takes.result import TARGET, Result, result_of
from pharmacy.takes.scope import describe
from pharmacy.takes.states import ROUNDS, S, gone_on_words
from pharmacy.takes.views import address, differences, take_of
from security.access import needs
from security.long_forms import keeps_typed
from security.permissions import P

SHEET = 300  # lines on one print-out; a longer list is printed in parts


@keeps_typed("pharmacy.StockTake")
@needs(P.RECEIVE_STOCK, P.MANAGE_STOCK)
@require_http_methods(["GET", "POST"])
def stock_take_count(request, number):
    """Fifty lines in the order of the shelves; every press of Enter saves what is filled in."""
    take = take_of(number)
    if take.state not in ROUNDS:
        return gone_on(request, gone_on_words(take), "stock_take", number=number)
    if request.method == "POST":
        return _save(request, take)
    return _counting(request, take)


def _counting(request, take, *, wrong=(), when=None):
    bay = request.GET.get("bay")
    page = pages.page_of(pages.to_count(take, bay), request.GET.get("page"))
    typed = {key: request.GET[key] for key in ("at",) if key in request.GET}
    is_paper = when is not None or "at" in typed
    data = request.POST if wrong else None
    rows = pages.rows_of(take, page, edit=request.GET.get("edit", ""), data=data, wrong=wrong)
    context = {
        "take": take,
        "words": describe(take),
        "bays": pages.bays(take),
        "bay": bay,
        "page": page,
        "rows": rows,
        "is_paper": is_paper,
        "when": when or WhenForm(initial={"at": typed.get("at") or now_typed()}),
        "left_here": sum(1 for row in rows if not row.is_counted),
        "is_second": take.state == S.SECOND,
    }
    return render(request, "pharmacy/stock_take_count.html", context)


def _save(request, take):
    ids = [as_id(pk) for pk in request.POST.getlist("line")[: pages.PAGE]]
    lines = list(take.lines.filter(pk__in=ids).select_related("batch__drug"))
    when = WhenForm(request.POST) if "at" in request.POST else None
    if when is not None and not when.is_valid():
        return _counting(request, take, wrong=ids, when=when)
    entries, wrong = [], []
    for line in lines:
        form = CountForm(request.POST, drug=line.batch.drug, prefix=str(line.pk))
        if not form.is_valid():
            wrong.append(line.pk)
        elif form.quantity is not None:
            seen = as_id(request.POST.get(f"{line.pk}-seen"))
            entries.append(takes.Entry(line.pk, form.quantity, seen))
    told: list[str] = []
    response = carry_out(
        request,
        _count_and_tell(told),
        to=lambda _told: _back(request, take, when),
        form=when,
        take=take,
        entries=entries,
        at=when.moment(take) if when else None,
    )
    for sentence in told:
        messages.warning(request, sentence)
    take = take_of(take.number)
    if take.state not in ROUNDS:
        return response or redirect("stock_take", number=take.number)
    if response is None:
        return _counting(request, take, wrong=ids, when=when)
    return _counting(request, take, wrong=wrong, when=when) if wrong else response


def _count_and_tell(told: list[str]):
    """The verb; what it tells of colleagues' counts is kept, however often it is tried."""

    def count(**arguments):
        told[:] = takes.count(**arguments)
        return told

    return count


def _back(request, take, when) -> str:
    """The same page with the same time; not the line that was being changed."""
    kept = {key: request.GET[key] for key in ("bay", "page") if key in request.GET}
    if when is not None:
        kept["at"] = request.POST["at"]
    query = f"?{urlencode(kept)}" if kept else ""
    return reverse("stock_take_count", args=[take.number]) + query


@keeps_typed("pharmacy.StockTake")
@needs(P.RECEIVE_STOCK, P.MANAGE_STOCK)
@require_http_methods(["GET", "POST"])
def stock_take_found(request, number):
    """Add a batch that lies on the shelf and isn't on the list."""
    take = take_of(number)
    if take.state != S.COUNTING:
        return gone_on(request, gone_on_words(take), "stock_take", number=number)
    bay = request.GET.get("bay", "")[:20]
    form = (
        FoundForm(request.POST) if request.method == "POST" else FoundForm(initial={"shelf": bay})
    )
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        response = carry_out(
            request,
            takes.add_found,
            to=lambda line: reverse("stock_take_found", args=[take.number]),
            form=form,
            done=_("Added and counted: %(drug)s, lot %(lot)s.")
            % {"drug": typed["drug"].generic_name, "lot": typed["lot"]},
            take=take,
            at=form.moment(take),
            **{name: typed[name] for name in ("drug", "lot", "expires_on", "quantity", "shelf")},
        )
        if response:
            return response
    return render(
        request,
        "pharmacy/stock_take_found.html",
        {"take": take, "words": describe(take), "form": form},
    )


@needs(P.RECEIVE_STOCK, P.MANAGE_STOCK)
@require_GET
def stock_take_sheet(request, number):
    """The paper to count on, rack by rack; it never tells what the book says."""
    take = take_of(number)
    if take.state not in ROUNDS:
        return redirect("stock_take", number=number)
    bay = request.GET.get("bay")
    rows = pages.to_count(take, bay)
    parts = Paginator(rows, SHEET)
    part = parts.get_page(request.GET.get("part"))
    sheets: dict[str, list] = {}
    for line in part:
        sheets.setdefault(pages.bay_of(line.shelf), []).append(line)
    context = {
        "take": take,
        "words": describe(take),
        "part": part,
        "sheets": sheets.items(),
        "is_second": take.state == S.SECOND,
        "blank": range(0 if take.state == S.SECOND else 4),
        "back_url": address(take),
    }
    return render(request, "pharmacy/stock_take_sheet.html", context)


@needs(P.RECEIVE_STOCK, P.MANAGE_STOCK)
@require_GET
def stock_take_result(request, number):
    """The result on paper, with signatures."""
    take = take_of(number)
    if take.state not in (S.TO_CONFIRM, S.POSTING, S.POSTED):
        return redirect("stock_take", number=number)
    result = Result()
    if take.state == S.POSTED:
        result.add(take)
    else:
        result = result_of(take)
    part = Paginator(differences(take), SHEET).get_page(request.GET.get("part"))
    context = {
        "take": take,
        "words": describe(take),
        "result": result,
        "target": TARGET,
        "part": part,
        "back_url": address(take),
    }
    return render(request, "pharmacy/stock_take_result.html", context)
