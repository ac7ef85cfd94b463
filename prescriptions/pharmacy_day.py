"""The pharmacy's patients of today, one line each: what is open, whatever its day, and what went
out today."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from clinic.core.days import moment
from clinic.core.site import setting
from prescriptions import rights
from prescriptions.models import Prescription
from prescriptions.states import AT_WINDOW, BACK, RxState
from registration import desk, journey
from registration.models import Registration

REVIEW = {
    "review": (RxState.SUBMITTED.label, {desk.REVIEW}),
    "returned": (RxState.RETURNED.label, {desk.RETURNED}),
}
UNPAID = {"unpaid": (RxState.UNPAID.label, {desk.UNPAID})}
WINDOW = {"dispensing": (RxState.PAID.label, {desk.DISPENSING})}
DONE = {"done": (RxState.DISPENSED.label, {desk.DONE})}
LONGEST = timedelta(days=30)
SHEETS = {
    "review": [RxState.SUBMITTED],
    "returned": [RxState.RETURNED],
    "unpaid": [RxState.APPROVED, RxState.UNPAID],
    "dispensing": [*AT_WINDOW],
}


def filters_of(user) -> dict:
    """What this person has to do with: a technician reviews nothing, a remote pharmacist hands
    nothing out."""
    found = REVIEW if rights.reviews_as(user) is not None else {}
    if rights.works_at_window(user):
        found = found | (UNPAID if setting("site.charges") else {}) | WINDOW
    return found | DONE


def today(*, user, at: str = "", page: str | None = None) -> journey.Today:
    """Patients whose sheets this person reviews or hands out."""
    filters = filters_of(user)
    states = [state for key in filters for state in SHEETS.get(key, ())]
    midnight = moment(timezone.localdate())
    went_out = Q(
        # None of today's is archived yet (archive.waiting), and of all others there are few.
        state__in=[RxState.DISPENSED, *BACK],
        dispensed_at__gte=midnight,
        submitted_at__gte=midnight - LONGEST,  # by the index; older sheets are not in force
    )
    sheets = Prescription.objects.filter(Q(state__in=states) | went_out)
    visits = list(sheets.order_by().values_list("consultation__registration", flat=True).distinct())
    scope = journey.Scope(user, filters=filters, by_record=True, always=filters)
    found = Registration.objects.filter(pk__in=visits)
    return journey.today(visits=found, scope=scope, at=at, page=page)
