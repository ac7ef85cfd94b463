"""The cashier's list and the bill of a visit."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.cashier import bills, lists
from clinic.cashier import due as dues
from clinic.cashier.forms_money import AddForm, PayForm, PutOffForm
from clinic.cashier.models import AddedLine, Bill, Receipt
from clinic.core.posting import carry_out, repeated
from clinic.core.site import settings_of
from registration.models import Registration
from security import audit
from security.access import needs
from security.permissions import P

VISITS = Registration.objects.select_related(*lists.WITH)


@needs(P.TAKE_MONEY)
@require_http_methods(["GET", "POST"])
def cashier(request):
    """Who waits to pay; a POST looks somebody up, and the only one found is opened at once."""
    context = lists.board()
    if request.method == "POST" and not context["is_free"]:
        text = request.POST.get("q", "")[:60]
        found, receipt = lists.searched(text)
        if receipt is not None:
            return redirect("receipt_show", receipt.pk)
        if len(found) == 1:
            return redirect("bill", found[0].visit.pk)
        context |= {"found": found, "q": text, "searched": bool(text.strip())}
    seen = [*lists.patients_of(context), *(d.visit.patient_id for d in context.get("found", []))]
    audit.record_read(by=request.user, screen="cashier", patients=seen)
    return render(request, "cashier/cashier.html", context)


@needs(P.TAKE_MONEY, passive=True)
@require_GET
def cashier_rows(request):
    """The lists alone, for the poll; 304 while nothing changed."""
    context = lists.board()
    if request.headers.get("If-None-Match") == context["etag"]:
        return HttpResponse(status=304, headers={"ETag": context["etag"]})
    audit.record_read(by=request.user, screen="cashier", patients=lists.patients_of(context))
    response = render(request, "cashier/_board.html", context)
    response["ETag"] = context["etag"]
    return response


@needs(P.TAKE_MONEY)
@require_http_methods(["GET", "POST"])
def bill(request, pk):
    """What a visit owes, and one form to take it."""
    visit = get_object_or_404(VISITS, pk=pk)
    if again := repeated(request):
        return again
    due, part = dues.of_visit(visit), settings_of("cashier.part_payment")["cashier.part_payment"]
    if request.method == "GET":
        return _page(request, due, PayForm(due=due, initial={"seen": due.digest}))
    form = PayForm(request.POST, due=due, part_payment=part)
    if form.data.get("seen") != due.digest:
        return _changed(request, due, form)
    if form.is_valid() and request.POST.get("step") != "count":
        response = carry_out(
            request,
            bills.pay,
            to=lambda receipt: _after(receipt, visit),
            form=form,
            visit=visit,
            seen=form.cleaned_data["seen"],
            ways=form.ways,
        )
        if response:
            return response
        due = dues.of_visit(visit)
        if form.data.get("seen") != due.digest:
            return _changed(request, due, form)
    return _page(request, due, form)


def _after(receipt: Receipt | None, visit: Registration) -> str:
    if receipt is None:
        return reverse("cashier")
    return reverse("receipt_show", args=[receipt.pk])


def _changed(request, due, form):
    """Another bill than the one that was looked at: what was typed stays, nothing is taken."""
    typed = form.data.copy()
    typed["seen"] = due.digest
    shown = PayForm(typed, due=due)
    shown.is_valid()
    messages.error(request, bills.changed_words(due))
    return _page(request, due, shown)


@needs(P.TAKE_MONEY)
@require_POST
def bill_put_off(request, pk):
    """Let it through unpaid, with the reason."""
    visit = get_object_or_404(VISITS, pk=pk)
    form = PutOffForm(request.POST)
    if form.is_valid():
        response = carry_out(
            request,
            bills.put_off,
            to=lambda _deferral: reverse("cashier"),
            form=form,
            done=_("%(name)s may go on; the bill stays open.") % {"name": visit.patient.name},
            visit=visit,
            **form.cleaned_data,
        )
        if response:
            return response
    due = dues.of_visit(visit)
    return _page(request, due, PayForm(due=due, initial={"seen": due.digest}), later=form)


@needs(P.TAKE_MONEY)
@require_POST
def bill_add(request, pk):
    """Put a material or another item on the bill."""
    visit = get_object_or_404(VISITS, pk=pk)
    form = AddForm(request.POST)
    if form.is_valid():
        response = carry_out(
            request,
            bills.add_item,
            to=lambda _line: reverse("bill", args=[pk]),
            form=form,
            visit=visit,
            **form.cleaned_data,
        )
        if response:
            return response
    due = dues.of_visit(visit)
    return _page(request, due, PayForm(due=due, initial={"seen": due.digest}), add=form)


@needs(P.TAKE_MONEY)
@require_POST
def bill_take_off(request, pk):
    """Take something off again that was added by hand."""
    line = get_object_or_404(AddedLine.objects.select_related("bill"), pk=pk)
    place = reverse("bill", args=[line.bill.registration_id])
    response = carry_out(request, bills.take_off, to=lambda _line: place, line=line)
    return response or redirect(place)


def _page(request, due, form, *, later=None, add=None):
    visit = due.visit
    audit.record_read(by=request.user, screen="bill", patients=[visit.patient_id])
    receipts = Receipt.objects.filter(bill__registration=visit).select_related("made_by")
    bill = due.bill or Bill.objects.filter(registration=visit).first()
    context = {
        "due": due,
        "visit": visit,
        "groups": _groups(due.lines),
        "form": form,
        "later_form": later or PutOffForm(initial={"seen": due.digest}),
        "add_form": add or AddForm(),
        "receipts": list(receipts.order_by("made_at")),
        "deferrals": list(bill.deferrals.select_related("made_by")) if bill else [],
        "is_counted": form.is_bound and not form.errors,
    }
    return render(request, "cashier/bill.html", context)


def _groups(lines) -> list[dict]:
    """Lines by kind, in the order of the daily report."""
    groups: dict = {}
    for line in lines:
        groups.setdefault(line.kind, []).append(line)
    return [
        {
            "label": rows[0].kind_label,
            "rows": rows,
            "amount": sum((row.amount for row in rows), dues.NOUGHT),
        }
        for rows in groups.values()
    ]
