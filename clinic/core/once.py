"""A double click does the thing once.

Every form that changes something carries a random token. The token's row, the change and the place
where the form leads commit together: the second request finds the row and is sent to that place.
"""

import uuid
from collections.abc import Callable

from django.core.exceptions import SuspiciousOperation
from django.db import IntegrityError
from django.utils import timezone

from clinic.core.errors import Busy, Unanswered
from clinic.core.identifiers import identifier
from clinic.core.models import OnceToken
from clinic.core.prepared import prepared
from clinic.core.transactions import atomic_retry, part_of

LONGEST_LOCATION = OnceToken._meta.get_field("location").max_length


def token_of(request) -> uuid.UUID | None:
    """The form's token, or None when it is missing or none of ours."""
    return identifier(request.POST.get("once"))


def run_once(request, verb: Callable, *, to: Callable[[object], str], **arguments):
    """Call `verb(**arguments, by=request.user)` once per form; return (result, location).

    `to(result)` says where the form leads. For a repeated form the result is None and the
    location is the first one's. The verb's own errors pass through, and then nothing is noted.
    Another person's token is no slip of the finger: the request is refused as a bad one.
    """
    token = token_of(request)
    try:
        return _unless_done(request, token, verb, to, arguments)
    except Unanswered:
        if token is None:
            raise
        # Whether it was committed is known by the token, which stands in the same transaction.
    except IntegrityError:
        # Nothing was kept. A colleague wrote the same name or code between the verb's look and its
        # write: looking again it says so in words. What is refused again is a fault of ours.
        pass
    return _unless_done(request, token, verb, to, arguments)


def _unless_done(request, token, verb, to, arguments):
    location = done_before(token, request.user)
    if location is not None:
        return None, location
    try:
        return _claim_and_run(token, request.user, verb, to, arguments)
    except Busy:
        # It waited for the other click as long as it could, and that one may be through by now.
        location = done_before(token, request.user)
        if location is not None:
            return None, location
        raise
    except IntegrityError:
        # The other click was faster and committed while this one waited for its row.
        location = done_before(token, request.user)
        if location is not None:
            return None, location
        if token and OnceToken.objects.filter(token=token).exists():
            raise SuspiciousOperation("the form's token belongs to somebody else") from None
        raise


@atomic_retry
def _claim_and_run(token, user, verb, to, arguments):
    row = OnceToken(token=token, user=user) if token else None
    if row:
        row.save()
    result = part_of(verb)(**arguments, by=user)
    location = to(result)
    if row:
        # A place that is too long to be kept (people can type a `next`) is replaced by the start.
        row.location = location if len(location) <= LONGEST_LOCATION else "/"
        row.save(update_fields=["location"])
    return result, location


def done_before(token, user) -> str | None:
    """Where this form led when it was sent first; None when it is new."""
    if token is None:
        return None
    return _led_to.first(token, user)


@prepared
def _led_to(token: uuid.UUID, user: int):
    return OnceToken.objects.filter(token=token, user=user).values_list("location", flat=True)


def forget_old(*, days: int = 2) -> int:
    """Drop tokens that no browser can still send; called by the scheduler."""
    limit = timezone.now() - timezone.timedelta(days=days)
    return OnceToken.objects.filter(created_at__lt=limit).delete()[0]
