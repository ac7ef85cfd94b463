"""A doctor is away: stopping, the list of people to be told, and what is done for each (R-100)."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.core.days import typed_date
from clinic.core.posting import carry_out, keeping
from patients.masking import mask_phone
from registration import bookings_desk, moving, planning, stopping, telling, week
from registration.forms_schedule import AwayForm
from registration.models import Booking, Registration, Session
from security import audit
from security.access import needs
from security.permissions import P

NOBODY = UUID(int=0)  # a tick that names nobody must not mean everybody
PHONES = ["phone", "contact_phone"]


@needs(P.MANAGE_SCHEDULE)
@require_http_methods(["GET", "POST"])
def doctor_away(request):
    """Write that a doctor is away; the list of people to be told opens."""
    form = AwayForm(request.POST or None, clinicians=week.clinicians(), initial=_begun(request))
    stopped: list = []
    if request.method == "POST" and form.is_valid():
        response = carry_out(
            request,
            keeping(stopping.stop_days, stopped),
            to=lambda _sessions: _after_stopping(request),
            form=form,
            **form.cleaned_data,
        )
        if response:
            _tell_stopped(request, stopped)
            return response
    return render(request, "registration/doctor_away.html", {"form": form})


@needs(P.REGISTER_VISIT)
@require_GET
def stopped_list(request):
    """Everybody who holds a place of a session that isn't held; phones masked."""
    return _list(request, revealed=False)


@needs(P.REGISTER_VISIT)
@require_POST
def stopped_phones(request):
    """The same with the phones in full; that somebody looked is recorded (R-141)."""
    return _list(request, revealed=True)


@needs(P.REGISTER_VISIT)
@require_POST
def stopped_act(request):
    """What was tried, or is done, for one person: told, not reached, cancelled."""
    owner, name = _owner(request.POST.get("who", ""))
    do = request.POST.get("do", "")
    words = {"name": name}
    if do == "cancel":
        verb, done = stopping.cancel_stopped, _("The place of %(name)s is given back.") % words
    else:
        verb, done = stopping.record_contact, _("Noted for %(name)s.") % words
        owner = {**owner, "outcome": do}
    response = carry_out(
        request, verb, to=lambda _contact: reverse("stopped_list"), done=done, **owner
    )
    return response or redirect("stopped_list")


@needs(P.REGISTER_VISIT)
@require_POST
def session_hand_over(request, pk):
    """Everybody of a stopped session, or who is ticked, to another doctor (替诊)."""
    session = get_object_or_404(Session, pk=pk)
    doctors = {str(one.pk): one for one in week.clinicians()}
    clinician = doctors.get(request.POST.get("clinician", ""))
    if clinician is None:
        messages.error(request, _("Please choose another doctor."))
        return redirect("stopped_list")
    reports: list = []
    response = carry_out(
        request,
        keeping(moving.hand_over, reports),
        to=lambda _report: reverse("stopped_list"),
        session=session,
        clinician=clinician,
        only=[_key(text) or NOBODY for text in request.POST.getlist("only")],
    )
    for report in reports if response else []:
        _tell_handed_over(request, report, clinician)
    return response or redirect("stopped_list")


@needs(P.MANAGE_SCHEDULE)
@require_POST
def session_reopen(request, pk):
    """The doctor comes after all."""
    session = get_object_or_404(Session.objects.select_related("clinician__user"), pk=pk)
    back = f"{reverse('schedule')}?week={week.monday_of(session.date)}"
    response = carry_out(
        request,
        stopping.reopen,
        to=lambda _session: back,
        done=_("%(session)s is held after all.") % {"session": planning.label_of(session)},
        session=session,
        knowingly="knowingly" in request.POST,
    )
    return response or redirect(back)


# -- inside --


def _list(request, *, revealed: bool):
    groups = stopping.stopped_ahead()
    moved = telling.moved_ahead()
    everybody = [*moved, *(person for group in groups for person in group.people)]
    for person in everybody:
        phone = person.promise.phone
        person.phone = phone if revealed else mask_phone(phone)
    people = [person.promise for person in everybody]
    data = {"fields": PHONES} if revealed else {}
    screen = "stopped_phones" if revealed else "stopped_list"
    audit.record_read(
        by=request.user,
        screen=screen,
        patients=[one.visit.patient_id for one in people if one.visit],
        data=data or None,
    )
    bookings_desk.note_read(
        by=request.user,
        screen=screen,
        bookings=[one.booking for one in people if one.booking],
        data=data,
    )
    context = {
        "groups": groups,
        "moved": moved,
        "left": len(people),
        "revealed": revealed,
        "tries": [(outcome.value, outcome.label) for outcome in stopping.TRIES],
        "doctors": week.clinicians(),
        "may_manage": request.user.has_perm(P.MANAGE_SCHEDULE),
    }
    return render(request, "registration/stopped_list.html", context)


def _begun(request) -> dict:
    """The form begins with the cell of the week it was opened from."""
    day = typed_date(request.GET.get("day", ""))
    return {
        "clinician": request.GET.get("clinician", ""),
        "since": day,
        "until": day,
        "period": request.GET.get("period", ""),
    }


def _after_stopping(request) -> str:
    """The list of people; whoever may not see patients goes back to the week."""
    if request.user.has_perm(P.REGISTER_VISIT):
        return reverse("stopped_list")
    return reverse("schedule")


def _tell_stopped(request, stopped: list) -> None:
    for sessions in stopped:
        names = ", ".join(planning.label_of(session) for session in sessions)
        text = _("Stopped: %(names)s. Nobody can register or book there any more.")
        undo = (
            f"undo={reverse('session_reopen', args=[sessions[0].pk])}" if len(sessions) == 1 else ""
        )
        messages.success(request, text % {"names": names}, extra_tags=undo)


def _tell_handed_over(request, report: moving.HandedOver, clinician) -> None:
    words = {"count": report.moved, "doctor": clinician.user.full_name}
    text = _("%(count)s people handed over to %(doctor)s. Please tell them: they stand below.")
    messages.success(request, text % words)
    if report.left:
        names = ", ".join(one.name for one in report.left)
        text = _("These have a place with %(doctor)s already and stay on the list: %(names)s.")
        messages.warning(request, text % {**words, "names": names})


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _owner(who: str) -> tuple[dict, str]:
    """{"registration": …} or {"booking": …} of "visit:<id>" or "booking:<id>", and the name."""
    kind, _colon, key = who.partition(":")
    model = {"visit": Registration, "booking": Booking}.get(kind)
    uid = _key(key)
    row = model.objects.filter(pk=uid).first() if model and uid else None
    if row is None:
        raise Http404
    if kind == "visit":
        return {"registration": row}, row.patient.name
    return {"booking": row}, row.name
