"""Emergency numbers on paper: printing them beforehand, typing them in afterwards (R-178)."""

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.core.days import typed_date
from clinic.core.posting import carry_out
from clinic.core.text import row_number
from clinic.core.transactions import atomic_retry
from patients.listing import rows as patient_rows
from patients.models import IdType, Patient
from patients.rules import settle
from patients.search import find_patients
from patients.services import register
from registration import paper, week
from registration.forms_desk import LEFT, SEEN, PaperForm, SheetForm
from registration.models import EmergencySheet, Registration
from security import audit
from security.access import needs
from security.long_forms import keeps_typed
from security.permissions import P

FOUND = 8
MOST_SHEETS = 40
NEW_FILE = (
    *("name", "sex", "birth_date", "phone"),
    *("contact_name", "contact_relation", "contact_phone"),  # a child's guardian
)


@needs(P.REGISTER_VISIT)
@require_http_methods(["GET", "POST"])
def paper_numbers(request):
    """Print sheets to lie in the drawer; each has numbers that no other sheet has."""
    doctors = week.clinicians()
    chosen = [str(one.pk) for one in doctors]
    form = SheetForm(request.POST or None, clinicians=doctors, initial={"clinicians": chosen})
    if request.method == "POST" and form.is_valid():
        response = carry_out(
            request, paper.print_sheets, to=_sheets_url, form=form, **form.cleaned_data
        )
        if response:
            return response
    sheets = EmergencySheet.objects.select_related("clinician__user", "made_by")
    context = {"form": form, "sheets": sheets[:MOST_SHEETS]}
    return render(request, "registration/paper_numbers.html", context)


@needs(P.REGISTER_VISIT)
@require_GET
def paper_print(request):
    """The sheets just made, one page each."""
    keys = [row_number(key) for key in request.GET.getlist("sheet")]
    sheets = EmergencySheet.objects.select_related("clinician__user", "clinician__room")
    sheets = list(sheets.filter(pk__in=keys[:MOST_SHEETS]).order_by("pk"))
    if not sheets:
        raise Http404
    context = {
        "sheets": sheets,
        "back_url": reverse("paper_numbers"),
        "autoprint": "print" in request.GET,
    }
    return render(request, "registration/paper_print.html", context)


@keeps_typed
@needs(P.REGISTER_VISIT)
@require_http_methods(["GET", "POST"])
def paper_entry(request):
    """One row after the other: number, time, patient; what was typed stays until it is right."""
    doctors, found = week.clinicians(), []
    if request.method == "POST":
        form = PaperForm(request.POST, clinicians=doctors)
        if form.is_valid():
            who, found = _who(request, form)
            response = who and _enter(request, form, who)
            if response:
                return response
    else:
        form = PaperForm.after(_last(request), clinicians=doctors)
    _aim(form, found)
    day = typed_date(str(form["day"].value() or "")) or timezone.localdate()
    done = paper.entered_on(day)
    seen = [visit.patient_id for visit in done] + [row["patient"].pk for row in found]
    audit.record_read(by=request.user, screen="paper_entry", patients=seen)
    asks_file = bool(request.method == "POST" and not found and form["q"].value())
    context = {
        "form": form,
        "found": found,
        "asks_file": asks_file or bool(form["name"].value()),
        "done": done,
        "day": day,
        "may_open": request.user.has_perm(P.WRITE_PATIENT),
    }
    return render(request, "registration/paper_entry.html", context)


@needs(P.REGISTER_VISIT)
@require_POST
def paper_seen(request, pk):
    """A row typed in as waiting by mistake: the doctor has seen this patient."""
    visit = get_object_or_404(Registration, pk=pk)
    response = carry_out(
        request,
        paper.seen_after_all,
        to=lambda _visit: reverse("paper_entry"),
        done=_("%(number)s waits no more: the doctor writes the record.")
        % {"number": visit.number},
        registration=visit,
    )
    return response or redirect("paper_entry")


# -- inside --


def _sheets_url(sheets: list[EmergencySheet]) -> str:
    keys = "&".join(f"sheet={sheet.pk}" for sheet in sheets)
    return f"{reverse('paper_print')}?{keys}&print=1"


def _last(request) -> Registration | None:
    """The row before this one, so that the next begins beside it."""
    key = request.GET.get("after", "")
    rows = Registration.objects.filter(source=Registration.Source.PAPER)
    return get_object_or_404(rows, number=key) if key else None


def _who(request, form: PaperForm) -> tuple[dict | None, list]:
    """The patient of the row as the verb's argument, or the files to choose from."""
    wanted = form.cleaned_data
    if wanted["patient"]:
        files = Patient.objects.filter(state=Patient.State.ACTIVE)
        return {"patient": get_object_or_404(files, pk=wanted["patient"])}, []
    if wanted["name"]:
        return _short_file(form), []
    if not wanted["q"]:
        form.add_error("q", _("Whose number is it? Please type a name, phone or number."))
        return None, []
    audit.record("search", screen="paper_entry")
    files = find_patients(wanted["q"], FOUND)
    if len(files) == 1:
        return {"patient": files[0]}, []
    if not files:
        form.add_error("q", _("Nobody found. Please check the spelling, or write a short file."))
    return None, patient_rows(files)


def _short_file(form: PaperForm) -> dict | None:
    """What a new file would hold, or every wrong field told at once."""
    person = {name: form.cleaned_data[name] for name in NEW_FILE}
    person |= {"id_type": IdType.NONE, "no_id_reason": _("Emergency number on paper")}
    _values, problems = settle(person, today=timezone.localdate())
    for problem in problems:
        form.add_error(problem.field if problem.field in form.fields else None, problem.message)
    return None if problems else {"person": person}


def _enter(request, form: PaperForm, who: dict):
    wanted = form.cleaned_data
    row = {name: wanted[name] for name in ("number", "day", "time", "clinician")}
    row |= {"seen": wanted["now"] == SEEN, "left": wanted["now"] == LEFT}
    if "person" in who and not request.user.has_perm(P.WRITE_PATIENT):
        form.add_error("q", _("Nobody found. Please ask somebody who may open files."))
        return None
    return carry_out(
        request,
        _open_and_enter if "person" in who else paper.enter_paper,
        to=lambda visit: f"{reverse('paper_entry')}?after={visit.number}",
        form=form,
        **who,
        **row,
    )


@atomic_retry
def _open_and_enter(*, person: dict, by, **row) -> Registration:
    """A file with what the paper says, and the number; both or neither."""
    return paper.enter_paper(patient=register(by=by, **person), by=by, **row)


def _aim(form: PaperForm, found: list) -> None:
    """The focus where the hands go on: the first wrong field, or the number, or the name."""
    if not form.errors and not found:
        form.fields["q" if form["number"].value() else "number"].widget.attrs["autofocus"] = True
