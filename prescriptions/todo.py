"""What waits for a person in this app: review, window, skin tests, treatments."""

from collections.abc import Iterable
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.core.days import moment
from clinic.core.todo import Todo
from prescriptions import review_queue, rights
from prescriptions.models import Prescription, PrescriptionItem, Treatment, TreatmentTurn
from prescriptions.skin_tests import OPEN
from prescriptions.states import AT_WINDOW, RxState
from prescriptions.treatment_list import ROW_TEST, known_to
from security.permissions import P


def of_pharmacy(user) -> Iterable[Todo]:
    if rights.reviews_as(user) is not None:
        count = review_queue.waiting().count()
        yield Todo(RxState.SUBMITTED.label, count, reverse("review_list"))
    if rights.works_at_window(user):
        count = Prescription.objects.filter(state__in=AT_WINDOW).count()
        yield Todo(RxState.PAID.label, count, reverse("dispense_list"))


def of_nurse(user) -> Iterable[Todo]:
    if user.has_perm(P.SKIN_TEST):
        tests = PrescriptionItem.objects.filter(
            skin_test="pending", removed_at__isnull=True, prescription__state__in=OPEN
        ).exclude(prescription__state=RxState.DRAFT)
        yield Todo(_("Skin test"), tests.count(), reverse("skin_test_list"))
    if user.has_perm(P.TREAT):
        end = moment(timezone.localdate() + timedelta(days=1))
        turns = TreatmentTurn.objects.filter(
            treatment__in=known_to(user).filter(state=Treatment.State.ORDERED),
            state__in=[TreatmentTurn.State.DUE, TreatmentTurn.State.RUNNING],
            due_at__gte=moment(timezone.localdate()),
            due_at__lt=end,
        ).exclude(ROW_TEST)
        yield Todo(_("Awaiting treatment"), turns.count(), reverse("treatment_list"))
