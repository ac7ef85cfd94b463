"""The shift and its handover, and the daily report of the till (R-165)."""

from django.core.paginator import Paginator
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from clinic.cashier import figures, shifts
from clinic.cashier.figures import Scope
from clinic.cashier.forms_till import FloatForm, HandOverForm, TakingsForm
from clinic.cashier.models import Receipt, Shift, Way
from clinic.cashier.reports import TAKINGS
from clinic.core.posting import carry_out, gone_on, repeated
from clinic.core.tables.download import xlsx_response
from registration.forms_reports import usual_periods
from registration.reports.table import plain
from registration.views.reports import EXCEL, PRINT, sheet
from security.access import needs
from security.long_forms import keeps_typed
from security.permissions import P

PAGE = 50


@keeps_typed
@needs(P.TAKE_MONEY)
@require_http_methods(["GET", "POST"])
def shift(request):
    """One's own shift: what was taken, the change money, and the handover."""
    if again := repeated(request):
        return again
    mine = Shift.objects.filter(open_key=request.user).first()
    if request.POST.get("do") == "close" and mine is None:  # in another window
        return gone_on(request, shifts.handed_over_words(), "shift_list")
    if request.POST.get("do") == "float" or (request.method == "POST" and mine is None):
        form = FloatForm(request.POST)
        if form.is_valid():
            response = carry_out(
                request,
                shifts.begin,
                to=lambda _shift: reverse("shift"),
                form=form,
                done=_("Saved."),
                **form.cleaned_data,
            )
            if response:
                return response
        return _page(request, mine, float_form=form)
    if request.method == "POST":
        return _hand_over(request, mine)
    return _page(request, mine)


@keeps_typed("cashier.Shift")
@needs(P.READ_TAKINGS)
@require_http_methods(["GET", "POST"])
def shift_close(request, number):
    """A colleague's shift that was left open."""
    left = get_object_or_404(Shift, number=number)
    if left.closed_at is not None:
        return gone_on(request, shifts.handed_over_words(), "shift_list")
    if request.method == "POST":
        return _hand_over(request, left)
    return _page(request, left)


def _hand_over(request, chosen: Shift):
    form = HandOverForm(request.POST, shift=chosen)
    if form.is_valid():
        response = carry_out(
            request,
            shifts.hand_over,
            to=lambda closed: closed.get_absolute_url(),
            form=form,
            shift=chosen,
            **form.given(),
        )
        if response:
            return response
    chosen.refresh_from_db()
    if chosen.closed_at:
        return gone_on(request, shifts.handed_over_words(), "shift_list")
    return _page(request, chosen, form=form)


def _page(request, chosen: Shift | None, *, form=None, float_form=None):
    context = {"shift": chosen, "float_form": float_form or FloatForm()}
    if chosen is not None:
        seen = shifts.entries(chosen)
        if form is not None:  # shown again: what came in meanwhile is seen now
            form.data = form.data.copy()
            form.data["seen"] = seen
        context |= {
            "form": form or HandOverForm(shift=chosen, initial={"seen": seen}),
            "float_form": float_form or FloatForm(initial={"floating": chosen.floating}),
            "due": shifts.cash_due(chosen),
            "is_mine": chosen.cashier_id == request.user.pk,
            **_sums(chosen),
        }
    return render(request, "cashier/shift.html", context)


def _sums(chosen: Shift) -> dict:
    scope = Scope(shift=chosen.pk)
    ways = figures.by_way(scope)
    return {
        "ways": ways,
        "whole": sum((sums for _label, sums in ways), figures.InOut()),
        "kinds": figures.by_kind(scope),
        "cash": shifts.takings(chosen)[Way.CASH],
    }


def _readable(user):
    """Everybody's, or one's own."""
    rows = Shift.objects.select_related("cashier", "handed_to", "closed_by")
    return rows if user.has_perm(P.READ_TAKINGS) else rows.filter(cashier=user)


@needs(P.TAKE_MONEY, P.READ_TAKINGS)
@require_GET
def shift_list(request):
    """Every shift, those that run first."""
    rows = _readable(request.user).order_by("-opened_at", "-pk").prefetch_related("lines")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    today = timezone.localdate()
    for row in page:
        kept = {line.way: line.balance for line in row.lines.all()}
        row.cash = kept.get(Way.CASH, 0)
        row.taken = sum(kept.values())
        row.is_late = row.closed_at is None and timezone.localdate(row.opened_at) < today
    context = {"page": page, "may_close": request.user.has_perm(P.READ_TAKINGS)}
    return render(request, "cashier/shift_list.html", context)


@needs(P.TAKE_MONEY, P.READ_TAKINGS)
@require_GET
def shift_show(request, number):
    """The sheet of one shift, which both sign."""
    chosen = get_object_or_404(_readable(request.user), number=number)
    receipts = Receipt.objects.filter(shift=chosen)
    numbers = receipts.order_by("made_at", "number").values_list("number", flat=True)
    refunds = receipts.filter(kind=Receipt.Kind.REFUND).select_related("refunds")
    context = {
        "shift": chosen,
        "due": chosen.floating + shifts.takings(chosen)[Way.CASH],
        "numbers": [numbers.first(), numbers.last(), receipts.count()],
        "refunds": refunds.order_by("made_at", "number"),
        "coins": sorted(chosen.coins.items(), key=lambda coin: -float(coin[0])),
        "now": timezone.localtime(),
        "back_url": reverse("shift_list"),
        **_sums(chosen),
    }
    return render(request, "cashier/shift_show.html", context)


# --- the daily report ---------------------------------------------------------------------------


@needs(P.TAKE_MONEY, P.READ_TAKINGS)
@require_http_methods(["GET", "POST"])
def takings(request):
    """收费日报: a GET shows, a POST hands out a sheet or a file."""
    is_asked = any(name in request.GET for name in ("since", "until", "cashier"))
    form = TakingsForm(request.GET if is_asked else None, user=request.user)
    group = request.GET.get("group", "")
    group = group if group in dict(TAKINGS.groups) else ""
    if request.method == "POST":
        return _hand_out(request, form, group)
    on_paper = request.GET.get("as") == PRINT
    asked = form.asked(group=group, page=request.GET.get("page", 1), on_paper=on_paper)
    table = TAKINGS.answer(asked)
    if on_paper:
        return sheet(request, TAKINGS, asked, table, **_heading(group))
    if not form.is_bound:
        start = {"since": asked.since, "until": asked.until}
        form = TakingsForm(initial=start, user=request.user)
    context = {
        "report": TAKINGS,
        "table": table,
        "asked": asked,
        "form": form,
        "periods": usual_periods(),
        "query": request.GET.urlencode(),
    }
    return render(request, "cashier/takings.html", context)


def _hand_out(request, form: TakingsForm, group: str):
    kind = request.POST.get("as")
    if kind not in (PRINT, EXCEL) or (form.is_bound and not form.is_valid()):
        return HttpResponseRedirect(request.get_full_path())  # the page says what is wrong
    asked = form.asked(group=group, on_paper=True)
    table = TAKINGS.answer(asked)
    if kind == PRINT:
        return sheet(request, TAKINGS, asked, table, autoprint=True, **_heading(group))
    return xlsx_response(plain(table), title=str(TAKINGS.title))


def _heading(group: str) -> dict:
    """The sheet names which of the tables it is, and is signed."""
    words = dict(TAKINGS.groups)[group]
    return {"group_words": words, "template": "cashier/takings_print.html"}
