"""The drug library's pages: what each drug is, and what people do with it. No patient data."""

from django.core.paginator import Paginator
from django.forms.models import model_to_dict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.core.paging import page_of_keys
from clinic.core.posting import carry_out
from pharmacy import alerts, catalogue, drugs
from pharmacy.drug_filter import FilterForm
from pharmacy.drug_form import FIELDS, ControlForm, DrugForm, ReasonForm
from pharmacy.facts import facts_of, identity_of
from pharmacy.forms import as_id
from pharmacy.models import Batch, Drug
from pharmacy.navigation import LISTS
from pharmacy.numbers import doubts
from pharmacy.places import several
from security.access import needs
from security.long_forms import keeps_typed
from security.permissions import P

PAGE = 50
CONTROL_ID, STOP_ID = "id_control_%s", "id_stop_%s"
# A new drug is mostly one of these; a copy takes everything from the old one.
USUAL = {
    "category": "西药", "rx": "Rx", "antibiotic_grade": Drug.NO_ANTIBIOTIC, "pack_unit": "盒",
    "base_unit": "片", "skin_test": "否", "divisible": True, "lead_days": 7, "storage": "密封",
}  # fmt: skip


@needs(P.SEE_STOCK, P.MANAGE_DRUGS)
@require_GET
def drug_list(request):
    """The library: what each drug is, whether it is in use and was checked (R-157)."""
    text = request.GET.get("q", "")
    show = request.GET.get("show") if request.GET.get("show") in LISTS else "used"
    form = FilterForm(request.GET)
    rows = catalogue.matching(form.apply(Drug.objects.filter(LISTS[show])), text)
    rows = rows.order_by("generic_name", "pk")  # an index goes by; by code all would be sorted
    whole = Drug.objects.prefetch_related("control_classes")
    page = page_of_keys(rows, whole, request.GET.get("page"), PAGE)
    return render(
        request,
        "pharmacy/drug_list.html",
        {
            "page": page,
            "q": text,
            "show": show,
            "form": form,
            "tabs": catalogue.counts(LISTS),
            "may_change": request.user.has_perm(P.MANAGE_DRUGS),
        },
    )


@needs(P.SEE_STOCK, P.MANAGE_DRUGS)
@require_GET
def drug_show(request, pk):
    """Everything known about one drug, its batches, classes, prices, and what to do with it."""
    return _show(request, pk)


def _show(request, pk, **typed):
    """`typed` are forms of this page that came back with an error."""
    today = timezone.localdate()
    rows = alerts.shelf(today).select_related("group", "verified_by", "replaces")
    drug = get_object_or_404(rows.prefetch_related("control_classes", "replaced_by"), pk=pk)
    batches = drug.batches.select_related("place").order_by("-on_hand", "expires_on", "pk")
    prices = drug.prices.select_related("document", "made_by").order_by("-since", "-pk")
    may_change = request.user.has_perm(P.MANAGE_DRUGS)
    return render(
        request,
        "pharmacy/drug_show.html",
        {
            "drug": drug,
            "available": max(0, drug.usable - drug.reserved),
            "facts": facts_of(drug, today),
            "doubts": doubts(drug.approval_number, drug.insurance_code),
            "prices": prices[:PAGE],
            "page": Paginator(batches, PAGE).get_page(request.GET.get("page")),
            "several": several(),
            "may_change": may_change,
            "may_check": may_change and request.user.has_perm(P.REVIEW_PRESCRIPTION),
            "control_form": ControlForm(auto_id=CONTROL_ID),
            "stop_form": ReasonForm(auto_id=STOP_ID),
            **typed,
        },
    )


@keeps_typed
@needs(P.MANAGE_DRUGS)
@require_http_methods(["GET", "POST"])
def drug_new(request):
    """A new drug; with `?from=` the same as an old one, which it replaces (R-122)."""
    old = Drug.objects.filter(pk=as_id(request.POST.get("old") or request.GET.get("from"))).first()
    if request.method == "GET":
        initial = {**model_to_dict(old, FIELDS), "code": ""} if old else dict(USUAL)
        if old:
            initial |= {"control": old.control_class_on(timezone.localdate()), "initials": ""}
        return _form_page(request, DrugForm(initial=initial, is_new=True, old=old), old=old)
    form = DrugForm(request.POST, is_new=True, old=old)
    response = None
    if form.is_valid():
        data = form.cleaned_data
        response = carry_out(
            request,
            drugs.create_drug,
            to=_page_of,
            form=form,
            done=_("The drug is in the library."),
            facts=form.facts(),
            control=data["control"],
            control_since=data["control_since"],
            replaces=old,
            stop_old=bool(data.get("stop_old")),
            anyway=data["anyway"],
        )
    return response or _form_page(request, form, old=old)


@keeps_typed("pharmacy.Drug")
@needs(P.MANAGE_DRUGS)
@require_http_methods(["GET", "POST"])
def drug_change(request, pk):
    """Correct what is known; what it is stays once it was used."""
    drug = get_object_or_404(Drug, pk=pk)
    fixed = catalogue.is_used(drug)
    if request.method == "GET":
        form = DrugForm(instance=drug, initial=_seen(drug), is_new=False, is_fixed=fixed)
        return _form_page(request, form, drug=drug)
    shown = Drug.objects.get(pk=pk)  # the form writes what was typed into its own copy
    form = DrugForm(request.POST, instance=drug, is_new=False, is_fixed=fixed)
    response = None
    if form.is_valid():
        response = carry_out(
            request,
            drugs.change_drug,
            to=_page_of,
            form=form,
            done=_("Saved."),
            drug=shown,
            facts=form.facts(),
            seen=_time(request.POST.get("seen")),
        )
    return response or _form_page(request, form, drug=shown)


@needs(P.REVIEW_PRESCRIPTION)
@require_POST
def drug_check(request, pk):
    """Checked by a pharmacist against the package."""
    seen = _time(request.POST.get("seen"))
    return _press(request, pk, drugs.check_drug, done=_("Marked as checked."), seen=seen)


@needs(P.MANAGE_DRUGS)
@require_POST
def drug_stop(request, pk):
    """Out of use, with the reason."""
    form = ReasonForm(request.POST, auto_id=STOP_ID)
    done = _("The drug is stopped.")
    return _act(request, pk, drugs.stop_drug, done=done, form=form) or _show(
        request, pk, stop_form=form
    )


@needs(P.MANAGE_DRUGS)
@require_POST
def drug_restart(request, pk):
    """Into use again."""
    return _press(request, pk, drugs.restart_drug, done=_("The drug is in use again."))


@needs(P.MANAGE_DRUGS)
@require_POST
def drug_control(request, pk):
    """A control class from a day on (R-53)."""
    form = ControlForm(request.POST, auto_id=CONTROL_ID)
    done = _("The class is noted.")
    return _act(request, pk, drugs.add_control_class, done=done, form=form) or _show(
        request, pk, control_form=form
    )


def _act(request, pk, verb, *, done: str, form):
    """Carry it out with what the form says; None when the page is to be shown again."""
    drug = get_object_or_404(Drug, pk=pk)
    here = reverse("drug_show", args=[drug.pk])
    if not form.is_valid():
        return None
    return carry_out(
        request,
        verb,
        to=lambda _row: here,
        form=form,
        done=done,
        drug=drug,
        **form.cleaned_data,
    )


def _press(request, pk, verb, *, done: str, **arguments):
    """A button without a form of its own."""
    drug = get_object_or_404(Drug, pk=pk)
    here = reverse("drug_show", args=[drug.pk])
    response = carry_out(request, verb, to=lambda _row: here, done=done, drug=drug, **arguments)
    return response or redirect("drug_show", drug.pk)


def _page_of(drug: Drug) -> str:
    return reverse("drug_show", args=[drug.pk])


def _form_page(request, form: DrugForm, *, drug: Drug | None = None, old: Drug | None = None):
    context = {"form": form, "drug": drug, "old": old}
    if drug:
        context["identity"] = identity_of(drug)
    if old:
        context["left"] = old.batches.filter(Batch.THERE).exists()
    return render(request, "pharmacy/drug_form.html", context)


def _seen(drug: Drug) -> dict:
    return {"seen": drug.changed_at.isoformat()}


def _time(text: str | None):
    try:
        return parse_datetime(text or "")
    except ValueError:
        return None
