"""Set prescriptions and the last one again: put on the sheet, saved from it, kept in order."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinic.core.posting import carry_out, gone_on, keeping
from prescriptions import pages, rewriting, sets
from prescriptions.access import own
from prescriptions.models import Prescription, PrescriptionSet
from prescriptions.moves import no_longer
from prescriptions.rows import usage_of
from prescriptions.states import EDITABLE
from security.access import needs
from security.permissions import P


def fill(request, prescription: Prescription, verb, **target):
    """Carry out what puts several rows on the sheet; what could not be added is named."""
    left: list = []
    response = carry_out(
        request,
        keeping(verb, left),
        to=lambda _left: f"{pages.edit_url(prescription)}?at=row",
        prescription=prescription,
        **target,
    )
    for words in left[0] if left else ():
        messages.warning(request, words)
    return response or redirect("prescription_edit", prescription.pk)


@needs(P.PRESCRIBE)
@require_POST
def prescription_copy_last(request, pk):
    """The patient's last prescription once more, on this sheet."""
    prescription = get_object_or_404(own(request.user), pk=pk)
    if prescription.state not in EDITABLE:
        return gone_on(request, no_longer(prescription), "prescription_show", pk)
    return fill(request, prescription, rewriting.copy_last)


@needs(P.PRESCRIBE)
@require_POST
def prescription_save_set(request, pk):
    """The rows of this sheet as a set of one's own."""
    prescription = get_object_or_404(own(request.user), pk=pk)
    response = carry_out(
        request,
        sets.save_sheet,
        to=lambda _made: pages.edit_url(prescription),
        done=_("Saved as a set. Type its initials in the field of the drug to use it."),
        prescription=prescription,
        name=request.POST.get("name", "")[:100],
    )
    return response or redirect("prescription_edit", pk)


@needs(P.PRESCRIBE, P.REVIEW_PRESCRIPTION, P.ADMINISTER)
@require_GET
def set_list(request):
    """One's own and the clinic's; who keeps the clinic's sees the doctors' too."""
    rows = sets.seen(request.user).select_related("owner", "made_by")
    rows = list(rows.prefetch_related("items__drug").order_by("name")[: sets.MOST_SHOWN])
    keeps = sets.keeps_clinics(request.user)
    for row in rows:
        row.lines = [f"{item.drug.generic_name} {usage_of(item)}" for item in row.items.all()]
        row.is_clinics = row.owner_id is None
        row.may_change = keeps if row.is_clinics else row.owner_id == request.user.pk
        row.may_take_over = keeps and not row.is_clinics
    context = {
        "clinics": [row for row in rows if row.is_clinics],
        "owned": [row for row in rows if not row.is_clinics],
        "keeps": keeps,
    }
    return render(request, "prescriptions/set_list.html", context)


@needs(P.PRESCRIBE, P.REVIEW_PRESCRIPTION, P.ADMINISTER)
@require_POST
def set_change(request, pk):
    """Rename it, take it out of use, or make it one of the clinic's."""
    chosen = get_object_or_404(sets.seen(request.user), pk=pk)
    asked = {"stop": sets.stop, "take_over": sets.take_over}.get(request.POST.get("do", ""))
    more = {} if asked else {"name": request.POST.get("name", "")[:100]}
    response = carry_out(
        request,
        asked or sets.rename,
        to=lambda _set: reverse("set_list"),
        done=_("Saved."),
        chosen=chosen,
        **more,
    )
    return response or redirect("set_list")


def usable_set(request, asked: str, listed: str) -> PrescriptionSet | None:
    """The set that a button names, or the field's list ("1"), if this person may use it."""
    pk = listed if asked == "1" else asked
    rows = sets.usable(request.user)
    return next((row for row in rows if str(row.pk) == pk), None)
