"""Visits in time order, one line each that opens, a page at a time."""

from contextlib import nullcontext
from uuid import UUID

from django.core.paginator import Paginator
from django.urls import reverse

from clinic.core.prepared import prepared
from clinic.core.together import usual_questions
from registration import desk, reading
from registration.care import for_reading, guarded_url, visits_of
from registration.chart import history
from registration.models import Consultation, RecordAddition
from security.models import with_names

PAGE = 10


class Counted(Paginator):
    """How many there are is known already."""

    def __init__(self, patient, many: int):
        super().__init__(range(many), PAGE)
        self.patient = patient

    def _get_page(self, _rows, number, paginator):
        first = (number - 1) * PAGE
        if first:
            every = visits_of(self.patient).prefetch_related(None)
            rows = every[first : first + PAGE]
        else:
            rows = newest(self.patient.pk)
        return super()._get_page(rows, number, paginator)


@prepared
def newest(patient: UUID):
    own = (field.name for field in Consultation._meta.concrete_fields)
    beside = ("clinician__user", "clinician__department")
    rows = visits_of(patient).prefetch_related(None).select_related(None).select_related(*beside)
    return rows.only(*own, "clinician__user__full_name", "clinician__department__name")[:PAGE]


@prepared
def _additions(consultations: list[UUID]):
    return with_names(RecordAddition.objects.filter(consultation__in=consultations), "written_by")


def _added(visits: list[Consultation]) -> dict[UUID, list[RecordAddition]]:
    """What was added to each later."""
    found: dict[UUID, list[RecordAddition]] = {}
    for addition in _additions([visit.pk for visit in visits]):
        found.setdefault(addition.consultation_id, []).append(addition)
    return found


def section(patient, request) -> dict:
    """One page of visits with what was found, ordered and added; `visits=2` in the address."""
    here = reverse("patient_chart", args=[patient.pk])
    many = len(history.of(patient, request))
    page = Counted(patient, many).get_page(request.GET.get("visits"))
    rows = list(page.object_list)
    # Read after the records: what guards one of them is never older than what it says.
    ids = [row.pk for row in rows]
    with usual_questions("visits on a chart", ids) if ids else nullcontext():
        standing = history.standing_of(rows)
        visits = for_reading(rows, user=request.user, standing=standing)
        added = _added(visits)
        ordered = desk.ordered(visits)
    for visit in visits:
        visit.added = added.get(visit.pk, [])
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
