"""Pages of a signed record: correct it, read its versions, add to it, countersign (R-3, R-145)."""

import re

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from clinic.core.posting import carry_out, repeated
from clinic.core.text import half_width
from patients.banner import banner
from registration import care, favourites, guarded, printing, signing, versions
from registration.consultation import diagnoses_of
from registration.correcting import correct
from registration.forms import VitalsForm
from registration.models import Consultation
from registration.signed_forms import AdditionForm, CorrectForm
from registration.views.consultation import own_consultation
from registration.views.presses import SUSPECTED
from registration.views.prints import back_of, readable
from security import audit
from security.access import needs
from security.long_forms import keeps_typed
from security.permissions import P

PAGE = 30
VERSION = re.compile(r"[0-9]{1,9}")


@keeps_typed
@needs(P.CONSULT)
@require_http_methods(["GET", "POST"])
def record_correct(request, pk):
    """The author puts a signed record right; every version stays readable."""
    record = own_consultation(request, pk)
    if record.finished_at is None:
        return redirect("consultation", pk)
    if signing.is_archived(record) and request.method == "GET":
        return redirect("record_history", pk)
    standing = diagnoses_of(record)
    if request.method == "GET":
        form = CorrectForm.of(record, standing)
        return _correct_page(request, record, form, VitalsForm(initial=record.vitals or {}))
    form = CorrectForm(request.POST, record=record, standing=standing)
    numbers = VitalsForm(request.POST, initial=record.vitals or {})
    found = None
    if all([form.is_valid(), numbers.is_valid()]):
        code, suspected, found = _meant(form.cleaned_data["add"], request)
        if found is None:
            response = carry_out(
                request,
                correct,
                to=lambda _record: reverse("consultation", args=[pk]),
                form=form,
                done=_("Corrected. What stood there before is kept."),
                consultation=record,
                version=form.cleaned_data["version"],
                vitals=numbers.values,
                add=code,
                suspected=suspected,
                remove=form.cleaned_data["remove"],
                **form.parts(),
            )
            if response:
                return response
    return _correct_page(request, record, form, numbers, found)


def _meant(words: str, request) -> tuple[str, bool, list | None]:
    """Code of the diagnosis that was typed or chosen; else what it may be, to choose from."""
    chosen = request.POST.get("chosen", "")
    plain = half_width(words).strip()
    suspected = plain.endswith(SUSPECTED)
    plain = plain.removesuffix(SUSPECTED).strip()
    if chosen or not plain:
        return chosen[:20], suspected and bool(chosen), None
    found = favourites.search(plain, user=request.user)
    if [code.code for code in found if code.code == plain.upper()]:
        return plain.upper(), suspected, None
    return "", suspected, found


def _correct_page(request, record, form, numbers, found=None):
    audit.record_read(by=request.user, screen="record_correct", patients=[record.patient_id])
    context = {"record": record, "form": form, "numbers": numbers, "found": found}
    return render(request, "registration/record_correct.html", context | banner(record.patient))


@keeps_typed
@needs(P.READ_CHART)
@require_http_methods(["GET", "POST"])
def record_history(request, pk):
    """Original and later versions side by side, additions, and whether all of it is genuine."""
    record, is_closed = readable(request.user, pk)
    if is_closed:
        here = reverse("record_history", args=[pk])
        return redirect(care.guarded_url(record.patient_id, here))
    form = AdditionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        response = carry_out(
            request,
            signing.add_words,
            to=lambda _made: reverse("record_history", args=[pk]),
            form=form,
            done=_("Added."),
            consultation=record,
            text=form.cleaned_data["text"],
        )
        if response:
            return response
    audit.record_read(by=request.user, screen="record_history", patients=[record.patient_id])
    return render(request, "registration/record_history.html", _history(request, record, form))


def _history(request, record: Consultation, form) -> dict:
    kept = list(record.versions.select_related("written_by"))
    standing = diagnoses_of(record)
    genuine = versions.is_genuine(record, kept, standing)
    later = [
        {"version": v, "differences": versions.differences(kept[0], v)} for v in kept[1:] if genuine
    ]
    is_written_again = bool(genuine and kept and record.finished_at is None)
    return {
        "record": record,
        "form": form,
        "original": kept[0] if kept else None,
        "later": later,
        "is_written_again": is_written_again,
        "since": versions.written_since(kept[0], record, standing) if is_written_again else [],
        "rows": printing.rows(record),
        "is_genuine": genuine,
        "is_archived": signing.is_archived(record),
        "countersigned": signing.countersigned(record),
        "additions": record.additions.select_related("written_by"),
        "may_add": record.finished_at and record.clinician.user_id == request.user.pk,
        "back_url": back_of(record, request.user),
        **banner(record.patient),
    }


@needs(P.CONSULT)
@require_GET
def countersign_list(request):
    """What assistants of one's department wrote and nobody has countersigned yet (R-3)."""
    waiting = signing.to_countersign(request.user).select_related("patient", "clinician__user")
    page = Paginator(waiting.order_by("finished_at"), PAGE).get_page(request.GET.get("page"))
    patients = [record.patient_id for record in page.object_list]
    audit.record_read(by=request.user, screen="countersign_list", patients=patients)
    context = {"page": page, "may": signing.countersigner(request.user) is not None}
    return render(request, "registration/countersign_list.html", context)


@needs(P.CONSULT)
@require_http_methods(["GET", "POST"])
def countersign(request, pk):
    """Read the record and stand for it. The duty is the reason: guarded ones open here too."""
    again = repeated(request)
    if again:
        return again
    found = signing.to_countersign(request.user)
    found = found.select_related("patient", "clinician__user", "clinician__department")
    record = get_object_or_404(found.select_related("registration", "finished_by"), pk=pk)
    if request.method == "POST":
        version = request.POST.get("version", "")
        response = carry_out(
            request,
            signing.countersign,
            to=lambda _made: reverse("countersign_list"),
            done=_("Countersigned."),
            consultation=record,
            version=int(version) if VERSION.fullmatch(version) else 0,
        )
        return response or redirect("countersign", pk)
    audit.record_read(by=request.user, screen="countersign", patients=[record.patient_id])
    codes = [diagnosis.code for diagnosis in diagnoses_of(record)]
    context = {
        "record": record,
        "rows": printing.rows(record),
        "is_archived": signing.is_archived(record),
        "is_guarded": guarded.is_guarded(record, codes),
        "additions": record.additions.select_related("written_by"),
        **banner(record.patient),
    }
    return render(request, "registration/countersign.html", context)
