"""The week at a glance."""

from django.shortcuts import render
from django.views.decorators.http import require_GET

from registration.models import Period, WeeklySchedule
from security.access import needs
from security.permissions import P


@needs(P.SEE_QUEUE, P.ADMINISTER)
@require_GET
def schedule(request):
    """Who sees patients on which day; changed in the administration."""
    plans = WeeklySchedule.objects.filter(active=True, clinician__active=True)
    plans = plans.select_related(
        "clinician__user", "clinician__department", "clinician__room"
    ).order_by("clinician__letter", "weekday", "starts")
    rows: dict = {}
    for plan in plans:
        row = rows.setdefault(
            plan.clinician_id, {"clinician": plan.clinician, "days": [[] for _ in range(7)]}
        )
        row["days"][plan.weekday].append({"plan": plan, "period": Period(plan.period).label})
    context = {
        "rows": list(rows.values()),
        "weekdays": [label for _, label in WeeklySchedule._meta.get_field("weekday").choices],
        "may_edit": request.user.has_perm(P.ADMINISTER),
    }
    return render(request, "registration/schedule.html", context)
