"""Visits in time order, one line each that opens, a page at a time."""

from django.core.paginator import Paginator
from django.db.models import prefetch_related_objects
from django.urls import reverse

from registration import desk, reading
from registration.care import for_reading, guarded_url, visits_of

PAGE = 10


def section(patient, request) -> dict:
    """One page of visits with what was found, ordered and added; `visits=2` in the address."""
    here = reverse("patient_chart", args=[patient.pk])
    page = Paginator(visits_of(patient), PAGE).get_page(request.GET.get("visits"))
    visits = for_reading(page.object_list, user=request.user)
    prefetch_related_objects(visits, "additions__written_by")
    ordered = desk.ordered(visits)
    for visit in visits:
        visit.parts = reading.before_vitals(visit)
        visit.afterwards = reading.after_vitals(visit)
        visit.ordered = ordered.get(visit.pk, [])
        # Each line is a name, then the usage: the closed line has room for the names.
        visit.names = [line.partition(" ")[0] for line in visit.ordered]
    return {
        "page": page,
        "visits": visits,
        "count": page.paginator.count,
        "open_url": guarded_url(patient.pk, here),
        "here": here,
    }
