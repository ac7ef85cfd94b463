"""The basic information form: one page to fill it in, one to print it (R-59)."""

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinic.core.posting import carry_out
from patients import basics_rules as rules
from patients import basics_sheet, codes
from patients.age import age_years
from patients.banner import banner
from patients.basics import BasicsChanged, write_basics
from patients.basics_words import FIELD_LABELS, RELATIVE_LABELS
from patients.duplicates import file_of
from patients.forms_basics import DISEASES, FAMILY, BasicsForm
from patients.views import noting
from security import audit
from security.access import may_read_file, needs, require_file
from security.long_forms import keeps_typed
from security.permissions import P


def may_read_basics(user, patient) -> bool:
    """Whose histories are open: nurses ask for them, doctors need the patient in their care."""
    if not user.has_perm(P.WRITE_BASICS):
        return False
    return not user.has_perm(P.READ_CHART) or may_read_file(user, patient)


def _patient_of(request, pk):
    patient = file_of(pk)
    if request.user.has_perm(P.READ_CHART):
        require_file(request.user, patient.pk)
    return patient


@keeps_typed
@needs(P.WRITE_BASICS)
@require_http_methods(["GET", "POST"])
def patient_basics(request, pk):
    """Fill in or correct; a colleague's change meanwhile is shown, not overwritten."""
    patient = _patient_of(request, pk)
    audit.record_read(by=request.user, screen="patient_basics", patients=[patient.pk])
    form, changed = BasicsForm(request.POST or None, patient=patient), []
    if "fill" in request.POST:
        form.fill_none(request.POST["fill"])
    elif request.method == "POST" and form.is_valid():
        response = carry_out(
            request,
            noting(BasicsChanged, write_basics, changed),
            to=lambda saved: reverse("patient_basics", args=[patient.pk]),
            form=form,
            done=_("The basic information was saved."),
            patient=patient,
            **form.arguments(),
        )
        if response:
            return response
    if changed:
        form.show_meanwhile(changed[0].basics)
    return render(request, "patients/patient_basics.html", _context(request, patient, form))


def _context(request, patient, form: BasicsForm) -> dict:
    return banner(patient, user=request.user) | {
        "form": form,
        "basics": form.basics,
        "is_child": age_years(patient.birth_date, timezone.localdate()) < rules.CHILD_BELOW,
        "diseases": [_disease(form, code) for code in DISEASES],
        "rows": [_rows(form, name) for name in ("surgery", "trauma", "transfusion")],
        "others": _rows(form, "other")["rows"],
        "family_head": [codes.label("family_disease", code) for code in FAMILY],
        "family": [_relative(form, name) for name in rules.RELATIVES],
        "living": [form[name] for name in rules.LIVING],
        "may_chart": request.user.has_perm(P.READ_CHART),
    }


def _disease(form: BasicsForm, code: str) -> dict:
    place = f"disease_{code}"
    words = f"{place}_text"
    return {
        "tick": form[place],
        "since": form[f"{place}_since"],
        "words": form[words] if words in form.fields else None,
    }


def _rows(form: BasicsForm, name: str) -> dict:
    places = [f"{name}_{row}" for row in range(form.count_of(name))]
    return {
        "label": FIELD_LABELS.get(name, ""),
        "none": form[f"none_{name}"] if f"none_{name}" in form.fields else None,
        "rows": [{"text": form[f"{p}_text"], "since": form[f"{p}_since"]} for p in places],
    }


def _relative(form: BasicsForm, name: str) -> dict:
    return {
        "label": RELATIVE_LABELS[name],
        "none": form[f"none_{name}"],
        "ticks": form[f"family_{name}"],
        "text": form[f"family_{name}_text"],
    }


@needs(P.WRITE_BASICS)
@require_http_methods(["GET", "POST"])
def basics_print(request, pk):
    """The national form on A4; that it was printed is recorded."""
    patient = _patient_of(request, pk)
    here = reverse("basics_print", args=[patient.pk])
    if request.method == "POST":
        to = f"{here}?printed=1"
        response = carry_out(
            request, basics_sheet.note_printed, to=lambda _patient: to, patient=patient
        )
        return response or redirect(here)
    audit.record_read(
        by=request.user,
        screen="basics_print",
        patients=[patient.pk],
        data={"fields": basics_sheet.IN_FULL},
    )
    context = basics_sheet.sheet(patient) | {
        "here": here,
        "back_url": reverse("patient_basics", args=[patient.pk]),
        "autoprint": "printed" in request.GET,
    }
    return render(request, "patients/basics_print.html", context)
