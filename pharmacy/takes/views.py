"""The pages of stock-taking: the list, beginning, one take, the steps it goes through."""

from contextlib import suppress

from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.core.errors import Busy
from clinic.core.posting import carry_out
from pharmacy import takes
from pharmacy.forms import as_id
from pharmacy.models import StockTake
from pharmacy.places import several
from pharmacy.takes import pages, work
from pharmacy.takes.counting import DIFFERS
from pharmacy.takes.forms import ReasonForm, StartForm
from pharmacy.takes.plot import plot_of
from pharmacy.takes.result import TARGET, Result, result_of
from pharmacy.takes.scope import describe
from pharmacy.takes.states import MOVES, OPEN, ROUNDS, S
from security.access import needs
from security.long_forms import keeps_typed
from security.permissions import P

RELATED = ["place", "group", "started_by", "confirmed_by", "cancelled_by", "document"]


def take_of(number: str) -> StockTake:
    return get_object_or_404(StockTake.objects.select_related(*RELATED), number=number)


def address(take: StockTake) -> str:
    return reverse("stock_take", args=[take.number])


def _go_on() -> None:
    """Do now what the button set going; when the database is busy, the scheduler does it."""
    with suppress(Busy):
        work.go_on(seconds=work.PATIENCE)


@needs(P.RECEIVE_STOCK, P.MANAGE_STOCK)
@require_GET
def stock_takes(request):
    """Open takes, then what earlier ones came to."""
    rows = StockTake.objects.select_related("started_by", "group")
    current = list(rows.filter(state__in=OPEN)[: pages.PAGE])
    page = pages.page_of(rows.exclude(state__in=OPEN), request.GET.get("page"))
    for take in [*current, *page]:
        take.words = describe(take)
        if take.state == S.POSTED:
            take.result = Result()
            take.result.add(take)
    recent = list(StockTake.objects.filter(state=S.POSTED).order_by("-posted_at")[:24])
    return render(
        request,
        "pharmacy/stock_takes.html",
        {"current": current, "page": page, "plot": plot_of(recent), "target": TARGET},
    )


@keeps_typed
@needs(P.MANAGE_STOCK)
@require_http_methods(["GET", "POST"])
def stock_take_new(request):
    """Choose what to count and take the snapshot."""
    form = StartForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        response = carry_out(request, takes.start, to=address, form=form, **form.arguments())
        if response:
            _go_on()
            return response
    return render(request, "pharmacy/stock_take_new.html", {"form": form})


@needs(P.RECEIVE_STOCK, P.MANAGE_STOCK)
@require_GET
def stock_take(request, number):
    """Where the take stands and what comes next; the result once both counts are done."""
    return _page(request, take_of(number))


def _page(request, take, *, reasons=None):
    context = {
        "take": take,
        "words": describe(take),
        "several": several(),
        "steps": pages.steps(take),
        "can_cancel": S.CANCELLED in MOVES[take.state],
    }
    if take.state in ROUNDS:
        context["bays"] = pages.bays(take)
        context["next_bay"] = next((bay for bay in context["bays"] if bay.left), None)
    elif take.state in (S.TO_CONFIRM, S.POSTING, S.POSTED):
        context |= _result(request, take, reasons)
    return render(request, "pharmacy/stock_take.html", context)


def _result(request, take, reasons) -> dict:
    """What the counts came to, with the differences page by page."""
    result = Result()
    if take.state == S.POSTED:
        result.add(take)
    else:
        result = result_of(take)
    open_lines = take.lines.filter(DIFFERS, movement=None, confirmed_by=None)
    page = pages.page_of(differences(take), request.GET.get("page"))
    for line in page:
        line.form = None
        if take.state == S.TO_CONFIRM and line.confirmed_by_id is None:
            line.form = (reasons or {}).get(line.pk) or ReasonForm(
                prefix=str(line.pk), initial={"kind": line.reason, "words": line.reason_words}
            )
    return {
        "result": result,
        "target": TARGET,
        "page": page,
        "unexplained": open_lines.filter(reason="").count(),
        "waiting": open_lines.count(),
        "mine": open_lines.filter(Q(first_by=request.user) | Q(second_by=request.user)).count(),
    }


def differences(take):
    """The lines that differ, in the order of the shelves."""
    rows = take.lines.filter(DIFFERS).select_related(
        "batch__drug", "first_by", "second_by", "confirmed_by"
    )
    return rows.order_by(*pages.ORDER)


@needs(P.RECEIVE_STOCK, P.MANAGE_STOCK)
@require_POST
def stock_take_reasons(request, number):
    """Write why lines differ; a line that is filled in wrongly does not keep the others back."""
    take = take_of(number)
    forms, good, wrong = _typed_reasons(request)
    here = request.get_full_path().replace(request.path, address(take), 1)
    response = carry_out(request, takes.explain, to=lambda _number: here, take=take, reasons=good)
    if response is None or wrong:
        return _page(request, take_of(number), reasons=forms if response is None else wrong)
    return response


def _typed_reasons(request) -> tuple[dict, dict, dict]:
    """The forms by line, the reasons of those that are filled in well, and the others."""
    ids = [as_id(pk) for pk in request.POST.getlist("line")[: pages.PAGE]]
    forms = {pk: ReasonForm(request.POST, prefix=str(pk)) for pk in ids}
    wrong = {pk: form for pk, form in forms.items() if not form.is_valid()}
    good = {
        pk: (form.cleaned_data["kind"], form.cleaned_data["words"])
        for pk, form in forms.items()
        if pk not in wrong and form.cleaned_data["kind"]
    }
    return forms, good, wrong


def _step(request, number, verb, *, then_go_on: bool = False, done: str = "", **arguments):
    """One verb on a take, then its page; a refusal is told there."""
    take = take_of(number)
    response = carry_out(
        request, verb, to=lambda _result: address(take), done=done, take=take, **arguments
    )
    if response and then_go_on:
        _go_on()
    return response or redirect("stock_take", number=number)


@needs(P.RECEIVE_STOCK, P.MANAGE_STOCK)
@require_POST
def stock_take_close(request, number):
    return _step(request, number, takes.close_count)


@needs(P.MANAGE_STOCK)
@require_POST
def stock_take_confirm(request, number):
    """The reasons as they stand on the page are saved with it."""
    take = take_of(number)
    forms, good, wrong = _typed_reasons(request)
    response = None
    if not wrong:
        response = carry_out(
            request,
            takes.confirm,
            to=lambda _number: address(take),
            done=_("The differences are confirmed."),
            take=take,
            reasons=good,
        )
    if response is None:
        return _page(request, take_of(number), reasons=forms)
    _go_on()
    return response


@needs(P.RECEIVE_STOCK, P.MANAGE_STOCK)
@require_POST
def stock_take_again(request, number, line):
    """Send one difference back to the second count."""
    return _step(request, number, takes.count_again, line=line)


@needs(P.MANAGE_STOCK)
@require_POST
def stock_take_cancel(request, number):
    reason = request.POST.get("reason", "")[:200]
    return _step(request, number, takes.cancel, then_go_on=True, reason=reason)
