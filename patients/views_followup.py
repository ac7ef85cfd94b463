"""Long care: the list of the due, one patient's files, the form of one follow-up (R-63 to R-68)."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.core.posting import carry_out, gone_on, keeping
from patients import records
from patients.banner import banner
from patients.duplicates import file_of
from patients.followup import lists, plans, prefill, reading, rules, verbs
from patients.followup.forms import (
    CHRONIC,
    CLOSE_REASONS,
    CloseForm,
    DeliveryForm,
    FollowUpForm,
    MoveForm,
    OpenForm,
)
from patients.masking import mask_phone
from patients.models import CareFile, CareKind, FollowUp, Patient
from patients.ways_back import way_back
from security import audit
from security.access import needs
from security.long_forms import keeps_typed
from security.models import User
from security.permissions import P, Role

PHONES = ["phone", "contact_phone"]


def doctors() -> list[User]:
    """Who can be responsible for a file."""
    found = User.objects.filter(groups__name=Role.DOCTOR, is_active=True)
    return list(found.order_by("full_name", "pk"))


@needs(P.FOLLOW_UP)
@require_GET
def followup_list(request):
    """Who is due or overdue, the longest overdue first; the nurse's morning page."""
    return _list(request, revealed=False)


@needs(P.FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def followup_phones(request):
    """The same with the phones in full, for calling; that somebody looked is recorded (R-141)."""
    if request.method == "GET":  # the next page, or another filter: masked again
        return redirect(f"{reverse('followup_list')}?{request.GET.urlencode()}")
    return _list(request, revealed=True)


@needs(P.FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def patient_followups(request, pk):
    """One patient's files, what is due, what was found, plots; a POST opens a file."""
    patient = file_of(pk)
    lists.require_follow_up(request.user, patient.pk)
    audit.record_read(by=request.user, screen="patient_followups", patients=[patient.pk])
    form = OpenForm(request.POST or None, doctors=doctors(), initial={"doctor": _own(request.user)})
    if request.method == "POST" and form.is_valid():
        response = carry_out(
            request,
            verbs.open_file,
            to=lambda _care: reverse("patient_followups", args=[pk]),
            form=form,
            done=_("The file is open; its dates are planned."),
            patient=patient,
            kind=form.cleaned_data["kind"],
            doctor=form.doctors.get(form.cleaned_data["doctor"]),
            facts=form.facts(),
        )
        if response:
            return response
    return _patient_page(request, patient, form)


@keeps_typed
@needs(P.FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def followup_record(request, pk):
    """The national form of one date: filled from today's visit, recorded, corrected."""
    row = _row(request, pk, "followup_record")
    initial, filled = prefill.beginning(row, user=request.user)
    form = FollowUpForm(request.POST or None, row=row, initial=initial)
    form.filled, overtaken = set(filled), False
    if request.method == "POST" and form.is_valid():
        kept: list[FollowUp] = []
        response = carry_out(
            request,
            keeping(verbs.record, kept),
            to=lambda _row: way_back(request) or _home(row),
            form=form,
            done=_("The follow-up is recorded."),
            follow_up=row,
            version=form.cleaned_data["version"],
            done_on=form.cleaned_data["done_on"],
            next_on=form.cleaned_data["next_on"],
            visit=form.cleaned_data["visit"],
            findings=form.findings(),
        )
        if response:
            _tell_hints(request, kept)
            return response
        row = FollowUp.objects.select_related("care_file__patient", "done_by").get(pk=pk)
        overtaken = form.follow(row)
    return _form_page(request, row, form, overtaken=overtaken)


@needs(P.FOLLOW_UP)
@require_POST
def followup_move(request, pk):
    """Another day, or nobody reached."""
    row = _row(request, pk, "followup_record")
    form, missed = MoveForm(request.POST), request.POST.get("do") == "missed"
    if form.is_valid() and not missed and not form.cleaned_data["due_on"]:
        form.add_error("due_on", _("Please write the other day, like 2026-12-05."))
    if form.is_valid():
        arguments = {} if missed else {"due_on": form.cleaned_data["due_on"]}
        response = carry_out(
            request,
            verbs.missed if missed else verbs.reschedule,
            to=lambda _row: reverse("followup_list"),
            form=form,
            done=_("Noted: not reached.") if missed else _("The day is moved."),
            follow_up=row,
            version=form.cleaned_data["version"],
            reason=form.cleaned_data["reason"],
            **arguments,
        )
        if response:
            return response
    if row.state != FollowUp.State.PLANNED:
        return gone_on(request, verbs.recorded_words(), "followup_record", pk)
    initial, filled = prefill.beginning(row, user=request.user)
    page = FollowUpForm(row=row, initial=initial)
    page.filled = set(filled)
    page.leave_focus()
    return _form_page(request, row, page, move=form)


@needs(P.FOLLOW_UP)
@require_GET
def followup_print(request, pk):
    """One follow-up on A4, as the national form has it, to sign."""
    row = _row(request, pk, "followup_print")
    audit.record("print", subject=row.care_file.patient_id, target=row, screen="followup_print")
    patient = row.care_file.patient
    context = {
        "row": row,
        "patient": patient,
        "kind": CareKind(row.care_file.kind).label,
        "words": plans.label(row.step),
        "parts": reading.answers(row),
        "bmi": rules.bmi(row.findings or {}),
        "self_care": rules.self_care(row.findings or {}),
        "next": row.care_file.follow_ups.filter(state=FollowUp.State.PLANNED).first(),
        "now": timezone.localtime(),
        "back_url": reverse("followup_record", args=[pk]),
    }
    return render(request, "patients/followup_print.html", context)


@needs(P.FOLLOW_UP)
@require_POST
def care_file_close(request, pk):
    """Nothing more is due for this file, for a reason."""
    return _change_file(
        request, pk, CloseForm(request.POST, row=pk), verbs.close_file, _("The file is closed.")
    )


@needs(P.FOLLOW_UP)
@require_POST
def care_file_delivery(request, pk):
    """The child is born: the visits afterwards are planned."""
    return _change_file(
        request,
        pk,
        DeliveryForm(request.POST, row=pk),
        verbs.note_delivery,
        _("The birth is written."),
    )


def _change_file(request, pk, form, verb, done: str):
    found = CareFile.objects.select_related("patient")
    care = get_object_or_404(found, pk=pk)
    lists.require_follow_up(request.user, care.patient_id)
    audit.record_read(by=request.user, screen="patient_followups", patients=[care.patient_id])
    if form.is_valid():
        response = carry_out(
            request,
            verb,
            to=lambda _care: reverse("patient_followups", args=[care.patient_id]),
            form=form,
            done=done,
            care_file=care,
            **form.cleaned_data,
        )
        if response:
            return response
    empty = OpenForm(doctors=doctors(), initial={"doctor": _own(request.user)})
    return _patient_page(request, care.patient, empty, refused={care.pk: form})


def _list(request, *, revealed: bool):
    asked = lists.Asked.of(request.GET)
    due = lists.Due(request.user, asked, request.GET.get("page"))
    today = timezone.localdate()
    shown = due.page.object_list
    seen = records.last_visits(row.care_file.patient_id for row in shown)
    rows = [
        _due_row(row, today, revealed) | {"is_here": seen.get(row.care_file.patient_id) == today}
        for row in shown
    ]
    audit.record_read(
        by=request.user,
        screen="followup_phones" if revealed else "followup_list",
        patients=[row.care_file.patient_id for row in shown],
        data={"fields": PHONES} if revealed else None,
    )
    names = [*lists.WHEN.items()]
    context = {
        "due": due,
        "page": due.page,
        "rows": rows,
        "asked": asked,
        "filters": [(key, words, due.counts[key]) for key, words in names],
        "all": sum(due.counts.values()),
        "kinds": [(kind.value, kind.label, due.kinds[kind.value]) for kind in CareKind],
        "doctors": [] if request.user.has_perm(P.READ_CHART) else doctors(),
        "most": lists.MOST,
        "revealed": revealed,
        "query": request.GET.urlencode(),
    }
    return render(request, "patients/followup_list.html", context)


def _due_row(row: FollowUp, today, revealed: bool) -> dict:
    patient = row.care_file.patient
    phone = patient.phone or patient.contact_phone or ""
    return {
        "row": row,
        "patient": patient,
        "kind": CareKind(row.care_file.kind).label,
        "words": plans.label(row.step),
        "late": (today - row.due_on).days,
        "area": lists.area_of(patient.address),
        "phone": phone if revealed else mask_phone(phone),
        "is_contact": bool(patient.contact_phone and not patient.phone),
    }


def _row(request, pk, screen: str) -> FollowUp:
    """The follow-up, if this person may see it; that it was looked at is recorded."""
    found = FollowUp.objects.select_related("care_file__patient", "care_file__doctor", "done_by")
    row = get_object_or_404(found.exclude(state=FollowUp.State.DROPPED), pk=pk)
    patient = row.care_file.patient_id
    lists.require_follow_up(request.user, patient)
    audit.record_read(by=request.user, screen=screen, patients=[patient])
    return row


def _tell_hints(request, kept: list[FollowUp]) -> None:
    """What the rules say beside the class: asked for, never forced."""
    for row in kept:
        for words in verbs.judged(row, row.findings, row.done_on).hints:
            messages.info(request, words)


def _own(user) -> str:
    return str(user.pk) if user.has_perm(P.CONSULT) else ""


def _home(row: FollowUp) -> str:
    return reverse("patient_followups", args=[row.care_file.patient_id])


def _form_page(request, row: FollowUp, form: FollowUpForm, *, move=None, overtaken=False):
    care = row.care_file
    planned = row.state == FollowUp.State.PLANNED
    context = banner(care.patient, user=request.user) | {
        "row": row,
        "care": care,
        "kind": CareKind(care.kind).label,
        "words": plans.label(row.step),
        "form": form,
        "move": (move or MoveForm(initial={"version": row.version})) if planned else None,
        "earlier": reading.earlier(row),
        "theirs": reading.answers(row) if overtaken else [],
        "is_over": row.state == FollowUp.State.MISSED,
        "weeks": reading.weeks(care),
        "line": rules.pressure_line(reading.age_of(care.patient)),
        "periodic": care.kind in plans.PERIODIC,
        "nearer": reading.nearer(row) if planned else None,
        "late": (timezone.localdate() - row.due_on).days if planned else 0,
        "next": way_back(request),
    }
    return render(request, "patients/followup_record.html", context)


def _patient_page(request, patient: Patient, form: OpenForm, refused: dict | None = None):
    files = reading.files_of(patient)
    for care in files:
        bound = (refused or {}).get(care.pk)
        known = {"version": care.version}
        care.close_form = (
            bound if isinstance(bound, CloseForm) else CloseForm(initial=known, row=care.pk)
        )
        if care.kind == CareKind.PREGNANCY and "delivered" not in care.facts:
            typed = isinstance(bound, DeliveryForm)
            care.delivery_form = bound if typed else DeliveryForm(initial=known, row=care.pk)
    context = banner(patient, user=request.user) | {
        "files": files,
        "page": reading.history(patient, request.GET.get("page")),
        "plots": reading.draw(patient, files),
        "form": form,
        "close_reasons": CLOSE_REASONS,
        "may_chart": request.user.has_perm(P.READ_CHART),
        "may_write": request.user.has_perm(P.WRITE_PATIENT),
        "chronic": CHRONIC,
    }
    return render(request, "patients/patient_followups.html", context)
