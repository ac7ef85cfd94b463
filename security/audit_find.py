"""The entries that fit what the auditor asked for: all of them, or in parts that an index holds."""

import functools
import operator
from datetime import time
from uuid import UUID

from django.db.models import Q

from clinic.core.days import moment
from security import mentions, subjects
from security.audit_search import AuditFilterForm, at_night
from security.models import AuditEntry, User


def search(form: AuditFilterForm):
    """The entries that fit the form; all of them when it is empty, none when it is wrong."""
    entries = AuditEntry.objects.select_related("content_type").order_by("-timestamp", "-pk")
    if not form.is_bound:
        return entries
    if not form.is_valid():
        return entries.none()
    wanted = form.cleaned_data
    entries = _plainly(entries, wanted)
    if wanted["who"]:
        entries = entries.filter(_anybody(wanted["who"]))
    patient = _patient(wanted)
    if patient:
        entries = about(entries, patient)
    return entries


def parts(form: AuditFilterForm, most: int) -> list:
    """The same in parts, each of which an index holds in the order of time; together they are read
    newest first as far as is wanted. An entry may stand in two of them. `most` is enough of any.
    """
    entries = AuditEntry.objects.order_by("-timestamp")
    if not form.is_bound:
        return [entries]
    if not form.is_valid():
        return []
    wanted = form.cleaned_data
    entries, patient = _plainly(entries, wanted), _patient(wanted)
    if patient:
        listed = None if _narrows(wanted) else most
        if wanted["who"]:
            entries = entries.filter(_anybody(wanted["who"]))
        numbers = mentions.entries_of(patient, listed)
        return [entries.filter(subject=patient), entries.filter(pk__in=numbers)]
    if wanted["who"]:
        return [entries.filter(each) for each in _each(wanted["who"])]
    return [entries]


def _narrows(wanted: dict) -> bool:
    """Whether the newest that name a patient may be none of those that are wanted."""
    names = ("who", "event", "outcome", "actor", "since", "until", "night", "files", "before")
    return any(wanted[name] for name in names)


def _plainly(entries, wanted: dict):
    """What the columns of an entry tell themselves."""
    for name in ("event", "outcome", "actor"):
        if wanted[name]:
            entries = entries.filter(**{name: wanted[name]})
    if wanted["files"]:
        entries = entries.filter(subject__isnull=False)
    if wanted["before"]:
        entries = _older_than(entries, wanted["before"])
    return _within(entries, wanted)


def _anybody(typed: str) -> Q:
    return functools.reduce(operator.or_, _each(typed))


def _each(typed: str) -> list[Q]:
    """Whose user name and name begin like this, each by an index; the accounts of a clinic are few.

    Without an account were those whose name stands in the entry alone: commands, failed sign-ins.
    """
    people = User.objects.order_by("pk").values_list("pk", "username", "full_name")
    start = typed.casefold()
    known = [pk for pk, *named in people if " ".join(named).casefold().startswith(start)]
    nobody = Q(actor=None, actor_name__istartswith=typed)
    return [*(Q(actor=pk) for pk in known), nobody]


def _patient(wanted: dict) -> UUID | None:
    return subjects.id_of(wanted["number"]) if wanted["number"] else wanted["patient"]


def _older_than(entries, number: int):
    entry = AuditEntry.objects.filter(pk=number).only("timestamp").first()
    if entry is None:
        return entries.none()
    return entries.filter(timestamp__lte=entry.timestamp).exclude(
        timestamp=entry.timestamp, pk__gte=number
    )


def _within(entries, wanted: dict):
    since, until = wanted["since"], wanted["until"]
    if since:
        entries = entries.filter(timestamp__gte=moment(since, time.min))
    if until:
        entries = entries.filter(timestamp__lte=moment(until, time.max))
    if wanted["night"] and since and until:
        entries = entries.filter(at_night(since, until))
    return entries


def about(entries, patient: UUID):
    """Entries about one patient, also those that list many of them."""
    return entries.filter(Q(subject=patient) | Q(pk__in=mentions.entries_of(patient)))
