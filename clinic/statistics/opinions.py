"""The staff's own answer, asked on the home page once a month, anonymous (DOMAIN 10)."""

from datetime import timedelta

from django.utils import timezone

from clinic.core.models import Counter, Opinion
from clinic.navigation import home_of
from registration import opinions
from security import crypto

# Somebody who has just begun isn't asked how it is.
FIRST_DAYS = timedelta(days=30)


def once_of(user) -> str:
    month = f"{timezone.localdate():%Y-%m}"
    return crypto.lasting_digest("opinion.staff", f"{user.uid.hex} {month}")


def _asked_of(user) -> str:
    """A mark of its own, so that who put the question off and who answered look the same."""
    return f"asked.{crypto.lasting_digest('opinion.asked', once_of(user))}"


def is_due(user, url_name: str) -> bool:
    """On the home page alone, this month neither answered nor put off; one query."""
    if user.created_at > timezone.now() - FIRST_DAYS or url_name != home_of(user):
        return False
    return not Counter.objects.filter(name=_asked_of(user)).exists()


def put_off(*, by) -> None:
    """Not this month any more."""
    Counter.objects.get_or_create(name=_asked_of(by))


def answer(*, score: int, by) -> Opinion:
    """One answer a month."""
    kept = opinions.keep(asked=Opinion.Asked.STAFF, score=score, once=once_of(by))
    put_off(by=by)
    return kept


def staff_question(request) -> dict:
    """Template context: the five answers where somebody is asked now."""
    user, match = getattr(request, "user", None), getattr(request, "resolver_match", None)
    if user is None or match is None or not user.is_authenticated:
        return {}
    return {"staff_question": opinions.CHOICES} if is_due(user, match.view_name) else {}
