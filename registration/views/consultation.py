"""The consultation page: one form for the record, panels of other apps beside it."""

from contextlib import suppress
from functools import partial

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinic.core.errors import Busy
from clinic.core.posting import carry_out
from clinic.core.text import half_width
from patients.banner import banner
from registration import (
    boards,
    care,
    desk,
    favourites,
    guarded,
    measured,
    record_templates,
    undoing,
)
from registration import consultation as records
from registration.forms import RecordForm, RowVitalsForm, VitalsForm
from registration.models import Consultation, Diagnosis, Registration
from registration.part_forms import FOLDS
from registration.states import LIVE
from registration.typed import draft_of, keep_typed
from registration.views.presses import SUSPECTED, Press, pressed
from registration.vitals import shown
from security import audit
from security.access import needs
from security.long_forms import keeps_typed
from security.permissions import P

MOST_SUGGESTED = 12
MOST_USED = 20
PAST_BESIDE = 6


def own_consultation(request, pk) -> Consultation:
    """The doctor's own record; for others it does not exist."""
    found = Consultation.objects.filter(clinician__user=request.user, started_at__isnull=False)
    found = found.select_related(
        "patient", "registration__session__room", "clinician__user", "clinician__department"
    ).select_related("finished_by")
    return get_object_or_404(found, pk=pk)


@needs(P.CONSULT)
@require_http_methods(["GET", "POST"])
def consultation(request, pk):
    """Open the record; a POST saves it, alone or together with what the pressed button does."""
    record = own_consultation(request, pk)
    if request.method == "GET":
        return _page(request, record)
    press = pressed(request, record)
    return _save(request, record, press)


@needs(P.CONSULT)
@require_http_methods(["GET", "POST"])
def consultation_finish(request, pk):
    """Save and close the record; with `call`, whoever is next is called at once."""
    record = own_consultation(request, pk)
    if request.method == "GET":  # a refusal was shown here and the address entered again
        return redirect("consultation", pk)
    done = _("Consultation %(number)s is finished.") % {"number": record.registration.number}
    then = records.finish_and_call if "call" in request.POST else records.finish
    to_paper = "print" in request.POST
    where = reverse("record_print", args=[pk]) if to_paper else reverse("queue")
    return _save(request, record, Press(lambda _next: where, then, done))


@needs(P.CONSULT)
@require_POST
def consultation_undo(request, pk):
    """Finished by mistake: the visit goes on (撤销完诊)."""
    record = own_consultation(request, pk)
    here = reverse("consultation", args=[pk])
    done = _("%(number)s is in consultation again.") % {"number": record.registration.number}
    response = carry_out(
        request, undoing.undo_finish, to=lambda _record: here, done=done, consultation=record
    )
    return response or redirect(here)


@needs(P.CONSULT)
@require_http_methods(["GET", "POST"])
def diagnosis_remove(request, pk):
    """Take a diagnosis off the record; what was typed beside it is saved."""
    diagnosis = get_object_or_404(Diagnosis, pk=pk, consultation__clinician__user=request.user)
    if request.method == "GET":
        return redirect("consultation", diagnosis.consultation_id)
    record = own_consultation(request, diagnosis.consultation_id)
    here = reverse("consultation", args=[record.pk])
    then = partial(records.remove_diagnosis, diagnosis=diagnosis)
    answer = _save(request, record, Press(lambda _record: f"{here}?at=dx", then))
    if getattr(request, "carried_out", False):
        undo = f"undo={reverse('diagnosis_put_back', args=[pk])}"
        messages.success(request, _("%(name)s was taken off.") % {"name": diagnosis.name}, undo)
    return answer


@needs(P.CONSULT)
@require_POST
def diagnosis_suggest(request):
    """Options for the type-ahead field; nothing here belongs to a patient."""
    words = request.POST.get("q", "")[:100]
    context = {
        "codes": _find(words, request.user),
        "mark": _mark(words),
        "words": words.strip(),
    }
    return render(request, "registration/_diagnosis_options.html", context)


@needs(P.CONSULT)
@require_POST
def consultation_draft(request, pk):
    """Keep what is typed, encrypted and readable by its author alone."""
    record = own_consultation(request, pk)
    draft = keep_typed(record, request.POST, by=request.user)
    if draft is None:
        words = _("Not kept: this record is signed, or was opened anew in another window.")
        return JsonResponse({"text": words}, status=409)
    saved = time_format(timezone.localtime(draft.saved_at), "TIME_FORMAT")
    words = _("Draft saved %(time)s") % {"time": saved}
    if request.POST["version"] != str(record.version):
        words = _("Draft saved %(time)s. Another window saved this record: you will be asked.")
        words %= {"time": saved}
    return JsonResponse({"text": words})


@keeps_typed
@needs(P.RECORD_VITALS)
@require_http_methods(["GET", "POST"])
def vitals(request, pk):
    """Vital signs alone, for the nurse while the patient waits, or for the doctor."""
    visits = Registration.objects.filter(state__in=LIVE)
    if not request.user.has_perm(P.REGISTER_VISIT):
        visits = visits.filter(session__clinician__user=request.user)
    visit = get_object_or_404(visits.select_related("patient", "session__clinician__user"), pk=pk)
    known = Consultation.objects.filter(registration=visit).first()
    form = VitalsForm(request.POST or None, initial=(known and known.vitals) or {})
    if form.is_bound:
        form.settle()
    else:
        form.fields["temperature"].widget.attrs["autofocus"] = True
    home = _home_after_vitals(request, known)
    if request.method == "POST" and form.is_valid():
        response = carry_out(
            request,
            records.record_vitals,
            to=lambda _record: home,
            form=form,
            done=_("Vital signs of %(number)s are saved.") % {"number": visit.number},
            registration=visit,
            vitals=form.changed,
            opened=form.opened,
        )
        if response:
            return response
    if form.is_bound:
        known = Consultation.objects.filter(registration=visit).first()
        form.keep_on_top_of(known and known.vitals)
    audit.record_read(by=request.user, screen="vitals", patients=[visit.patient_id])
    may_print = request.user.has_perm(P.REGISTER_VISIT)
    context = {"form": form, "visit": visit, "home": home, "may_print": may_print}
    context.update(banner(visit.patient))
    return render(request, "registration/vitals.html", context)


def _home_after_vitals(request, known: Consultation | None) -> str:
    if request.user.has_perm(P.REGISTER_VISIT):
        return reverse("desk")
    started = known is not None and known.started_at is not None
    return reverse("consultation", args=[known.pk]) if started else reverse("queue")


def _save(request, record: Consultation, press: Press):
    """Save what was typed and do what the button says, or show the page with everything kept."""
    results = []

    def to(result) -> str:
        results[:] = [result]
        return press.to(result)

    form = RecordForm(request.POST, record=record)
    form.settle()
    numbers = RowVitalsForm(request.POST, initial=record.vitals or {})
    numbers.settle()
    valid = form.is_valid() and numbers.is_valid()
    found = None
    if valid and _still_looking(request, form):
        found = _find(form.cleaned_data["dx"], request.user)
    elif valid:
        response = carry_out(
            request,
            records.save_record,
            to=to,
            form=form,
            done=press.done,
            consultation=record,
            version=form.cleaned_data["version"],
            vitals=numbers.filled,
            opened=numbers.opened,
            then=press.then,
            settled=form.is_settled,
            **form.parts(),
        )
        if response:
            for words in press.left(results[0]) if press.left and results else ():
                messages.warning(request, words)
            return response
    record = own_consultation(request, record.pk)
    with suppress(Busy):  # the page itself holds it all; the draft is for a crash
        keep_typed(record, request.POST, by=request.user)
    return _page(request, record, form, numbers, found)


def _still_looking(request, form: RecordForm) -> bool:
    """Words stand in the diagnosis field and none was chosen: show what they may mean.

    The button beside an empty field asks for the most used ones.
    """
    chosen = request.POST.get("add") or form.cleaned_data["code"]
    return not chosen and bool(form.cleaned_data["dx"] or "find" in request.POST)


def _find(words: str, user) -> list:
    """Diagnoses that fit the words; without any the most used ones. See also _mark."""
    plain = half_width(words).strip().removesuffix(SUSPECTED)
    return favourites.search(plain, user=user, limit=MOST_SUGGESTED if plain else MOST_USED)


def _mark(words: str) -> str:
    """A question mark at the end asks for suspected diagnoses: it goes with the code."""
    return SUSPECTED if half_width(words).strip().endswith(SUSPECTED) else ""


def _typed_numbers(record: Consultation, draft: dict | None) -> dict:
    """The record's numbers, and on top of them those of a draft with what they were based on."""
    known = record.vitals or {}
    if not draft:
        return known
    opened, typed = measured.read(draft.get("opened", "")), draft["vitals"]
    based_on = {**known, **{key: opened.get(key, "") for key in typed}}
    return {**known, **typed, "shown": measured.as_words(based_on)}


def _past(record: Consultation, user) -> list[Consultation]:
    """Earlier visits with what was ordered; the first that can be copied and refilled is marked."""
    past = care.past_visits(record.patient, user=user, limit=PAST_BESIDE, but=record)
    ordered = desk.ordered(past)
    for visit in past:
        visit.ordered = ordered.get(visit.pk, [])
        visit.may_copy = record.finished_at is None and not visit.is_closed
        visit.may_refill = visit.may_copy and bool(visit.ordered)
    for what in ("may_copy", "may_refill"):
        first = next((visit for visit in past if getattr(visit, what)), None)
        if first is not None:
            setattr(first, f"{what}_first", True)
    return past


def _page(request, record: Consultation, form=None, numbers=None, found=None):
    """The page as it stands in the database, with what was typed on top of it."""
    audit.record_read(by=request.user, screen="consultation", patients=[record.patient_id])
    draft, draft_at = (None, None) if form else draft_of(record, request.user)
    typed = draft["vitals"] if draft else {}
    at = request.GET.get("at", "")
    editing = bool(typed or not record.vitals or at == "vitals" or (numbers and numbers.is_used))
    form = form or RecordForm.of(record, draft)
    numbers = numbers or RowVitalsForm(initial=_typed_numbers(record, draft))
    numbers.keep_on_top_of(record.vitals)
    at = "vitals" if numbers.is_bound and numbers.errors and not form.errors else at
    differing = form.keep_on_top_of(record, draft)
    if not differing:  # else the first choice has the focus
        form.aim("found" if found else at, read_only=bool(record.finished_at))
        numbers.aim(at)
    diagnoses = records.diagnoses_of(record)
    board = boards.queue_of(record.clinician)
    undo = undoing.offered(board["finished"]) if record.finished_at else None
    context = {
        "record": record,
        "record_id": str(record.pk),
        "visit": record.registration,
        "form": form,
        "numbers": numbers,
        "conflicts": differing,
        "found": found,
        "mark": _mark(form["dx"].value() or "") if found else "",
        "appointment": care.next_appointment(record.patient),
        "opened": [fold for fold in FOLDS if form.is_open(fold, at=at)],
        "draft_at": draft_at,
        "editing_vitals": editing and record.finished_at is None,
        "vitals": shown(record.vitals),
        "diagnoses": diagnoses,
        "is_listed": any(guarded.is_listed(d.code) for d in diagnoses),
        "is_guarded": guarded.is_guarded(record, [d.code for d in diagnoses]),
        "open_url": care.guarded_url(record.patient_id, reverse("consultation", args=[record.pk])),
        "panels": desk.panels(record, request),
        "past": _past(record, request.user),
        "templates": {} if record.finished_at else record_templates.offered(request.user),
        "board": board,
        "undo": undo if undo and undo.pk == record.registration_id else None,
        **banner(record.patient, user=request.user),
    }
    return render(request, "registration/consultation.html", context)
