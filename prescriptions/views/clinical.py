"""Clinical data behind the rules: source, state of checking, who changed what, import (R-157)."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from clinic.core import clinical
from clinic.core.models import ClinicalChange
from clinic.core.posting import carry_out, repeated
from clinic.core.tables.steps import Steps
from clinic.core.text import row_number
from patients.models import AllergyGroup
from pharmacy.importing.interactions import NAME, SAYS_NOTHING
from pharmacy.models import Interaction
from pharmacy.pair_names import Library
from prescriptions.forms_clinical import GroupForm, PairForm
from security.access import needs
from security.long_forms import keeps_typed
from security.permissions import P

PAGE = 40
STEPS = Steps(NAME, "clinical_import", "clinical_import_show")
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


@keeps_typed
@needs(P.REVIEW_PRESCRIPTION)
@require_http_methods(["GET", "POST"])
def clinical_edit(request, area, pk):
    """One pair or group with its history; 0 is a new pair."""
    if area not in AREAS or (pk == 0 and area != "pairs"):
        raise Http404
    again = repeated(request)  # the number of a new pair is taken by the first click
    if again:
        return again
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
            seen=row_number(request.POST["seen"]) if "seen" in request.POST else None,
        )
        if response:
            _warn_of_strangers(request, area, key)
            return response
    known = get_object_or_404(model, pk=pk) if pk else row
    history = _in_words(clinical.history(known, getattr(known, key_name))) if pk else []
    context = {
        "form": form,
        "area": area,
        "row": known,
        "key": getattr(known, key_name),
        "history": history,
        "seen": history[0].number if history else 0,
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
    return STEPS.list_page(request, "prescriptions/clinical_import.html")


@needs(P.REVIEW_PRESCRIPTION)
@require_http_methods(["GET", "POST"])
def clinical_import_show(request, pk):
    """One import, wherever it stands."""
    return STEPS.show_page(request, pk, "prescriptions/clinical_import_show.html")


@needs(P.REVIEW_PRESCRIPTION)
@require_GET
def clinical_import_refused(request, pk):
    """The refused lines with their reasons."""
    return STEPS.refused_page(pk)
