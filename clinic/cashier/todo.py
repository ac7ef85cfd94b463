"""Who waits to pay, and the step that takes the money, for lists of other pages."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.core.site import setting
from clinic.core.todo import Todo
from prescriptions.models import Prescription
from prescriptions.states import RxState
from registration import desk
from security.permissions import P


def takes_money(user) -> bool:
    return user.has_perm(P.TAKE_MONEY) and bool(setting("site.charges"))


def of_cashier(user) -> Iterable[Todo]:
    if takes_money(user):
        count = Prescription.objects.filter(state=RxState.UNPAID).count()
        yield Todo(_("Prescriptions to be paid"), count, reverse("cashier"))


def register_step() -> None:
    desk.register_step(
        desk.UNPAID,
        words=_("Take money"),
        may=takes_money,
        url=lambda visit, _target: reverse("bill", args=[visit.pk]),
    )
