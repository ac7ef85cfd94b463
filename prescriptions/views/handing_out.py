"""At the window: the pick list, handing out, skin tests, sending back."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.core.posting import carry_out
from prescriptions import dispensing, double_sign, other_batch, picking, queues, rights
from prescriptions.access import in_pharmacy
from prescriptions.forms import ReasonForm, SkinTestForm, VersionForm
from prescriptions.models import PrescriptionItem
from prescriptions.moves import live_items
from prescriptions.review_forms import PasswordForm
from prescriptions.skin_tests import OPEN, RESULTS, record_skin_test
from prescriptions.states import RxState
from security import audit
from security.access import needs
from security.permissions import P
from security.second_person import SecondPersonForm

TO_HAND_OUT = (RxState.PAID, RxState.PICKING)
MOST_TESTS = 60


@needs(*rights.AT_WINDOW)
@require_GET
def dispense_list(request):
    """What waits at the window."""
    if not rights.at_window(request.user):
        return redirect("review_list")
    context = queues.to_dispense()
    audit.record_read(by=request.user, screen="dispense_list", patients=queues.patients_of(context))
    return render(request, "prescriptions/dispense_list.html", context)


@sensitive_post_parameters("witness_password", "password")
@needs(*rights.AT_WINDOW)
@require_http_methods(["GET", "POST"])
def dispense(request, pk):
    """The pick list; a POST hands everything out, controlled drugs before a second pharmacist."""
    prescription = get_object_or_404(in_pharmacy(), pk=pk)
    if request.method == "GET":
        if prescription.state not in TO_HAND_OUT or not rights.at_window(request.user):
            return redirect("prescription_show", pk)
        return _page(request, prescription)
    form = VersionForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Not dispensed: please look at the prescription again."))
        return redirect("dispense", pk)
    items = live_items(prescription)
    second = _second_pharmacist(request, items, request.POST)
    double = None if second else _double_sign(request, prescription, request.POST)
    typed = _other_batches(prescription, items, request.POST)
    if not _all_valid(second, double, *typed.values()):
        return _again(request, prescription, second, typed, double)
    response = carry_out(
        request,
        dispensing.dispense,
        to=lambda _sheet: reverse("dispense_list"),
        done=_("%(number)s is dispensed.") % {"number": prescription.number},
        prescription=prescription,
        version=form.cleaned_data["version"],
        witness=second.cleaned_data["witness"] if second else None,
        choices={pk: form.choice for pk, form in typed.items() if form.choice},
        signed_again=double is not None,
    )
    return response or _again(request, prescription, second, typed, double)


def _again(request, prescription, second, typed, double=None):
    """The page as it is now with what was typed, as long as anything is to be handed out."""
    prescription.refresh_from_db()
    is_shown = prescription.state in TO_HAND_OUT and rights.at_window(request.user)
    if not is_shown or not (second or typed or double):
        return redirect("dispense", prescription.pk)
    return _page(request, prescription, second=second, typed=typed, double=double)


def _other_batches(prescription, items, data) -> dict:
    """The forms of what was chosen otherwise (R-112); the usual way brings none."""
    if not other_batch.was_typed(data):
        return {}
    return other_batch.forms_of(picking.lines_of(prescription, items), data)


def _all_valid(*forms) -> bool:
    """Every form is asked, so that each shows its own errors."""
    valid = [form.is_valid() for form in forms if form is not None]
    return all(valid)


def _second_pharmacist(request, items, data=None) -> SecondPersonForm | None:
    """The form of the second person where the sheet needs one (R-120)."""
    if not dispensing.needs_witness(items):
        return None
    return SecondPersonForm(data, request=request, permission=P.DISPENSE, belongs_to="hand-out")


def _double_sign(request, prescription, data=None) -> PasswordForm | None:
    """The second signature of whoever reviewed the sheet (R-33)."""
    if not double_sign.is_needed(prescription, request.user):
        return None
    return PasswordForm(data, request=request)


def _page(request, prescription, form=None, second=None, typed=None, double=None):
    context = queues.to_dispense()
    seen = [*queues.patients_of(context), prescription.patient_id]
    audit.record_read(by=request.user, screen="dispense", patients=seen)
    context |= picking.pick_list(prescription, request.user, typed or None)
    items = [row["item"] for row in context["rows"]]
    context["second"] = second or _second_pharmacist(request, items)
    context["double"] = None
    if not context["second"]:
        context["double"] = double or _double_sign(request, prescription)
    context["form"] = form or ReasonForm(initial={"version": prescription.version})
    return render(request, "prescriptions/dispense.html", context)


@needs(P.DISPENSE)
@require_POST
def prescription_send_back(request, pk):
    """Something is missing: the doctor decides (R-123)."""
    prescription = get_object_or_404(in_pharmacy(), pk=pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        response = carry_out(
            request,
            dispensing.send_back,
            to=lambda _sheet: reverse("dispense_list"),
            form=form,
            done=_("%(number)s is back with the doctor.") % {"number": prescription.number},
            prescription=prescription,
            reason=form.cleaned_data["reason"],
            version=form.cleaned_data["version"],
        )
        if response:
            return response
    if prescription.state not in TO_HAND_OUT:
        return redirect("prescription_show", pk)
    return _page(request, prescription, form)


@needs(P.SKIN_TEST)
@require_GET
def skin_test_list(request):
    """Tests that wait for their result: name, drug, since when; nothing else of the sheet."""
    rows = PrescriptionItem.objects.filter(
        skin_test="pending", removed_at__isnull=True, prescription__state__in=OPEN
    ).exclude(prescription__state=RxState.DRAFT)
    rows = rows.select_related("prescription__patient", "prescription__consultation__registration")
    rows = list(rows.order_by("skin_test_at", "pk")[:MOST_TESTS])
    audit.record_read(
        by=request.user,
        screen="skin_test_list",
        patients=[row.prescription.patient_id for row in rows],
    )
    return render(request, "prescriptions/skin_test_list.html", {"rows": rows, "results": RESULTS})


@needs(P.SKIN_TEST, P.PRESCRIBE)
@require_POST
def skin_test(request, pk):
    """The state of a row's skin test: by its doctor while writing, later the result."""
    rows = PrescriptionItem.objects.select_related("prescription__patient", "drug")
    item = get_object_or_404(rows, pk=pk, removed_at__isnull=True)
    if item.prescription.state == RxState.DRAFT:
        item = get_object_or_404(rows, pk=pk, prescription__prescriber=request.user)
    back = _back(request)
    form = SkinTestForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Not saved: please choose the state of the skin test."))
        return HttpResponseRedirect(back)
    response = carry_out(
        request,
        record_skin_test,
        to=lambda _item: back,
        done=_("The skin test of %(drug)s is saved.") % {"drug": item.drug_name},
        item=item,
        state=form.cleaned_data["state"],
        lot=form.cleaned_data["lot"],
    )
    return response or HttpResponseRedirect(back)


def _back(request) -> str:
    """The page the form stood on, if it is one of ours."""
    here = request.POST.get("next", "")
    if here.startswith("/") and url_has_allowed_host_and_scheme(here, {request.get_host()}):
        return here
    return reverse("skin_test_list")
