"""What an auditor looks at first: today's unusual entries, each number with those behind it."""

from collections.abc import Iterable
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from clinic.core.days import moment
from clinic.core.todo import Todo
from security.audit_week import KINDS
from security.models import AuditEntry
from security.permissions import P

# What happens all day long is no news of today.
NEWS = [kind for kind in KINDS if kind.key not in ("files", "night")]


def of_auditor(user) -> Iterable[Todo]:
    """One question for all kinds together."""
    if not user.has_perm(P.READ_AUDIT):
        return
    today = timezone.localdate()
    entries = AuditEntry.objects.filter(
        timestamp__gte=moment(today), event__in={kind.asks["event"] for kind in NEWS}
    )
    counts = list(entries.order_by().values_list("event", "outcome").annotate(Count("pk")))
    for kind in NEWS:
        outcome = kind.asks.get("outcome")
        count = sum(
            number
            for event, result, number in counts
            if event == kind.asks["event"] and outcome in (None, result)
        )
        asked = urlencode({**kind.asks, "since": today, "until": today})
        yield Todo(kind.label, count, f"{reverse('audit_list')}?{asked}")
