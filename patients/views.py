"""Search, new file, correction. Searching is posted: no name stands in an address."""

from django.contrib import messages
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinic.core import modules
from clinic.core.posting import carry_out
from patients import consents, hints, listing, records, unnamed
from patients.banner import banner
from patients.completeness import missing
from patients.duplicates import PossibleDuplicate, file_of, look_alike
from patients.forms import REACTIONS, RELATIONS, CorrectionForm, NewPatientForm, SearchForm
from patients.models import AllergyGroup, IdType, Patient
from patients.rules import name_problem, tidy_name
from patients.search import find_patients
from patients.services import ChangedMeanwhile, correct, register
from patients.views_chart import CHART_MASKED, LIST_MASKED, note_revealed
from security import audit
from security.access import needs
from security.long_forms import keeps_typed
from security.permissions import P

FOUND = 20


@needs(P.FIND_PATIENT)
@require_http_methods(["GET", "POST"])
def patient_search(request):
    """One field for name, pinyin, phone, document and record number."""
    form = SearchForm(request.POST or None)
    context = {"form": form, "may": may(request.user), "searched": False}
    if form.is_valid():
        found = find_patients(form.cleaned_data["q"], FOUND + 1)
        shown = found[:FOUND]
        revealed = "reveal" in request.POST and context["may"]["reveal"]
        ids = [patient.pk for patient in shown]
        audit.record("search", screen="patient_search", data={"found": len(found)})
        audit.record_read(by=request.user, screen="patient_search", patients=ids)
        if revealed:
            note_revealed(request, ids, LIST_MASKED)
        context |= {
            "searched": True,
            "rows": listing.rows(shown, revealed=revealed),
            "revealed": revealed,
            "more": len(found) > FOUND,
            "limit": FOUND,
            "hints": hints.hints(form.cleaned_data["q"], request.user),
        }
    return render(request, "patients/patient_search.html", context)


@keeps_typed
@needs(P.WRITE_PATIENT)
@require_http_methods(["GET", "POST"])
def patient_new(request):
    """Open a file; possible duplicates stand beside the form until somebody decides."""
    if request.method == "GET" or "begin" in request.POST:
        return _new_page(request, NewPatientForm(initial=_begun_with(request)))
    form, alike = NewPatientForm(request.POST), []
    if form.is_valid():
        response = carry_out(
            request,
            noting(PossibleDuplicate, register, alike),
            to=lambda patient: _after_saving(request, patient),
            form=form,
            done=_("The file was opened."),
            not_a_duplicate=request.POST.getlist("seen") if "different" in request.POST else False,
            allergy_status=form.cleaned_data["allergy_status"],
            allergies=form.allergies(),
            notice_given=form.cleaned_data["notice_given"],
            notice_version=form.cleaned_data["notice_version"],
            **form.person(),
        )
        if response:
            return response
    return _new_page(request, form, alike[0] if alike else None)


@keeps_typed
@needs(P.WRITE_PATIENT)
@require_http_methods(["GET", "POST"])
def patient_edit(request, pk):
    """Correct what the file says; a colleague's change meanwhile is shown, not overwritten."""
    patient = file_of(pk)
    audit.record_read(
        by=request.user,
        screen="patient_edit",
        patients=[patient.pk],
        data={"fields": CHART_MASKED},  # a form shows in full what it lets one correct
    )
    changed = []
    if request.method == "GET":
        form = CorrectionForm(stored=patient)
    else:
        form = CorrectionForm(request.POST, stored=patient)
        if form.is_valid():
            response = carry_out(
                request,
                noting(ChangedMeanwhile, correct, changed),
                to=lambda saved: _after_saving(request, saved),
                form=form,
                done=_("The file was saved."),
                patient=patient,
                version=form.cleaned_data["version"],
                reason=form.cleaned_data["reason"],
                **form.person(),
            )
            if response:
                return response
    if changed:
        form.show_meanwhile(changed[0].patient)
    context = banner(patient, user=request.user) | _form_words(form)
    context |= {"may": may(request.user), "missing": missing(patient)}
    context["answered"] = consents.last_notice(patient)
    return render(request, "patients/patient_edit.html", context)


def may(user) -> dict[str, bool]:
    """Which links and buttons this person gets."""
    write, chart = user.has_perm(P.WRITE_PATIENT), user.has_perm(P.READ_CHART)
    return {
        "write": write,
        "chart": chart,
        "reveal": write or chart,
        "register": user.has_perm(P.REGISTER_VISIT),
        "book": user.has_perm(P.CONSULT) and not user.has_perm(P.REGISTER_VISIT),
        "allergies": user.has_perm(P.RECORD_ALLERGY),
        "merge": user.has_perm(P.MERGE_PATIENT),
        "basics": user.has_perm(P.WRITE_BASICS),
        "follow_up": user.has_perm(P.FOLLOW_UP) and modules.is_on("follow_up"),
    }


def noting(kind: type[Exception], verb, noted: list):
    """`verb`, but an error of this kind is also put into `noted`: the page shows more of it."""

    def run(**arguments):
        try:
            return verb(**arguments)
        except kind as error:
            noted.append(error)
            raise

    return run


def _begun_with(request) -> dict:
    """A new file begins with what was searched in vain, or with what was typed elsewhere."""
    if request.GET.get("as") == "newborn":
        return _newborn()
    typed = records.beginning(request.POST.get("source", ""), by=request.user)
    return typed or _searched(request.POST.get("begin", ""))


def _newborn() -> dict:
    """What is the same of every newborn without a document; the name follows from the mother's."""
    return {
        "id_type": IdType.NONE.value,
        "no_id_reason": _("Newborn, no birth certificate yet"),
        "birth_date": timezone.localdate().isoformat(),
        "contact_relation": _("Mother"),
        "newborn": True,
    }


def _searched(text: str) -> dict:
    """The field into which the words of a search belong, where that can be told."""
    text = text[:60]
    name, digits = tidy_name(text), "".join(text.split())
    if digits.isascii() and any(c.isdigit() for c in digits):
        field = "id_number" if len(digits) > 12 else "phone" if len(digits) == 11 else ""
        return {field: digits} if field else {}
    # Letters without Han characters are pinyin, not a name.
    return {} if name.isascii() or name_problem(name) else {"name": name}


def _after_saving(request, patient: Patient) -> str:
    """On to registration where that was asked for and is allowed, else back to the file."""
    _tell_alike(request, patient)
    if back := _way_back(request):
        return back
    then = request.POST.get("then") or request.POST.get("different")
    if then == "register" and request.user.has_perm(P.REGISTER_VISIT):
        return reverse("registration_new", args=[patient.pk])
    return reverse("patient_edit", args=[patient.pk])


def _tell_alike(request, patient: Patient) -> None:
    """A correction may make two files look like one person's (R-81)."""
    if "different" in request.POST or request.resolver_match.url_name != "patient_edit":
        return
    numbers = [other.record_no for other in look_alike(patient)]
    if numbers:
        text = _("Somebody like this is on file as well: %(numbers)s. Please compare the files.")
        messages.warning(request, text % {"numbers": ", ".join(numbers)})


def _way_back(request) -> str:
    """A page of ours that asked for the file, and goes on with it."""
    back = request.POST.get("back", "")
    ours = url_has_allowed_host_and_scheme(back, allowed_hosts=None, require_https=True)
    return back if ours and back.startswith("/") and len(back) < 200 else ""


def _form_words(form) -> dict:
    return {"form": form, "relations": RELATIONS}


def _new_page(request, form, duplicate: PossibleDuplicate | None = None):
    alike = duplicate.patients if duplicate else []
    audit.record_read(by=request.user, screen="patient_new", patients=[p.pk for p in alike])
    then = request.POST.get("then") or request.POST.get("different") or ""
    notice = consents.explained()
    form.fields["notice_version"].initial = notice.version
    context = _form_words(form) | {
        "may": may(request.user),
        "groups": AllergyGroup.objects.values_list("name", flat=True),
        "reactions": REACTIONS,
        "duplicate": duplicate,
        "alike": listing.rows(alike),
        "back": _way_back(request),
        "notice": notice,
        "guesses": unnamed.GUESSES,
        "then": "register" if then == "register" else "save",
        "seen": {*request.POST.getlist("seen")[:50], *(str(p.pk) for p in alike)},
    }
    return render(request, "patients/patient_new.html", context)
