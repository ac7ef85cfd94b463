"""Clinical data behind the rules: source, state of checking, who changed what, import (R-157)."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from clinic.core import clinical
from clinic.core.models import ClinicalChange, TableImport
from clinic.core.posting import carry_out
from clinic.core.tables import screens
from clinic.core.tables.steps import Steps
from patients.models import AllergyGroup
from pharmacy.importing.interactions import NAME, SAYS_NOTHING
from pharmacy.models import Interaction
from pharmacy.pair_names import Library
from prescriptions.forms_clinical import GroupForm, PairForm
from security.access import needs
from security.permissions import P

PAGE = 40
STEPS = Steps(NAME, "clinical_import", "clinical_import_show")
REFRESH_SECONDS = 3
# area -> model, form, its own key, what is searched
AREAS = {
    "pairs": (Interaction, PairForm, "number", ("number", "a_value", "b_value", "effect")),
    "groups": (AllergyGroup, GroupForm, "code", ("code", "name", "members", "synonyms")),
}
TABS = [
    ("pairs", gettext_lazy("Pairs that interact")),
    ("groups", gettext_lazy("Allergy groups")),
    ("changes", gettext_lazy("Changes")),
]


@needs(P.REVIEW_PRESCRIPTION)
@require_GET
def clinical_list(request):
    """Pairs, groups, or the latest changes of all clinical data, drugs included."""
    tab = request.GET.get("tab", "pairs")
    tab = tab if tab in dict(TABS) else "pairs"
    if tab == "changes":
        rows = ClinicalChange.objects.select_related("made_by").order_by("-number")
    else:
        model, _form, key, searched = AREAS[tab]
        rows = model.objects.select_related("checked_by").order_by(key)
        text = request.GET.get("q", "").strip()
        if text:
            where = Q()
            for name in searched:
                where |= Q(**{f"{name}__icontains": text})
            rows = rows.filter(where)
        if request.GET.get("state") == "open":
            rows = rows.filter(checked=False)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    if tab == "changes":
        _in_words(page)
    context = {"tab": tab, "tabs": TABS, "page": page, "version": clinical.version()}
    return render(request, "prescriptions/clinical_list.html", context)


def _in_words(changes) -> list:
    for change in changes:
        change.told = clinical.in_words(change)
    return changes


@needs(P.REVIEW_PRESCRIPTION)
@require_http_methods(["GET", "POST"])
def clinical_edit(request, area, pk):
    """One pair or group with its history; 0 is a new pair."""
    if area not in AREAS or (pk == 0 and area != "pairs"):
        raise Http404
    model, form_class, key_name, _searched = AREAS[area]
    row = get_object_or_404(model, pk=pk) if pk else model()
    form = form_class(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        key = getattr(form.instance, key_name)
        response = carry_out(
            request,
            clinical.change,
            to=lambda _row: f"{reverse('clinical_list')}?tab={area}",
            form=form,
            done=_("%(key)s is saved; the clinical data has a new version.") % {"key": key},
            row=get_object_or_404(model, pk=pk) if pk else model(),
            key=key,
            values=form.cleaned_data,
        )
        if response:
            _warn_of_strangers(request, area, key)
            return response
    known = get_object_or_404(model, pk=pk) if pk else row
    context = {
        "form": form,
        "area": area,
        "row": known,
        "key": getattr(known, key_name),
        "history": _in_words(clinical.history(known, getattr(known, key_name))) if pk else [],
    }
    return render(request, "prescriptions/clinical_edit.html", context)


def _warn_of_strangers(request, area: str, key: str) -> None:
    """A pair with a name that no drug has is saved, and its pharmacist told."""
    pair = Interaction.objects.filter(number=key).first() if area == "pairs" else None
    for name in Library().strangers_of(pair) if pair else ():
        messages.warning(request, SAYS_NOTHING % {"name": name})


@needs(P.REVIEW_PRESCRIPTION)
@require_http_methods(["GET", "POST"])
def clinical_import(request):
    """A list of pairs: choose a file; earlier imports stand below."""
    form = screens.UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        response = STEPS.bring(request, form)
        if response:
            return response
    context = {"form": form} | screens.list_context(NAME, request)
    return render(request, "prescriptions/clinical_import.html", context)


@needs(P.REVIEW_PRESCRIPTION)
@require_http_methods(["GET", "POST"])
def clinical_import_show(request, pk):
    """One import, wherever it stands; each button is one step on."""
    tables = TableImport.objects.filter(kind=NAME).select_related("job", "created_by")
    table = get_object_or_404(tables, pk=pk)
    forms = {}
    if request.method == "POST":
        response, forms = STEPS.take(request, table)
        if response:
            screens.work_at(table.pk)
            return response
        table.refresh_from_db()
    context = screens.show_context(table, request, **forms)
    response = render(request, "prescriptions/clinical_import_show.html", context)
    if table.is_working and not context["failed"]:
        response["Refresh"] = str(REFRESH_SECONDS)  # the page follows, with and without script
    return response


@needs(P.REVIEW_PRESCRIPTION)
@require_GET
def clinical_import_refused(request, pk):
    """The refused lines with their reasons."""
    table = get_object_or_404(TableImport, kind=NAME, pk=pk)
    if "headings" not in table.read_head():
        return redirect("clinical_import_show", pk=pk)
    return screens.refused_file(table)
