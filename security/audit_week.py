"""What stands out in a week of the audit log; each number leads to the entries behind it."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from clinic.core.days import moment
from clinic.core.site import setting
from security import resets
from security.audit_search import at_night
from security.models import AuditEntry, User

TOP = 5


@dataclass(frozen=True)
class Kind:
    """One sort of event that an auditor looks at every week."""

    key: str
    label: object
    asks: dict  # the fields of the auditor's filter that find these entries
    where: Q
    by: str = "actor"  # what the entries are counted by
    distinct: str = "pk"
    night: bool = False


FILES = Q(event="read", subject__isnull=False)
KINDS = [
    Kind(
        *("files", _("Patients' files opened"), {"event": "read", "files": "on"}, FILES),
        distinct="subject",
    ),
    Kind(
        *("night", _("At night, 22:00 to 06:00"), {"night": "on", "files": "on"}),
        Q(subject__isnull=False),
        night=True,
    ),
    Kind(
        *("glass", _("Files opened without care relation"), {"event": "break_glass"}),
        Q(event="break_glass"),
    ),
    Kind(
        *("refused", _("Refusals"), {"event": "refused"}),
        Q(event="refused"),
    ),
    Kind(
        *("failed", _("Failed sign-ins"), {"event": "sign_in", "outcome": "failed"}),
        Q(event="sign_in", outcome="failed"),
        by="remote_addr",
    ),
    Kind(
        *("passwords", _("One-time passwords given"), {"event": "password_reset"}),
        Q(event="password_reset"),
    ),
    Kind(
        *("codes", _("One-time codes reset"), {"event": "second_factor_reset"}),
        Q(event="second_factor_reset"),
    ),
    Kind(*("roles", _("Roles changed"), {"event": "roles"}, Q(event="roles"))),
    Kind(*("export", _("Exports"), {"event": "export"}), Q(event="export")),
]


@dataclass
class Line:
    """A kind with its numbers: this week, the week before, and who most of them come from."""

    kind: Kind
    url: str
    count: int
    before: int
    people: list[dict] = field(default_factory=list)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def summary(monday: date) -> list[Line]:
    """One line per kind of event."""
    most = setting("audit.many_files")
    lines = []
    for kind in KINDS:
        groups = _groups(kind, monday)
        before = _groups(kind, monday - timedelta(days=7))
        people = [_person(kind, group, monday, most) for group in groups[:TOP]]
        lines.append(
            Line(kind, _url(kind, monday), _sum(groups), _sum(before), people),
        )
    return lines


def _sum(groups: list[dict]) -> int:
    return sum(group["count"] for group in groups)


def _groups(kind: Kind, monday: date) -> list[dict]:
    """Entries of the week counted by person or address, most first."""
    sunday = monday + timedelta(days=6)
    entries = AuditEntry.objects.filter(
        kind.where,
        timestamp__gte=moment(monday),
        timestamp__lt=moment(monday + timedelta(days=7)),
    )
    if kind.night:
        entries = entries.filter(at_night(monday, sunday))
    names = ("actor", "actor_name") if kind.by == "actor" else (kind.by,)
    counted = entries.order_by().values(*names).annotate(count=Count(kind.distinct, distinct=True))
    return sorted(counted, key=lambda group: -group["count"])


def _person(kind: Kind, group: dict, monday: date, most: int) -> dict:
    actor = group.get("actor")
    return {
        "name": group.get("actor_name") or group.get("remote_addr") or "",
        "count": group["count"],
        "url": _url(kind, monday, actor=actor) if actor else "",
        "stands_out": kind.key == "files" and group["count"] >= most,
    }


def _url(kind: Kind, monday: date, **more) -> str:
    asks = {**kind.asks, "since": monday, "until": monday + timedelta(days=6), **more}
    return "?" + urlencode(asks)


def opened_without_care(monday: date) -> list[AuditEntry]:
    """The week's break-glass entries with their reasons, newest first."""
    return list(
        AuditEntry.objects.filter(
            event="break_glass",
            timestamp__gte=moment(monday),
            timestamp__lt=moment(monday + timedelta(days=7)),
        )
        .select_related("content_type")
        .order_by("-timestamp")[:20]
    )


def resets_of_guarded(monday: date) -> list[AuditEntry]:
    """The week's resets of auditors' and administrators' sign-ins, newest first: whoever did one
    could sign in as that person."""
    people = User.objects.filter(groups__name__in=resets.GUARDED)
    guarded = {str(user.pk): f"{user.username} {user.full_name}" for user in people}
    found = list(
        AuditEntry.objects.filter(
            event__in=["password_reset", "second_factor_reset"],
            object_pk__in=list(guarded),
            timestamp__gte=moment(monday),
            timestamp__lt=moment(monday + timedelta(days=7)),
        )
        .select_related("content_type")
        .order_by("-timestamp")[:20]
    )
    for entry in found:
        entry.whose = guarded[entry.object_pk]
    return found
