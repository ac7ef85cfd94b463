"""The nurse's list, and one turn: begin, end, leave out, take back (R-40, R-45)."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from clinic.core.posting import carry_out
from patients.banner import banner
from patients.models import Patient
from prescriptions import treatment_list, turns
from prescriptions.models import TreatmentTurn
from prescriptions.skin_tests import RESULTS
from prescriptions.treatment_forms import StopForm, TurnForm
from security import audit
from security.access import needs, require_file
from security.permissions import P
from security.second_person import SecondPersonForm


@needs(P.TREAT, P.SKIN_TEST)
@require_GET
def treatment_list_page(request):
    """What is to be carried out today, of everybody or of one patient."""
    context = _list(request)
    if "first" in request.GET and context["due"]:  # chosen now, not when the page was drawn
        return redirect("treatment_turn", context["due"][0].pk)
    audit.record_read(
        by=request.user, screen="treatment_list", patients=treatment_list.patients_of(context)
    )
    return render(request, "prescriptions/treatment_list.html", context)


@needs(P.TREAT, P.SKIN_TEST, passive=True)
@require_GET
def treatment_rows(request):
    """The rows alone, for the poll; 304 while nothing changed."""
    told, _dot, own = request.headers.get("If-None-Match", "").strip('W/"').partition(".")
    mark = treatment_list.mark_of(request.user, _patient(request))
    if told == mark:
        return HttpResponse(status=304, headers={"ETag": f'"{mark}.{own}"'})
    context = _list(request)
    if own == context["version"]:
        return HttpResponse(status=304, headers={"ETag": context["etag"]})
    audit.record_read(
        by=request.user, screen="treatment_list", patients=treatment_list.patients_of(context)
    )
    response = render(request, "prescriptions/_treatment_rows.html", context)
    response["ETag"] = context["etag"]
    return response


def _list(request) -> dict:
    patient = _patient(request)
    mark = treatment_list.mark_of(request.user, patient)  # first: what changes now is asked anew
    context = treatment_list.shown(request.user, patient)
    version = treatment_list.version_of(context)
    return context | {
        "version": version,
        "etag": f'"{mark}.{version}"',
        "patient": patient,
        "results": RESULTS,
        "list_url": reverse("treatment_list"),
    }


def _patient(request) -> Patient | None:
    """Whose treatments alone are asked for."""
    try:
        key = UUID(request.GET.get("patient", ""))
    except ValueError:
        return None
    known = treatment_list.known_to(request.user).filter(patient=key)
    return Patient.objects.filter(pk=key).first() if known.exists() else None


@sensitive_post_parameters("witness_password")
@needs(P.TREAT)
@require_http_methods(["GET", "POST"])
def treatment_turn(request, pk):
    """One time of a course, with everything that is checked beside it."""
    turn = _turn(request.user, pk)
    posted = request.POST if request.method == "POST" else None
    form = TurnForm(posted)
    second = _second(request, turn, posted)
    if posted is not None and form.is_valid():
        response = _act(request, turn, form, second)
        if response:
            return response
        turn = _turn(request.user, pk)
    return _page(request, turn, form, second)


def _turn(user, pk) -> TreatmentTurn:
    rows = TreatmentTurn.objects.select_related(
        *treatment_list.WITH, "treatment__ordered_by", "treatment__item__prescription"
    ).prefetch_related("treatment__turns__by", "treatment__turns__ended_by")
    turn = get_object_or_404(rows, pk=pk)
    if not treatment_list.known_to(user).filter(pk=turn.treatment_id).exists():
        if not user.has_perm(P.READ_PRESCRIPTION):
            raise Http404
        require_file(user, turn.treatment.patient_id)
    return turn


def _second(request, turn: TreatmentTurn, data=None) -> SecondPersonForm | None:
    """The second person's name and password, where two check and none is named yet (R-40)."""
    if turn.state != TreatmentTurn.State.DUE:
        return None
    if not turns.needs_witness(turn.treatment, turns.items_of(turn.treatment)):
        return None
    asked = data if data is not None and data.get("do") in ("start", "finish") else None
    return SecondPersonForm(asked, request=request, permission=P.TREAT, belongs_to="turn")


def _act(request, turn: TreatmentTurn, form: TurnForm, second):
    """The redirect after the verb that was asked for, or None when it was refused."""
    do, given = request.POST.get("do"), form.cleaned_data
    if do in ("start", "finish") and second is not None and not second.is_valid():
        return None
    witness = second.cleaned_data["witness"] if second is not None and second.is_bound else None
    words = {"result": given["result"], "reaction": given["reaction"]}
    begin = {"checked": given["checked"], "witness": witness}
    acts = {
        "start": (turns.start, begin, _("Begun.")),
        "finish": (turns.finish, {**begin, **words}, _("Carried out.")),
        "leave_out": (turns.leave_out, {"reason": given["reason"]}, _("Noted: not carried out.")),
        "refuse": (
            turns.leave_out,
            {"reason": given["reason"], "refused": True},
            _("Noted: refused by the patient."),
        ),
        "undo": (turns.undo, {}, _("Taken back.")),
    }
    if do not in acts:
        return redirect("treatment_turn", turn.pk)
    verb, arguments, done = acts[do]
    stays = do == "undo" or (do == "finish" and given["reaction"].strip())
    return carry_out(
        request,
        verb,
        to=lambda row: (
            reverse("treatment_turn", args=[row.pk]) if stays else reverse("treatment_list")
        ),
        form=form,
        done=done,
        turn=turn,
        **arguments,
    )


def _unsaved(turn: TreatmentTurn, form: TurnForm) -> list[str]:
    """What somebody typed into a page that a colleague has overtaken: no field shows it now."""
    if not form.is_bound or turn.state in (TreatmentTurn.State.DUE, TreatmentTurn.State.RUNNING):
        return []
    return [words for name in ("result", "reaction", "reason") if (words := form.data.get(name))]


def _page(request, turn: TreatmentTurn, form: TurnForm, second):
    treatment = turn.treatment
    audit.record_read(by=request.user, screen="treatment_turn", patients=[treatment.patient_id])
    treatment_list.furnish_one(turn)
    context = banner(treatment.patient, user=request.user) | {
        "turn": turn,
        "treatment": treatment,
        "course": sorted(treatment.turns.all(), key=lambda row: row.number),
        "form": form,
        "second": second,
        "unsaved": _unsaved(turn, form),
        "stop_form": StopForm(),
        "lots": turn.lots or turns.lots_of(turn.items),
        "lasts": treatment.service.kind in turns.LASTING,
        "is_test": turns.is_skin_test(treatment),
        "may_undo": turns.may_undo(turn, request.user),
        "may_stop": request.user.has_perm(P.ORDER_TREATMENT) and treatment.state == "ordered",
        "here": reverse("treatment_turn", args=[turn.pk]),
    }
    return render(request, "prescriptions/treatment_turn.html", context)
