"""Possible duplicates, two files side by side, and the way back (R-81)."""

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.core.posting import carry_out
from patients import listing, merging, numbers
from patients.alike import alike_pairs
from patients.banner import banner
from patients.duplicates import file_of, on_file
from patients.forms_merge import MergeForm, OtherForm
from patients.models import Merge, Patient
from security import audit
from security.access import needs, require_file
from security.permissions import P

SHOWN = 50
LATELY = 20
# A form that compares shows in full what differs.
COMPARED = ["id_number", "phone", "contact_phone", "address"]


@needs(P.MERGE_PATIENT)
@require_GET
def duplicate_list(request):
    """Pairs that look like one person, and what was merged lately."""
    pairs = alike_pairs(SHOWN)
    merges = list(Merge.objects.select_related("kept", "merged", "made_by", "undone_by")[:LATELY])
    files = {one.pk: one for pair in pairs for one in pair}
    rows = {row["patient"].pk: row for row in listing.rows(files.values())}
    seen = {*files, *(m.kept_id for m in merges), *(m.merged_id for m in merges)}
    audit.record_read(by=request.user, screen="duplicate_list", patients=sorted(seen))
    context = {
        "pairs": [(rows[one.pk], rows[other.pk]) for one, other in pairs],
        "merges": merges,
        "limit": SHOWN,
        "form": OtherForm(),
    }
    return render(request, "patients/duplicate_list.html", context)


@needs(P.MERGE_PATIENT)
@require_http_methods(["GET", "POST"])
def patient_merge(request, pk):
    """The file that is kept beside the other one; without another one, the question which."""
    kept = file_of(pk)
    typed = request.GET.get("other") if request.method == "GET" else request.POST.get("other")
    asking = OtherForm({"other": typed} if typed is not None else None)
    other = _other(asking, kept)
    if other is None:
        audit.record_read(by=request.user, screen="patient_merge", patients=[kept.pk])
        return render(request, "patients/patient_merge.html", banner(kept) | {"asking": asking})
    return _compared(request, kept, other)


@needs(P.MERGE_PATIENT)
@require_POST
def patient_different(request, pk):
    """Two people: the pair is not listed again."""
    one = file_of(pk, page="patient_merge")
    other = on_file().filter(pk=numbers.id_of(request.POST.get("other", ""))).first()
    if other is None or other == one:
        raise Http404
    to = reverse("duplicate_list")
    response = carry_out(
        request,
        merging.judge_different,
        to=lambda _row: to,
        done=_("Noted: two people. They are not listed again."),
        one=one,
        other=other,
    )
    return response or redirect(to)


@needs(P.MERGE_PATIENT)
@require_POST
def merge_undo(request, pk):
    """Two files again."""
    found = get_object_or_404(Merge, pk=pk)
    to = reverse("duplicate_list")
    response = carry_out(
        request,
        merging.undo,
        to=lambda _merge: to,
        done=_("The merge was undone: there are two files again."),
        merge=found,
    )
    return response or redirect(to)


def _compared(request, kept: Patient, other: Patient):
    if request.user.has_perm(P.READ_CHART):
        # Whoever treats one of the two reads the other one as well from then on.
        for one in (kept, other):
            require_file(request.user, one.pk)
    merging_now = request.method == "POST" and "merge" in request.POST
    form = MergeForm(request.POST if merging_now else None, kept=kept, merged=other)
    if merging_now and form.is_valid():
        response = carry_out(
            request,
            merging.merge,
            to=lambda _merge: reverse("patient_edit", args=[kept.pk]),
            form=form,
            done=_("The files were merged. This can be undone under “Possible duplicates”."),
            kept=kept,
            merged=other,
            reason=form.cleaned_data["reason"],
            take=form.taken(),
        )
        if response:
            return response
    pair = [kept.pk, other.pk]
    audit.record_read(
        by=request.user, screen="patient_merge", patients=pair, data={"fields": COMPARED}
    )
    swapped = reverse("patient_merge", args=[other.pk])
    context = banner(kept) | {
        "form": form,
        "sides": listing.rows([kept, other]),
        "other": other,
        "swapped": f"{swapped}?{urlencode({'other': kept.record_no})}",
    }
    return render(request, "patients/patient_merge.html", context)


def _other(asking: OtherForm, kept: Patient) -> Patient | None:
    if not asking.is_bound or not asking.is_valid():
        return None
    found = on_file().filter(pk=numbers.id_of(asking.cleaned_data["other"])).first()
    if found is None:
        asking.add_error("other", _("There is no file with this number. Please check it."))
    elif found == kept:
        asking.add_error("other", _("This is the same file. Please choose another one."))
        return None
    return found
