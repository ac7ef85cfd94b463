"""Files of other institutions: brought, looked at, compared, taken in, read, taken back (R-151).

Until it is taken in, a file is for whoever brought it. Afterwards it is a document of the patient.
"""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from clinic.core.posting import carry_out
from clinic.core.prepared import prepared
from patients import codes, listing
from patients.banner import banner
from patients.duplicates import on_file
from patients.exchange import fhir_in, fhir_shown, fhir_taking
from patients.forms import RELATIONS
from patients.forms_received import BundleForm, CompareForm, FindForm, NewFileForm
from patients.models import Allergy, History, Received
from patients.records import Document
from patients.views_chart import CHART_MASKED
from security import audit, glass
from security.access import may_read_file, needs, require_file
from security.permissions import P

PAGE = 20
LINES = 50
State = Received.State


@needs(P.IMPORT_PATIENTS)
@require_http_methods(["GET", "POST"])
def received_list(request):
    """Choose a file; those that one brought oneself stand below."""
    form = BundleForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        response = carry_out(
            request,
            fhir_in.bring,
            to=_show,
            form=form,
            content=form.cleaned_data["file"].read(),
        )
        if response:
            return response
    rows = Received.objects.filter(brought_by=request.user).select_related("patient")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    people = [row.patient_id for row in page if row.patient_id]
    audit.record_read(by=request.user, screen="received_list", patients=people)
    return render(request, "patients/received_list.html", {"form": form, "page": page})


@needs(P.IMPORT_PATIENTS)
@require_http_methods(["GET", "POST"])
def received_show(request, pk):
    """One file, wherever it stands: what is in it, whose it is, what differs, what was done."""
    row = _own(request, pk)
    if row.state in (State.TAKEN, State.BACK):
        return _result(request, row)
    if row.state == State.DROPPED:
        return redirect("received_list")
    parcel = fhir_in.opened(row)
    step = request.POST.get("do", "")
    if step in ("drop", "again", "choose"):
        return _choose(request, row, step) or _preview(request, row, parcel)
    if row.patient_id:
        return _compare(request, row, parcel)
    return _new(request, row, parcel) if row.is_new else _preview(request, row, parcel)


@needs(P.READ_CHART)
@require_GET
def received_document(request, pk):
    """The other institution's file for reading; what is for few eyes needs a reason (R-140)."""
    rows = Received.objects.select_related("patient", "file", "brought_by")
    row = get_object_or_404(rows, pk=pk, state=State.TAKEN)
    require_file(request.user, row.patient_id)
    audit.record_read(by=request.user, screen="received_document", patients=[row.patient_id])
    is_broken = glass.is_broken(request.user, row.patient_id)
    parcel = fhir_in.opened(row)
    lines, hidden = fhir_shown.lines(parcel, with_restricted=is_broken)
    asked = {"secret": 1, "next": request.path}  # nosec B105 # a tick of the form
    context = banner(row.patient, user=request.user) | {
        "row": row,
        "sender": fhir_shown.sender_words(row.sender),
        "page": Paginator(lines, LINES).get_page(request.GET.get("page")),
        "hidden": hidden,
        "glass_url": f"{reverse('break_glass', args=[row.patient_id])}?{urlencode(asked)}",
        "their_number": parcel.person["record_no"],
    }
    return render(request, "patients/received_document.html", context)


@prepared
def _taken(patient: UUID):
    return Received.objects.filter(patient=patient, state=State.TAKEN)[:30]


def documents(patient, request) -> list[Document]:
    """For the chart: what other institutions sent."""
    return [
        Document(
            at=row.taken_at,
            title=_("File of another institution"),
            detail=row.sender or "",
            url=reverse("received_document", args=[row.pk]),
        )
        for row in _taken(patient)
    ]


def _own(request, pk) -> Received:
    rows = Received.objects.select_related("patient", "file", "brought_by", "back_by")
    return get_object_or_404(rows, pk=pk, brought_by=request.user)


def _show(row: Received) -> str:
    return reverse(
        "received_list" if row.state == State.DROPPED else "received_show", args=_of(row)
    )


def _of(row: Received) -> list:
    return [] if row.state == State.DROPPED else [row.pk]


def _choose(request, row: Received, step: str):
    """The response; None where a rule or a wrong number refused it."""
    if step == "drop":
        done = _("The file was thrown away; nothing was taken in.")
        return carry_out(request, fhir_in.drop, to=_show, done=done, received=row)
    wanted = {"patient": None, "is_new": request.POST.get("target") == "new"}
    if step == "choose" and not wanted["is_new"]:
        wanted["patient"] = _target(request)
        if wanted["patient"] is None:
            messages.error(request, _("There is no such file. Please check the number."))
            return None
    return carry_out(request, fhir_in.choose, to=_show, received=row, **wanted)


def _target(request):
    """A file of ours by its key (from the list) or its number (typed)."""
    form = FindForm(request.POST)
    number = form.cleaned_data["record_no"].upper() if form.is_valid() else ""
    key = request.POST.get("target", "")
    found = on_file().filter(record_no=number) if number else on_file().filter(pk__in=_keys(key))
    return found.first()


def _keys(text: str) -> list[UUID]:
    try:
        return [UUID(text)]
    except ValueError:
        return []


def _context(request, row: Received, parcel) -> dict:
    reads = request.user.has_perm(P.READ_CHART) or request.user.has_perm(P.WRITE_BASICS)
    return {
        "row": row,
        "sender": fhir_shown.sender_words(row.sender),
        "doubts": parcel.doubts,
        "summary": fhir_shown.summary(parcel),
        "denies": parcel.denies_allergies,
        "their_number": parcel.person["record_no"],
        # Earlier illness is shown to those who may write it; the desk sees how many there are.
        "reads": reads,
    }


def _preview(request, row: Received, parcel):
    taken, alike = fhir_in.candidates(parcel)
    people = [p for p in [taken, *alike] if p]
    audit.record_read(by=request.user, screen="received_show", patients=[p.pk for p in people])
    said = fhir_in.person_of(parcel)
    context = _context(request, row, parcel) | {
        "facts": [
            (label, fhir_in.said(fields, said))
            for label, fields in fhir_in.GROUPS.values()
            if fhir_in.said(fields, said)
        ],
        "their_allergies": _told(parcel.allergies),
        "histories": _illnesses(fhir_taking.new_histories(None, parcel)),
        "taken": taken,
        "rows": listing.rows(people),
        "before": fhir_in.same_before(row),
        "find": FindForm(),
    }
    return render(request, "patients/received_preview.html", context)


def _told(allergies: list[dict]) -> list[dict]:
    labels = dict(Allergy.Severity.choices)
    return [
        said | {"severity_label": labels.get(said["severity"], "")}
        for said in allergies
        if said["state"] == Allergy.State.ACTIVE
    ]


def _illnesses(histories: list[dict]) -> list[dict]:
    """Each with its words: what was written, or what the code means."""
    return [said | {"words": _illness(said)} for said in histories]


def _illness(said: dict) -> str:
    code_set = "family_disease" if said["relative"] else "past_disease"
    name = codes.label(code_set, said["code"]) if said["code"] else ""
    words = " ".join(filter(None, [name, said["text"]]))
    return f"{History.Kind(said['kind']).label}：{words}"


def _compare(request, row: Received, parcel):
    patient = row.patient
    if request.user.has_perm(P.READ_CHART):
        # What of theirs is new to our file tells what stands in it.
        require_file(request.user, patient.pk)
    audit.record_read(
        by=request.user,
        screen="received_show",
        patients=[patient.pk],
        data={"fields": CHART_MASKED},  # what differs is shown in full, as on the form
    )
    data = request.POST if request.POST.get("do") == "take" else None
    form = CompareForm(data, patient=patient, parcel=parcel)
    if form.is_bound and form.is_valid():
        response = _take(request, row, form)
        if response:
            return response
    context = banner(patient, user=request.user) | _context(request, row, parcel)
    context |= {
        "form": form,
        "lines": form.rows(),
        "their_allergies": form.shown_allergies(),
        "known": len(_told(parcel.allergies)) - len(form.allergies),
        "histories": _illnesses(fhir_taking.new_histories(patient, parcel)),
    }
    return render(request, "patients/received_compare.html", context)


def _new(request, row: Received, parcel):
    taken, alike = fhir_in.candidates(parcel)
    people = [p for p in [taken, *alike] if p]
    audit.record_read(by=request.user, screen="received_show", patients=[p.pk for p in people])
    data = request.POST if request.POST.get("do") == "take" else None
    form = NewFileForm(data, parcel=parcel)
    if form.is_bound and form.is_valid():
        response = _take(request, row, form, seen=request.POST.getlist("seen")[:50])
        if response:
            return response
    context = _context(request, row, parcel) | {
        "form": form,
        "relations": RELATIONS,
        "their_allergies": form.shown_allergies(),
        "histories": _illnesses(fhir_taking.new_histories(None, parcel)),
        "rows": listing.rows(people),
    }
    return render(request, "patients/received_new.html", context)


def _take(request, row: Received, form, **more):
    return carry_out(
        request,
        fhir_taking.take_in,
        to=_show,
        form=form,
        received=row,
        **form.arguments(),
        **more,
    )


def _result(request, row: Received):
    if request.method == "POST" and request.POST.get("do") == "take_back":
        response = carry_out(request, fhir_taking.take_back, to=_show, received=row)
        if response:
            return response
        row = _own(request, row.pk)
    audit.record_read(by=request.user, screen="received_show", patients=[row.patient_id])
    context = {
        "row": row,
        "sender": fhir_shown.sender_words(row.sender),
        "patient": row.patient,
        "changed": [str(fhir_in.GROUPS[name][0]) for name in _groups(row.done["fields"])],
        "reads": may_read_file(request.user, row.patient_id),
        "writes": request.user.has_perm(P.WRITE_PATIENT),
    }
    return render(request, "patients/received_result.html", context)


def _groups(fields) -> list[str]:
    return [name for name, (_label, names) in fhir_in.GROUPS.items() if set(names) & set(fields)]
