"""Public holidays and moved working days, as the clinic types them."""

from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinic.core.posting import carry_out, keeping
from registration import planning
from registration.forms_schedule import WORKED_AS, HolidayForm
from registration.models import Holiday
from registration.views.schedule import tell_followed
from security.access import needs
from security.permissions import P

MOST = 200


@needs(P.MANAGE_SCHEDULE)
@require_http_methods(["GET", "POST"])
def holiday_list(request):
    """This year's and the coming ones; the form above writes one date."""
    form, results = HolidayForm(request.POST or None), []
    if request.method == "POST" and form.is_valid():
        response = carry_out(
            request,
            keeping(planning.set_holiday, results),
            to=lambda _followed: reverse("holiday_list"),
            form=form,
            **form.cleaned_data,
        )
        if response:
            tell_followed(request, results)
            return response
    year = timezone.localdate().replace(month=1, day=1)
    rows = Holiday.objects.filter(date__gte=year).order_by("date")[:MOST]
    worked = dict(WORKED_AS)
    context = {"form": form, "rows": [(row, worked.get(row.as_weekday)) for row in rows]}
    return render(request, "registration/holiday_list.html", context)


@needs(P.MANAGE_SCHEDULE)
@require_POST
def holiday_drop(request, pk):
    """Taken back: the day follows the usual week again."""
    holiday, results = get_object_or_404(Holiday, pk=pk, active=True), []
    response = carry_out(
        request,
        keeping(planning.drop_holiday, results),
        to=lambda _followed: reverse("holiday_list"),
        done=_("%(day)s follows the usual week again.") % {"day": holiday.date},
        holiday=holiday,
    )
    if response:
        tell_followed(request, results)
    return response or redirect("holiday_list")
