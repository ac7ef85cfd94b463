"""“How was it?”: one question with five answers, anonymous (DOMAIN 10).

An answer keeps its score and its day, the staff's only its month. That nobody answers twice is
known by a keyed digest, and not even the order in which answers came can be read from the table.
"""

import secrets
from datetime import timedelta

from django.db import IntegrityError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.models import Opinion
from clinic.core.transactions import atomic_retry
from registration import place
from registration.models import Registration
from registration.online_limits import network_of
from registration.states import VisitState
from security import audit, crypto, throttles
from security.throttles import Counter

CHOICES = [
    (5, gettext_lazy("Very satisfied")),
    (4, gettext_lazy("Satisfied")),
    (3, gettext_lazy("So-so")),
    (2, gettext_lazy("Dissatisfied")),
    (1, gettext_lazy("Very dissatisfied")),
]
DAYS = 7  # the visit's own day included
MOST_OF_ADDRESS = 120  # in an hour: many phones share the clinic's own network
LARGEST_KEY = 2**62


def visit_of(token: str) -> Registration | None:
    """The finished visit of the last days whose slip carries this token."""
    since = timezone.localdate() - timedelta(days=DAYS - 1)
    visits = Registration.objects.filter(day__gte=since, state=VisitState.FINISHED)
    pks = visits.values_list("pk", flat=True)
    pk = next((pk for pk in pks if place.token_of(pk) == token), None)
    return None if pk is None else Registration(pk=pk)


def is_answered(visit: Registration) -> bool:
    return Opinion.objects.filter(once=once_of(visit)).exists()


def once_of(visit: Registration) -> str:
    return crypto.lasting_digest("opinion.patient", visit.pk.hex)


def answer(*, token: str, score: int, address: str) -> Opinion:
    """A patient's answer, once for each visit."""
    _check_address(address)
    visit = visit_of(token)
    if visit is None:
        raise RuleBroken(
            _("Not saved: there is no finished visit behind this code, or it is over a week ago.")
        )
    return keep(asked=Opinion.Asked.PATIENT, score=score, once=once_of(visit))


def keep(*, asked: str, score: int, once: str) -> Opinion:
    """The one writer of answers."""
    if score not in dict(CHOICES):
        raise RuleBroken(_("Not saved: please choose one of the five answers."))
    try:
        return _write(asked, score, once)
    except IntegrityError:
        raise AlreadyDone(_("Your answer was saved before. Thank you.")) from None


@atomic_retry
def _write(asked: str, score: int, once: str) -> Opinion:
    key, day = secrets.randbelow(LARGEST_KEY) + 1, timezone.localdate()
    if asked == Opinion.Asked.STAFF:  # on one day there may be one who answers, and logs tell who
        day = day.replace(day=1)
    return Opinion.objects.create(pk=key, asked=asked, score=score, day=day, once=once)


def _check_address(address: str) -> None:
    counter = Counter(limit=MOST_OF_ADDRESS, account="#opinion", address=network_of(address))
    if throttles.is_one_closed(counter):
        raise RuleBroken(
            _("Not saved: too many answers came from this connection. Please wait half an hour.")
        )
    if throttles.count_one(counter):
        audit.record("refused", outcome="refused", screen="opinion", data={"too_many": "address"})
