"""The doctor's page of a herbal sheet: pieces in three or four columns, in their order."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinic.core.posting import carry_out, gone_on
from prescriptions import countersigning, foretelling, herbal, herbal_pages, sets
from prescriptions.access import own
from prescriptions.forms import VersionForm
from prescriptions.herbal_forms import HerbalForm
from prescriptions.models import Prescription, PrescriptionItem
from prescriptions.moves import no_longer
from prescriptions.states import EDITABLE
from prescriptions.views.sets import fill, usable_set
from security import audit
from security.access import needs
from security.long_forms import keeps_typed
from security.permissions import P

MOST_SUGGESTED = 12
STEPS = {"back": 1, "forward": -1}


@keeps_typed
@needs(P.PRESCRIBE)
@require_http_methods(["GET", "POST"])
def herbal_edit(request, pk):
    """Write pieces. A POST saves the line above and the piece in work, looks one up, or submits."""
    prescription = get_object_or_404(own(request.user), pk=pk)
    if prescription.state not in EDITABLE:
        return gone_on(request, no_longer(prescription), "prescription_show", pk)
    if prescription.form != Prescription.Form.HERBAL:
        return redirect("prescription_edit", pk)
    if request.method == "GET":
        return page(request, prescription, _opened(request, prescription))
    form = HerbalForm(
        request.POST, initial={name: request.POST.get(name, "") for name in ("item", "before")}
    )
    if "use_set" in request.POST:
        return _use_set(request, prescription)
    if "choose" in request.POST:
        return page(request, prescription, _chosen(request, form))
    if "submit" in request.POST:
        response = _submit(request, prescription, form)
    elif "find" in request.POST or (form.has_piece and not request.POST.get("drug")):
        return _look(request, prescription, form)
    else:
        response = _save(request, prescription, form)
    return response or page(request, prescription, form)


def _save(request, prescription: Prescription, form: HerbalForm):
    if not form.is_valid():
        return None
    here = reverse("herbal_edit", args=[prescription.pk])
    item = _item(prescription, request.POST.get("item", ""))
    step = STEPS.get(request.POST.get("move", ""), 0)
    return carry_out(
        request,
        herbal.write,
        to=lambda _sheet: f"{here}?item={item.pk}" if step and item else f"{here}?at=row",
        form=form,
        prescription=prescription,
        common=form.common(),
        piece=form.piece(),
        item=item,
        before=_item(prescription, request.POST.get("before", "")),
        step=step,
    )


def _use_set(request, prescription: Prescription):
    """A set of pieces, by its button or from the list; doses just typed are kept with it."""
    chosen = usable_set(request, request.POST["use_set"], request.POST.get("set", ""))
    line = HerbalForm({name: request.POST.get(name, "") for name in ("doses", "method", "usage")})
    if not line.is_valid():
        form = HerbalForm(request.POST)
        form.judge_only(**{name: errors[0] for name, errors in line.errors.items()})
        return page(request, prescription, form)
    if chosen is None:
        return redirect("herbal_edit", prescription.pk)
    return fill(request, prescription, sets.use, chosen=chosen, common=line.common())


def _submit(request, prescription: Prescription, form: HerbalForm):
    """Hand the sheet in, with the doses as they stand on the screen."""
    if not form.is_valid():
        return None
    if form.has_piece and not _is_as_saved(prescription, form):
        form.add_error("drug_text", _("This piece is not on the sheet yet: add it, or clear it."))
        return None
    version = VersionForm(request.POST)
    if not version.is_valid():
        messages.error(request, _("Not submitted: please look at the prescription again."))
        return None
    return carry_out(
        request,
        herbal.submit,
        to=lambda sheet: reverse("prescription_show", args=[sheet.pk]),
        form=form,
        done=countersigning.submitted_words(prescription),
        prescription=prescription,
        version=version.cleaned_data["version"],
        common=form.common(),
    )


def _is_as_saved(prescription: Prescription, form: HerbalForm) -> bool:
    """True for a row that was opened and left as it is."""
    item = _item(prescription, str(form.initial.get("item", "")))
    return item is not None and herbal.Piece.of(item) == form.piece()


def _opened(request, prescription: Prescription) -> HerbalForm:
    item = _item(prescription, request.GET.get("item", ""))
    initial = herbal_pages.common_of(prescription)
    if item is not None:
        initial |= herbal_pages.piece_of(item)
    elif before := _item(prescription, request.GET.get("before", "")):
        initial["before"] = before.pk
    return HerbalForm(initial=initial)


def _chosen(request, form: HerbalForm) -> HerbalForm:
    """A piece was picked from the list of found ones; its usual note is proposed."""
    typed = {name: form[name].value() or "" for name in ("doses", "method", "usage", "remark")}
    drug = herbal.piece_by_id(request.POST["choose"])
    initial = {**form.initial, **typed}
    if drug is not None:
        note = herbal_pages.proposed_note(drug, timezone.localdate())
        initial |= {"drug": drug.pk, "drug_text": drug.generic_name, "note": note}
    return HerbalForm(initial=initial)


def _look(request, prescription: Prescription, form: HerbalForm):
    """The pieces that fit the words, to be chosen by a button each; everything typed stays."""
    words = request.POST.get("drug_text", "")[:100]
    found = herbal_pages.offered(words, MOST_SUGGESTED)
    foretelling.foretell(prescription, found, besides=request.POST.get("item", ""))
    found_sets = sets.find(request.user, words, herbal=True)
    if not words.strip():
        form.judge_only(drug_text=_("Please type the piece's initials or name."))
    elif not found and not found_sets:
        form.judge_only(
            drug_text=_("No piece fits these words. Please try fewer letters of its initials.")
        )
    else:
        form.judge_only()
    return page(request, prescription, form, choices=found, found_sets=found_sets)


def _item(prescription: Prescription, pk: str) -> PrescriptionItem | None:
    rows = prescription.items.filter(removed_at__isnull=True).select_related("drug")
    return next((row for row in rows if str(row.pk) == pk), None) if pk else None


def page(
    request,
    prescription: Prescription,
    form=None,
    *,
    choices=None,
    sign_form=None,
    found_sets=(),
):
    """The page as it stands; other views show it with a signature that went wrong."""
    audit.record_read(by=request.user, screen="herbal_edit", patients=[prescription.patient_id])
    form = form or HerbalForm(initial=herbal_pages.common_of(prescription))
    context = herbal_pages.edit(
        prescription, request.user, form, choices=choices, sign_form=sign_form
    )
    context["found_sets"] = found_sets
    return render(request, "prescriptions/herbal_edit.html", context)


@needs(P.PRESCRIBE)
@require_POST
def herb_suggest(request):
    """Options for the type-ahead field: pieces with stock, usual grams and the usual note."""
    today, words = timezone.localdate(), request.POST.get("q", "")[:100]
    rows = [
        {"drug": drug, "note": herbal_pages.proposed_note(drug, today)}
        for drug in herbal_pages.offered(words, MOST_SUGGESTED)
    ]
    context = {"rows": rows, "found_sets": sets.find(request.user, words, herbal=True)}
    return render(request, "prescriptions/_herb_options.html", context)
