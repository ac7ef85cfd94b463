"""The review: a queue, one sheet, pass it or give it back; the next sheet follows by itself."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinic.core.posting import carry_out, gone_on
from prescriptions import judging, pharmacy_day, review_queue, rights
from prescriptions import review as reviews
from prescriptions.access import in_pharmacy
from prescriptions.forms import VersionForm
from prescriptions.moves import live_items, no_longer
from prescriptions.queues import patients_of
from prescriptions.review_forms import ReturnForm
from prescriptions.states import RxState
from security import audit
from security.access import needs
from security.long_forms import keeps_typed


@needs(*rights.JUDGES)
@require_GET
def review_list(request):
    """What waits for review; home of the pharmacist."""
    if rights.reviews_as(request.user) is None:
        return render(request, "prescriptions/review_list.html", {"is_closed": True})
    today = day_of(request)
    context = _queue() | {"today": today}
    seen = [*patients_of(context), *today.patients]
    audit.record_read(by=request.user, screen="review_list", patients=seen)
    return render(request, "prescriptions/review_list.html", context)


@needs(*rights.JUDGES, *rights.AT_WINDOW, passive=True)
@require_GET
def pharmacy_patients(request):
    """The pharmacy's patients alone, for the poll; 304 while the list reads the same."""
    if not rights.at_window(request.user) and rights.reviews_as(request.user) is None:
        return HttpResponse(status=204)
    today = day_of(request)
    if request.headers.get("If-None-Match") == today.etag:
        return HttpResponse(status=304, headers={"ETag": today.etag})
    audit.record_read(by=request.user, screen="review_list", patients=today.patients)
    response = render(request, "prescriptions/_pharmacy_patients.html", {"today": today})
    response["ETag"] = today.etag
    return response


def day_of(request):
    """The list as this person asked for it."""
    at, page = request.GET.get("at", ""), request.GET.get("page")
    return pharmacy_day.today(user=request.user, at=at, page=page)


@needs(*rights.JUDGES, passive=True)
@require_GET
def review_queue_rows(request):
    """The column alone, for the poll; 304 while nobody came or went."""
    if rights.reviews_as(request.user) is None:
        return HttpResponse(status=204)
    context = _queue()
    if request.headers.get("If-None-Match") == context["etag"]:
        return HttpResponse(status=304, headers={"ETag": context["etag"]})
    audit.record_read(by=request.user, screen="review_list", patients=patients_of(context))
    context["at"] = request.GET.get("at", "")
    response = render(request, "prescriptions/_review_queue.html", context)
    response["ETag"] = context["etag"]
    return response


def _queue() -> dict:
    context = review_queue.to_review()
    return context | {"etag": review_queue.version_of(context)}


@keeps_typed
@needs(*rights.JUDGES)
@require_GET
def review(request, pk):
    """One sheet beside the queue; what was already decided is only read."""
    prescription = in_pharmacy(pk)
    if rights.reviews_as(request.user) is None:
        return redirect("review_list")
    if prescription.state != RxState.SUBMITTED:
        return redirect("prescription_show", pk)
    return _page(request, prescription)


def _page(request, prescription, form=None):
    context = _queue()
    seen = [*patients_of(context), prescription.patient_id]
    audit.record_read(by=request.user, screen="review", patients=seen)
    context |= judging.judge(prescription, request.user)
    items = [row["item"] for row in context["rows"]]
    form = form or ReturnForm(initial={"version": prescription.version}, items=items)
    context |= {
        "form": form,
        "choices": judging.reasons_to_choose(context, form["codes"].value() or []),
        "at": str(prescription.pk),
        "next": review_queue.next_after(prescription, request.user),
    }
    return render(request, "prescriptions/review.html", context)


def _follow(request):
    """After a decision: the sheet that comes next, or the empty list."""

    def address(sheet) -> str:
        following = review_queue.next_after(sheet, request.user)
        return reverse("review", args=[following]) if following else reverse("review_list")

    return address


@needs(*rights.JUDGES)
@require_POST
def review_approve(request, pk):
    """Let it pass; drugs are reserved."""
    prescription = in_pharmacy(pk)
    form = VersionForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Not approved: please look at the prescription again."))
        return redirect("review", pk)
    response = carry_out(
        request,
        reviews.approve,
        to=_follow(request),
        done=_("%(number)s is approved.") % {"number": prescription.number},
        prescription=prescription,
        version=form.cleaned_data["version"],
    )
    return response or redirect("review", pk)


@keeps_typed
@needs(*rights.JUDGES)
@require_POST
def review_return(request, pk):
    """Give it back to the doctor with the reasons; without one the page comes again."""
    prescription = in_pharmacy(pk)
    if rights.reviews_as(request.user) is None:
        return redirect("review_list")
    form = ReturnForm(request.POST, items=live_items(prescription))
    if form.is_valid():
        response = carry_out(
            request,
            reviews.return_,
            to=_follow(request),
            form=form,
            done=_("%(number)s is back with the doctor.") % {"number": prescription.number},
            prescription=prescription,
            reason=form.cleaned_data["reason"],
            codes=form.cleaned_data["codes"],
            remarks=form.remarks(),
            refuse=form.cleaned_data["refuse"],
            version=form.cleaned_data["version"],
        )
        if response:
            return response
    if prescription.state != RxState.SUBMITTED:
        return gone_on(request, no_longer(prescription), "prescription_show", pk)
    return _page(request, prescription, form)
