"""The doctor's page: rows, alerts under them, submit."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from clinic.core.errors import RuleBroken
from clinic.core.posting import carry_out, gone_on
from patients.age import age_years
from pharmacy.catalogue import search_drugs, with_available
from pharmacy.models import Drug
from prescriptions import countersigning, foretelling, groups, pages, services, sets, signing
from prescriptions.access import own
from prescriptions.entry import child_of, form_of, form_with, together_with
from prescriptions.forms import ReasonForm, RowForm, SignForm, TermsForm, VersionForm
from prescriptions.herb_words import is_piece
from prescriptions.models import Prescription, PrescriptionItem
from prescriptions.moves import live_items, no_longer
from prescriptions.rules.facts import SPECIAL
from prescriptions.states import EDITABLE
from prescriptions.terms import extra_days_choices, state_terms
from prescriptions.views import herbal
from prescriptions.views.sets import fill, usable_set
from registration.models import Consultation
from security import audit
from security.access import needs
from security.long_forms import keeps_typed
from security.permissions import P

MOST_SUGGESTED = 12
TERMS = [("extra_days", 0), ("assessment", ""), ("patient_agreed", False)]


@needs(P.PRESCRIBE)
@require_POST
def prescription_start(request, consultation):
    """A new sheet for the doctor's own visit."""
    visit = get_object_or_404(Consultation, pk=consultation, clinician__user=request.user)
    response = carry_out(request, services.start, to=pages.edit_url, consultation=visit)
    return response or redirect("consultation", visit.pk)


@keeps_typed
@needs(P.PRESCRIBE)
@require_http_methods(["GET", "POST"])
def prescription_edit(request, pk):
    """Write rows. A POST adds or changes one, or looks for a drug without a script."""
    prescription = get_object_or_404(own(request.user), pk=pk)
    if prescription.state not in EDITABLE:
        return gone_on(request, no_longer(prescription), "prescription_show", pk)
    if prescription.form == Prescription.Form.HERBAL:
        return redirect("herbal_edit", pk)
    if request.method == "GET":
        return _page(request, prescription, _opened(request, prescription))
    if "use_set" in request.POST:
        return _use_set(request, prescription)
    if "choose" in request.POST:
        return _page(request, prescription, _chosen(request, prescription))
    form = RowForm(request.POST, initial={"item": request.POST.get("item", "")})
    if "find" in request.POST or not request.POST.get("drug"):
        return _look(request, prescription, form)
    if form.is_valid():
        response = _save_row(request, prescription, form)
        if response:
            return response
    return _page(request, prescription, form)


def _use_set(request, prescription: Prescription):
    """A set was chosen, by its button or from the list under the field."""
    chosen = usable_set(request, request.POST["use_set"], request.POST.get("set", ""))
    if chosen is None:
        return redirect("prescription_edit", prescription.pk)
    return fill(request, prescription, sets.use, chosen=chosen)


def _save_row(request, prescription: Prescription, form: RowForm):
    item = _item(prescription, request.POST.get("item", ""))
    here = pages.edit_url(prescription)
    if item is None:
        verb, target = services.add_item, {"prescription": prescription}
    else:
        verb, target = services.change_item, {"item": item}
    usage = form.usage()
    if "together" in request.POST and usage["group"] is None:
        usage["group"] = groups.next_number(live_items(prescription))

    def to(saved: PrescriptionItem) -> str:
        return f"{here}?at=row" + (f"&group={saved.group}" if "together" in request.POST else "")

    return carry_out(request, verb, to=to, form=form, **target, **usage)


def _opened(request, prescription: Prescription) -> RowForm:
    """The row in work on a GET: one of the sheet's, a proposed drug, or empty."""
    item = _item(prescription, request.GET.get("item", ""))
    drug = _drug(request.GET.get("drug", ""))
    age, child = _age(prescription), child_of(prescription)
    if item is not None:
        return form_of(item, drug=drug, age=age, child=child)
    together = together_with(prescription, request.GET.get("group", ""))
    if drug is not None:
        return form_with(drug, age=age, child=child, together=together)
    return RowForm(initial=together)


def _chosen(request, prescription: Prescription) -> RowForm:
    """A drug was picked from the list of found ones: its usual usage fills what is empty."""
    drug = _drug(request.POST["choose"])
    if drug is None:
        return RowForm(request.POST)
    typed = {name: request.POST.get(name, "")[:50] for name in ("days", "quantity")}
    together = together_with(prescription, request.POST.get("group", ""))
    child = child_of(prescription)
    form = form_with(drug, age=_age(prescription), child=child, typed=typed, together=together)
    form.initial["item"] = request.POST.get("item", "")
    return form


def _look(request, prescription: Prescription, form: RowForm):
    """The drugs that fit the words, to be chosen by a button each; everything typed stays."""
    words = request.POST.get("drug_text", "")[:100]
    found = offered(words)
    foretelling.foretell(prescription, found, besides=request.POST.get("item", ""))
    found_sets = sets.find(request.user, words)
    if not words.strip():
        form.judge_only(drug_text=_("Please type the drug's initials or name."))
    elif not found and not found_sets:
        form.judge_only(
            drug_text=_("No drug fits these words. Please try fewer letters of its initials.")
        )
    else:
        form.judge_only()
    return _page(request, prescription, form, choices=found, found_sets=found_sets)


def offered(words: str) -> list[Drug]:
    """Drugs that may be prescribed here, those in stock first; never special grade (R-48)."""
    found = search_drugs(words, limit=MOST_SUGGESTED)
    allowed = [d for d in found if d.antibiotic_grade != SPECIAL and not is_piece(d)]
    return sorted(allowed, key=lambda drug: not drug.available)


def _item(prescription: Prescription, pk: str) -> PrescriptionItem | None:
    rows = prescription.items.filter(removed_at__isnull=True).select_related("drug")
    return next((row for row in rows if str(row.pk) == pk), None)


def _drug(pk: str) -> Drug | None:
    if not (pk.isascii() and pk.isdigit() and len(pk) < 13):
        return None
    found = Drug.objects.filter(pk=int(pk), active=True).exclude(antibiotic_grade=SPECIAL)
    return next(iter(with_available(list(found))), None)


def _age(prescription: Prescription) -> int:
    return age_years(prescription.patient.birth_date, timezone.localdate())


def _page(
    request,
    prescription: Prescription,
    form: RowForm,
    *,
    choices=None,
    sign_form=None,
    found_sets=(),
):
    if prescription.form == Prescription.Form.HERBAL:
        return herbal.page(request, prescription, sign_form=sign_form)
    audit.record_read(
        by=request.user, screen="prescription_edit", patients=[prescription.patient_id]
    )
    context = pages.edit(
        prescription,
        request.user,
        form,
        choices=choices,
        sign_form=sign_form,
        at=request.GET.get("at", ""),
    )
    context.update(found_sets=found_sets, extra_days=extra_days_choices())
    return render(request, "prescriptions/prescription_edit.html", context)


@needs(P.PRESCRIBE)
@require_POST
def drug_suggest(request):
    """Options for the type-ahead field; with `?sheet=` the rules say what stands against each."""
    words = request.POST.get("q", "")[:100]
    drugs = offered(words)
    prescription = _sheet_asked(request)
    if prescription is not None:
        foretelling.foretell(prescription, drugs, besides=request.GET.get("item", ""))
    age, child, together = _age_asked(request), None, {}
    if prescription is not None:
        child = child_of(prescription)
        together = together_with(prescription, request.GET.get("group", ""))
    rows = [
        {"drug": drug, "form": form_with(drug, age=age, child=child, together=together).initial}
        for drug in drugs
    ]
    found_sets = sets.find(request.user, words) if prescription is not None else []
    context = {"rows": rows, "found_sets": found_sets}
    return render(request, "prescriptions/_drug_options.html", context)


def _sheet_asked(request) -> Prescription | None:
    """The doctor's own sheet in work that the field's address names."""
    try:
        pk = UUID(request.GET.get("sheet", ""))
    except ValueError:
        return None
    return own(request.user).filter(pk=pk, state__in=EDITABLE).first()


def _age_asked(request) -> int:
    """The field's address says `?child=1` when usual adult doses must not be filled in."""
    return 0 if request.GET.get("child") else 99


@needs(P.PRESCRIBE)
@require_POST
def prescription_item_remove(request, pk):
    """Take a row off; the message puts it back."""
    item = _own_item(request, pk)
    answer = _act(request, services.remove_item, item.prescription, item=item)
    if getattr(request, "carried_out", False):
        undo = f"undo={reverse('prescription_item_put_back', args=[pk])}"
        messages.success(request, _("%(name)s was taken off.") % {"name": item.drug_name}, undo)
    return answer


@needs(P.PRESCRIBE)
@require_POST
def prescription_item_replace(request, pk):
    """Take the offered drug instead; where it has no plain usual dose, the row opens with it."""
    item = _own_item(request, pk)
    drug = _drug(request.POST.get("drug", ""))
    if drug is None:
        raise Http404
    return _act(request, services.replace_item, item.prescription, item=item, drug=drug)


@needs(P.PRESCRIBE)
@require_POST
def prescription_item_outside(request, pk):
    """The patient buys it elsewhere."""
    item = _own_item(request, pk)
    return _act(request, services.mark_outside, item.prescription, item=item)


def _own_item(request, pk) -> PrescriptionItem:
    rows = PrescriptionItem.objects.select_related("prescription", "drug")
    return get_object_or_404(rows, pk=pk, prescription__prescriber=request.user)


def _act(request, verb, prescription: Prescription, *, done: str = "", **target):
    here = f"{pages.edit_url(prescription)}?at=row"
    response = carry_out(request, verb, to=lambda _result: here, done=done, **target)
    return response or redirect(pages.edit_url(prescription))


@needs(P.PRESCRIBE)
@require_POST
def prescription_terms(request, pk):
    """A longer validity, and what a supply of more than four weeks needs."""
    prescription = get_object_or_404(own(request.user), pk=pk)
    form = TermsForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Not saved: please look at validity and assessment again."))
        return redirect("prescription_edit", pk)
    response = carry_out(
        request,
        state_terms,
        to=pages.edit_url,
        done=_("Saved."),
        prescription=prescription,
        **form.cleaned_data,
    )
    return response or redirect("prescription_edit", pk)


@sensitive_post_parameters("password")
@needs(P.PRESCRIBE)
@require_POST
def prescription_override(request, pk):
    """Insist on one alert: reason and password (R-20)."""
    prescription = get_object_or_404(own(request.user), pk=pk)
    if prescription.state not in EDITABLE:
        return gone_on(request, no_longer(prescription), "prescription_show", pk)
    form = SignForm(request.POST, request=request)
    if form.is_valid():
        response = carry_out(
            request,
            signing.override,
            to=lambda _record: pages.edit_url(prescription),
            form=form,
            done=_("Signed."),
            prescription=prescription,
            **form.cleaned_data,
        )
        if response:
            return response
    return _page(request, prescription, RowForm(), sign_form=form)


@needs(P.PRESCRIBE)
@require_POST
def prescription_submit(request, pk):
    """Hand the sheet to the pharmacist; the server decides, whatever the button looked like."""
    prescription = get_object_or_404(own(request.user), pk=pk)
    form = VersionForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Not submitted: please look at the prescription again."))
        return redirect("prescription_edit", pk)
    version = _keep_terms(request, prescription, form.cleaned_data["version"])
    if version is None:
        return redirect("prescription_edit", pk)
    response = carry_out(
        request,
        services.submit,
        to=lambda sheet: reverse("prescription_show", args=[sheet.pk]),
        done=countersigning.submitted_words(prescription),
        prescription=prescription,
        version=version,
    )
    return response or redirect("prescription_edit", pk)


def _keep_terms(request, prescription: Prescription, version: int) -> int | None:
    """Save validity and assessment that stand beside the button, whatever becomes of the sheet.

    Returns the version to submit; None where they can't be saved.
    """
    form = TermsForm(request.POST)
    if "extra_days" not in request.POST or version != prescription.version:
        return version
    if not form.is_valid():
        messages.error(request, _("Not saved: please look at validity and assessment again."))
        return None
    if all(
        form.cleaned_data[name] == (getattr(prescription, name) or empty) for name, empty in TERMS
    ):
        return version
    try:
        return state_terms(prescription=prescription, by=request.user, **form.cleaned_data).version
    except RuleBroken as error:
        messages.error(request, error.message)
        return None


@needs(P.PRESCRIBE)
@require_POST
def prescription_void(request, pk):
    """Withdraw the sheet, with the reason."""
    prescription = get_object_or_404(own(request.user), pk=pk)
    form = ReasonForm(request.POST)
    back = "prescription_edit" if prescription.state in EDITABLE else "prescription_show"
    if not form.is_valid():
        messages.error(request, form.errors["reason"][0] if "reason" in form.errors else "")
        return redirect(back, pk)
    response = carry_out(
        request,
        services.void,
        to=lambda sheet: reverse("consultation", args=[sheet.consultation_id]),
        done=_("Prescription %(number)s is voided.") % {"number": prescription.number},
        prescription=prescription,
        reason=form.cleaned_data["reason"],
    )
    return response or HttpResponseRedirect(reverse(back, args=[pk]))
