"""The week: at a glance, edited in place, copied; the usual week behind it."""

import datetime

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.core.days import typed_date
from clinic.core.posting import carry_out, keeping
from clinic.core.text import row_number
from registration import planning, scheduling, week
from registration.forms_schedule import HoursForm
from registration.models import Clinician, Period, Session, WeeklySchedule
from security.access import needs
from security.permissions import P

NEXT = datetime.timedelta(days=7)


@needs(P.SEE_QUEUE, P.MANAGE_SCHEDULE)
@require_GET
def schedule(request):
    """Who sees patients on which day of a week."""
    return _show(request)


@needs(P.MANAGE_SCHEDULE)
@require_http_methods(["GET", "POST"])
def schedule_cell(request):
    """The same page with one part of one day open for writing."""
    clinician, day, period = _cell(request)
    session = Session.objects.filter(clinician=clinician, date=day, period=period).first()
    form = HoursForm(
        request.POST or None,
        is_plan=False,
        of=session or _as_planned(clinician, day, period),
        period=period,
    )
    if request.method == "POST" and form.is_valid():
        response = carry_out(
            request,
            _noting_promises(form),
            to=lambda _session: f"{_week_url(day)}#d{clinician.pk}",
            form=form,
            done=_("%(session)s is changed for this date only.")
            % {"session": _cell_words(clinician, day, period)},
            clinician=clinician,
            day=day,
            period=period,
            hours=form.hours(),
            knowingly=form.cleaned_data["knowingly"],
        )
        if response:
            return response
    cell = {
        "clinician": clinician,
        "form": form,
        "words": _cell_words(clinician, day, period),
        "session": session,
        "day": day,
        "period": period,
    }
    return _show(request, monday=week.monday_of(day), cell=cell)


@needs(P.MANAGE_SCHEDULE)
@require_http_methods(["GET", "POST"])
def week_plan(request):
    """The usual week; a part of it is opened by its address and written in place."""
    cell = _plan_cell(request)
    if cell and request.method == "POST" and cell["form"].is_valid():
        form, results = cell["form"], []
        response = carry_out(
            request,
            keeping(planning.save_plan, results),
            to=lambda _followed: f"{reverse('week_plan')}#d{cell['clinician'].pk}",
            form=form,
            clinician=cell["clinician"],
            weekday=cell["weekday"],
            period=cell["period"],
            hours=form.hours(),
            active=form.cleaned_data["active"],
        )
        if response:
            tell_followed(request, results)
            return response
    context = {
        "rows": week.usual_week(),
        "weekdays": WeeklySchedule.WEEKDAYS,
        "cell": cell,
    }
    return render(request, "registration/week_plan.html", context)


@needs(P.MANAGE_SCHEDULE)
@require_POST
def week_copy(request):
    """The next week like this one; the message says what was left out."""
    monday = week.monday_of(typed_date(request.POST.get("week")) or timezone.localdate())
    reports: list[planning.Copied] = []
    response = carry_out(
        request,
        keeping(planning.copy_week, reports),
        to=lambda _report: _week_url(monday + NEXT),
        monday=monday,
    )
    for report in reports:
        _tell_copied(request, report)
    return response or redirect(_week_url(monday))


@needs(P.MANAGE_SCHEDULE)
@require_POST
def session_align(request, pk):
    """A session that differs from the usual week: change it knowingly, or let it differ."""
    session = get_object_or_404(Session.objects.select_related("clinician__user"), pk=pk)
    words = {"session": planning.label_of(session)}
    if request.POST.get("do") == "keep":
        verb, done, more = planning.keep_as_is, _("%(session)s stays as it is.") % words, {}
    else:
        verb, done = planning.follow_plan, _("%(session)s follows the usual week.") % words
        more = {"knowingly": "knowingly" in request.POST}
    response = carry_out(
        request, verb, to=lambda s: _week_url(s.date), done=done, session=session, **more
    )
    return response or redirect(_week_url(session.date))


# -- inside --


def _show(request, *, monday: datetime.date | None = None, cell: dict | None = None):
    monday = monday or week.monday_of(
        typed_date(request.GET.get("week", "")) or timezone.localdate()
    )
    by_room = request.GET.get("by") == "room" and cell is None
    may_edit = request.user.has_perm(P.MANAGE_SCHEDULE)
    context = {
        "week": week.week(monday, by_room=by_room),
        "by_room": by_room,
        "before": monday - NEXT,
        "after": monday + NEXT,
        "may_edit": may_edit,
        "may_book": request.user.has_perm(P.REGISTER_VISIT),
        "cell": cell,
    }
    return render(request, "registration/schedule.html", context)


def _week_url(day: datetime.date) -> str:
    return f"{reverse('schedule')}?week={week.monday_of(day)}"


def _cell(request) -> tuple[Clinician, datetime.date, str]:
    day, period = typed_date(request.GET.get("day", "")), request.GET.get("period", "")
    if day is None or period not in Period.values:
        raise Http404
    return _clinician(request), day, period


def _clinician(request) -> Clinician:
    pk = request.GET.get("clinician", "")
    rows = Clinician.objects.select_related("user", "room").filter(active=True)
    return get_object_or_404(rows, pk=row_number(pk))


def _as_planned(clinician: Clinician, day: datetime.date, period: str) -> Session | None:
    plans = [p for p in scheduling.plans_on(day) if p.clinician_id == clinician.pk]
    plan = next((plan for plan in plans if plan.period == period), None)
    return Session(**scheduling.planned(plan)) if plan else None


def _cell_words(clinician: Clinician, day: datetime.date, period: str) -> str:
    return planning.label_of(Session(clinician=clinician, date=day, period=period))


def _plan_cell(request) -> dict | None:
    if "clinician" not in request.GET:
        return None
    weekday, period = request.GET.get("weekday", ""), request.GET.get("period", "")
    if weekday not in {str(n) for n in range(7)} or period not in Period.values:
        raise Http404
    clinician, weekday = _clinician(request), int(weekday)
    plan = WeeklySchedule.objects.filter(clinician=clinician, weekday=weekday, period=period)
    form = HoursForm(request.POST or None, is_plan=True, of=plan.first(), period=period)
    day_word = WeeklySchedule.WEEKDAYS[weekday][1]
    return {
        "clinician": clinician,
        "weekday": weekday,
        "period": period,
        "form": form,
        "words": f"{day_word} {Period(period).label} {clinician.user.full_name}",
    }


def _noting_promises(form: HoursForm):
    """The verb; if people would lose their time, the form asks whether they are told."""

    def change(**arguments):
        try:
            return planning.change_session(**arguments)
        except planning.PromisesOutside:
            form.asks_knowing = True
            raise

    return change


def tell_followed(request, results: list[planning.Followed]) -> None:
    """What a changed plan meant for sessions that were made already."""
    for followed in results:
        changed = len(followed.changed)
        text = _("Saved.")
        if changed:
            text += " " + ngettext(
                "%(count)s session follows.", "%(count)s sessions follow.", changed
            ) % {"count": changed}
        messages.success(request, text)
        if followed.kept:
            names = ", ".join(planning.label_of(session) for session in followed.kept)
            text = _(
                "Numbers are given already, so these keep their hours and places: %(names)s. "
                "The week shows how they differ and lets you change them."
            )
            messages.warning(request, text % {"names": names})


def _tell_copied(request, report: planning.Copied) -> None:
    text = _("Copied: %(made)s sessions written, %(same)s were the same already.")
    messages.success(request, text % {"made": len(report.made), "same": report.same})
    if report.skipped:
        left = ", ".join(f"{words} ({why})" for words, why in report.skipped)
        messages.warning(request, _("Left out: %(left)s.") % {"left": left})
